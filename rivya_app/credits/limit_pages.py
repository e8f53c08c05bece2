"""What the pages about limits show. Reads only."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse

from rivya_app.credits import budgets, limit_access, limit_words, limits
from rivya_app.credits.limit_actions import WantedLimit
from rivya_app.credits.limit_forms import LimitForm
from rivya_app.credits.limits import BUDGET_THRESHOLDS
from rivya_app.credits.models import Limit
from rivya_app.credits.usage import Use
from rivya_app.workspaces.access import campaigns
from rivya_app.workspaces.campaigns import MAY_CHANGE as MAY_CHANGE_CAMPAIGNS
from rivya_app.workspaces.models import Campaign, Membership

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Bar:
    """How much of an amount is spent and held; shares and marks are percent of its length, which is
    the amount, or what is used where that is more."""

    amount: Decimal
    use: Use
    thresholds: tuple[int, ...] = ()

    @property
    def left(self) -> Decimal:
        return max(ZERO, self.amount - self.use.used)

    @property
    def over(self) -> Decimal:
        return max(ZERO, self.use.used - self.amount)

    @property
    def percent(self) -> int:
        return limits.percent_of(self.use.used, self.amount)

    @property
    def spent_share(self) -> float:
        return self._share(self.use.spent)

    @property
    def held_share(self) -> float:
        return self._share(self.use.held)

    @property
    def marks(self) -> list[float]:
        """Where the thresholds stand."""
        return [self._share(self.amount * one / 100) for one in self.thresholds]

    def _share(self, part: Decimal) -> float:
        whole = max(self.amount, self.use.used)
        return round(float(max(ZERO, part) * 100 / whole), 2) if whole else 0.0


@dataclass(frozen=True, slots=True)
class LimitRow:
    """One limit in the list."""

    limit: Limit
    title: str
    period: str
    bar: Bar
    passed: tuple[int, ...]  # thresholds, in percent


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """A campaign's own budget, which its own form changes."""

    campaign: Campaign
    url: str
    bar: Bar


def index_page(member: Membership) -> dict[str, Any]:
    """Every limit with how it stands, and the campaigns' budgets beside them."""
    account = limits.account_of(member)
    states = limits.states_of(account, limit_access.limits(member)) if account else []
    return {
        "rows": sorted(map(_row, states), key=_place),
        "budgets": _budgets(member),
        "may_change": member.has_role(*limit_access.MAY_CHANGE),
        "may_change_budgets": member.has_role(*MAY_CHANGE_CAMPAIGNS),
    }


_ORDER = [Limit.Scope.WORKSPACE, Limit.Scope.CAMPAIGN, Limit.Scope.MEMBER, Limit.Scope.KEY]


def _place(row: LimitRow) -> tuple[int, str, bool]:
    """The workspace's first, then by name; of one name the one that refuses."""
    return _ORDER.index(Limit.Scope(row.limit.scope)), row.title, not row.limit.is_hard


def _row(state: limits.State) -> LimitRow:
    limit = state.limit
    return LimitRow(
        limit=limit,
        title=limit_words.title(limit),
        period=limit_words.period_words(limit),
        bar=Bar(limit.amount, state.use, tuple(limit.thresholds)),
        passed=tuple(one for one in limit.thresholds if one <= state.percent and state.use.used),
    )


def _budgets(member: Membership) -> list[BudgetRow]:
    rows = list(campaigns(member).filter(is_archived=False, budget__isnull=False))
    used = budgets.used_by(rows)
    found = []
    for campaign in rows:
        taken, spent = used[campaign.pk]
        bar = Bar(campaign.budget or ZERO, Use(spent, taken - spent), BUDGET_THRESHOLDS)
        found.append(
            BudgetRow(campaign, reverse("campaigns:change", args=[campaign.public_id]), bar)
        )
    return found


def form_page(form: LimitForm, *, asks_about: Bar | None = None) -> dict[str, Any]:
    """A limit being made or changed; `asks_about` where it is less than what is used already."""
    limit = form.limit
    state = limits.states_of(limit.account, [limit])[0] if limit else None
    return {
        "form": form,
        "limit": limit,
        "row": _row(state) if state else None,
        "asks_about": asks_about,
    }


def end_page(limit: Limit) -> dict[str, Any]:
    """Whether it is to end."""
    return {"limit": limit, "row": _row(limits.states_of(limit.account, [limit])[0])}


def below_use(member: Membership, wanted: WantedLimit) -> Bar | None:
    """What is used already, where a hard limit would be less than that; None where it is not."""
    account = limits.account_of(member)
    if account is None or not wanted.is_hard:
        return None
    bar = Bar(wanted.amount, limits.states_of(account, [wanted.of(account)])[0].use)
    return bar if bar.over else None
