"""Telling that a limit, a campaign's budget or the balance runs out: once for each occasion.

The ledger and what changes limits call it under the account's lock; unique rows stand behind that.
"""

from collections.abc import Iterable, Sequence

from django.urls import NoReverseMatch, reverse

from rivya_app.core import clock
from rivya_app.core.text import credit_number
from rivya_app.credits.limits import Bound
from rivya_app.credits.models import BudgetTold, CreditAccount, Limit, ThresholdTold
from rivya_app.notices import actions as notices
from rivya_app.notices.models import Notice
from rivya_app.workspaces.access import deciders_of, owners_of
from rivya_app.workspaces.models import Campaign, Membership


def tell(account: CreditAccount, bounds: Iterable[Bound]) -> None:
    """Of each bound that stands past thresholds nobody was told of in its period: one notice, for
    the highest. All that were passed are written down, so that none of them is told later."""
    for bound in bounds:
        percent = bound.percent
        passed = [one for one in bound.thresholds if one <= percent]
        if not passed or bound.use.used <= 0:
            continue
        if bound.limit_id is None:
            _tell_of_budget(account, bound, passed)
        else:
            _tell_of_limit(account, bound.limit_id, bound, passed)


def _tell_of_limit(
    account: CreditAccount, limit_id: int, bound: Bound, passed: Sequence[int]
) -> None:
    """To the owners, and to whose limit it is."""
    known = ThresholdTold.objects.filter(limit=limit_id, period=bound.period)
    told = set(known.values_list("threshold", flat=True))
    ThresholdTold.objects.bulk_create(
        (
            ThresholdTold(
                limit_id=limit_id, period=bound.period, threshold=one, used=bound.use.used
            )
            for one in passed
            if one not in told
        ),
        ignore_conflicts=True,
    )
    if max(passed) > max(told, default=0):
        _notify_of_limit(account, limit_id, bound, max(passed))


def _notify_of_limit(account: CreditAccount, limit_id: int, bound: Bound, threshold: int) -> None:
    limit = Limit.objects.select_related(
        "campaign", "member__user", "api_key", "account__workspace"
    ).get(pk=limit_id)
    key = f"threshold:{limit.public_id}:{bound.period}:{threshold}:{bound.amount}"
    facts = {"name": limit.name, "percent": threshold}
    owners = owners_of(account.workspace)
    _notify(owners, facts, f"{reverse('credits:limits')}#limit-{limit.public_id}", key)
    others = [limit.member] if limit.member and limit.member.is_active else []
    if limit.campaign:
        others = list(deciders_of(account.workspace, limit.campaign))
    _notify(_without(others, owners), facts, _path_for_others(limit.campaign), key)


def _tell_of_budget(account: CreditAccount, bound: Bound, passed: Sequence[int]) -> None:
    """To those who can raise it, and who decide in the campaign."""
    known = BudgetTold.objects.filter(campaign=bound.subject_id, budget=bound.amount)
    told = set(known.values_list("threshold", flat=True))
    BudgetTold.objects.bulk_create(
        (
            BudgetTold(
                campaign_id=bound.subject_id,
                budget=bound.amount,
                threshold=one,
                used=bound.use.used,
            )
            for one in passed
            if one not in told
        ),
        ignore_conflicts=True,
    )
    if max(passed) <= max(told, default=0):
        return
    campaign = Campaign.objects.get(pk=bound.subject_id)
    people = [*owners_of(account.workspace), *deciders_of(account.workspace, campaign)]
    facts = {"name": campaign.name, "percent": max(passed), "of": "budget"}
    key = f"threshold:budget:{campaign.public_id}:{bound.amount}:{max(passed)}"
    _notify(people, facts, _path_for_others(campaign), key)


def _notify(people: Iterable[Membership], facts: dict[str, object], link: str, key: str) -> None:
    notices.tell(people, kind=Notice.Kind.THRESHOLD, facts=facts, link=link, event_key=key)


def _without(people: Iterable[Membership], others: Iterable[Membership]) -> list[Membership]:
    known = {one.pk for one in others}
    return [one for one in people if one.pk not in known]


def _path_for_others(campaign: Campaign | None) -> str:
    """Where those see it who do not change limits."""
    if campaign is not None:
        return reverse("campaigns:show-campaign", args=[campaign.public_id])
    try:
        return reverse("credits:mine")
    except NoReverseMatch:
        return reverse("home")


def forget_above(limit: Limit, bound: Bound) -> None:
    """After a limit was raised: what is not passed any more is told again when it is."""
    later = ThresholdTold.objects.filter(limit=limit, period=bound.period)
    later.filter(threshold__gt=bound.percent).delete()


def watch_balance(account: CreditAccount) -> None:
    """Tell owners when the balance falls below their mark; again only after it was above it.

    `account` is as it is about to be written; `low_told_at` remembers it there.
    """
    if account.available >= account.low_mark:
        account.low_told_at = None
        return
    if account.low_told_at is not None:
        return
    account.low_told_at = clock.now()
    left, mark = credit_number(account.available), credit_number(account.low_mark)
    notices.tell(
        owners_of(account.workspace),
        kind=Notice.Kind.LOW_BALANCE,
        facts={"left": left, "mark": mark},
        link=_cockpit(),
        event_key=f"low-balance:{account.public_id}:{account.low_told_at.isoformat()}",
    )


def _cockpit() -> str:
    try:
        return reverse("credits:cockpit")
    except NoReverseMatch:
        return reverse("home")
