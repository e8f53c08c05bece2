"""How much of a campaign's budget is used: what is held and what is spent. Writes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum

from rivya_app.credits import usage
from rivya_app.credits.models import LedgerEntry, Usage
from rivya_app.workspaces.models import Campaign

ZERO = Decimal(0)


def left_of(campaign: Campaign) -> Decimal | None:
    """Credits the campaign may still hold or spend, below zero where it is over; None: no limit.

    The budget is read from its row, not from `campaign`, which may be older than a change of it.
    """
    rows = Usage.objects.filter(
        scope=Usage.Scope.CAMPAIGN, subject_id=OuterRef("pk"), period=usage.ALL_TIME
    )
    used = Subquery(rows.values_list(F("held") + F("spent")))
    found = Campaign.objects.annotate(used=used).values_list("budget", "used")
    budget, taken = found.get(pk=campaign.pk)
    return None if budget is None else budget - (taken or ZERO)


def used_by(campaigns: Iterable[Campaign]) -> dict[int, tuple[Decimal, Decimal]]:
    """By campaign key: credits used in all (held and spent), and those spent for good."""
    keys = [campaign.pk for campaign in campaigns]
    found = dict.fromkeys(keys, (ZERO, ZERO))
    rows = Usage.objects.filter(
        scope=Usage.Scope.CAMPAIGN, subject_id__in=keys, period=usage.ALL_TIME
    )
    for key, held, spent in rows.values_list("subject_id", "held", "spent"):
        found[key] = (held + spent, spent)
    return found


@dataclass(frozen=True, slots=True)
class Share:
    """One row of a campaign's cost. Amounts are credits; `used` is held and spent together."""

    member: str
    model_id: str
    job_count: int
    used: Decimal
    spent: Decimal

    @property
    def held(self) -> Decimal:
        return self.used - self.spent


def shares_of(campaign: Campaign) -> list[Share]:
    """A campaign's credits by person and model, the dearest first; their sum is the campaign's."""
    rows = LedgerEntry.objects.filter(campaign=campaign).order_by()
    # By member, since two people may have one name.
    cut = rows.values_list("member", "member__user__name", "model_id").annotate(
        jobs=Count("pk", filter=Q(kind=LedgerEntry.Kind.HOLD)),
        used=-Sum("amount"),
        gone=Sum("spent"),
    )
    dearest = cut.order_by("-used", "member__user__name", "model_id")
    return [Share(*row) for _member, *row in dearest]
