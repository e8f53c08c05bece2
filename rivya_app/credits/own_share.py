"""A member's own share: what they spent, and what they can still spend. Reads only."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.core.one_moment import one_moment
from rivya_app.credits import budgets, limits, report, report_entries
from rivya_app.credits.limits import State
from rivya_app.credits.models import CreditAccount, Limit
from rivya_app.credits.report_choices import Choices
from rivya_app.credits.report_cut import Cut, reader_zone
from rivya_app.gateway import access as gateway
from rivya_app.workspaces import access
from rivya_app.workspaces.models import Campaign, Membership, Role

Scope = Limit.Scope
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Room:
    """One bound of what a member may spend. Amounts are credits; `left` may be below zero."""

    name: str
    period: str
    amount: Decimal
    used: Decimal

    @property
    def left(self) -> Decimal:
        return self.amount - self.used


def mine_page(member: Membership, asked: Mapping[str, str]) -> dict[str, Any]:
    """This month in the reader's zone; the list goes back as far as the ledger does."""
    with one_moment():
        choices = Choices(member)
        account = report.account_of(member.workspace)
        mine = Cut(zone=reader_zone(), picks={"person": choices.of("person", member.pk)})
        by_model = report.report_of(account, replace(mine, by="model"), choices)
        by_campaign = report.report_of(account, replace(mine, by="campaign"), choices)
        before, ever = asked.get("before", ""), replace(mine, period="all")
        page = report_entries.page_of(account, ever, choices, before=before, size=SHOWN)
        held, rooms = report.held_now(account, mine), rooms_of(account, member)
    older = f"{reverse('credits:mine')}?{urlencode({'before': page.older})}" if page.older else ""
    return {
        "total": by_model.total,
        "held": held,
        "balance": account.available if account else report.ZERO,
        "balance_read_at": account.wallet_read_at if account else None,
        "by_model": [row for row in by_model.rows if row.sums.spent],
        "by_campaign": [row for row in by_campaign.rows if row.sums.spent],
        "page": page,
        "older_url": older,
        "first_url": reverse("credits:mine"),
        "is_first": not asked.get("before"),
        "rooms": rooms,
        "may_submit": member.has_role(*access.MAY_SUBMIT),
        "may_spend": member.has_role(*access.MAY_SUBMIT),
        "sees_all": member.has_role(Role.OWNER, Role.SUPPORT),
    }


def rooms_of(account: CreditAccount | None, member: Membership) -> list[Room]:
    """Everything that can refuse what the member starts, beside the balance: hard limits, and the
    budgets of campaigns that are open to them."""
    open_here = list(access.submits_to(member))
    found = (
        [] if account is None else [_of_limit(one) for one in _states(account, member, open_here)]
    )
    with_budget = [one for one in open_here if one.budget is not None]
    used = budgets.used_by(with_budget)
    found += [
        Room(_campaign_name(one), _("Budget"), one.budget or report.ZERO, used[one.pk][0])
        for one in with_budget
    ]
    return found + [room for rooms in _contributors.values() for room in rooms(member)]


# Of a member, what else of their own choice can refuse what they start.
Contributor = Callable[[Membership], list[Room]]
_contributors: dict[str, Contributor] = {}


def register(name: str, rooms: Contributor) -> None:
    """A room above says in `ready()` which bounds of its own count for a member."""
    if _contributors.get(name, rooms) is not rooms:
        raise ImproperlyConfigured(f"'{name}' adds to the own share already.")
    _contributors[name] = rooms


def _states(account: CreditAccount, member: Membership, campaigns: list[Campaign]) -> list[State]:
    rows = Limit.objects.filter(account=account, ended_at=None, is_hard=True)
    flows = gateway.workflows(member).filter(archived_at=None)
    mine = Q(scope=Scope.WORKSPACE) | Q(member=member) | Q(campaign__in=campaigns)
    mine |= Q(api_key__line__in=flows.values("api_key__line"))
    return limits.states_of(account, rows.filter(mine).select_related("campaign", "api_key"))


def _of_limit(state: State) -> Room:
    limit = state.limit
    return Room(_limit_name(limit), limit.get_period_display(), limit.amount, state.use.used)


def _limit_name(limit: Limit) -> str:
    if limit.campaign:
        return _campaign_name(limit.campaign)
    if limit.api_key:
        return _("Key %(purpose)s") % {"purpose": limit.api_key.purpose}
    return _("You") if limit.scope == Scope.MEMBER else _("Everybody together")


def _campaign_name(campaign: Campaign) -> str:
    return _("Campaign %(name)s") % {"name": campaign.name}
