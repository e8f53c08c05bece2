"""What a campaign has cost and may still cost, from the ledger, to the credit. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count

from rivya_app.credits import budgets
from rivya_app.reviews.models import Review
from rivya_app.workspaces.models import Campaign

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Money:
    """Amounts are credits. `used` is what is held and what is spent; `budget` None: no limit."""

    budget: Decimal | None
    used: Decimal
    spent: Decimal
    approved_count: int

    @property
    def held(self) -> Decimal:
        return self.used - self.spent

    @property
    def left(self) -> Decimal | None:
        """Never below zero; see `over`."""
        return None if self.budget is None else max(ZERO, self.budget - self.used)

    @property
    def over(self) -> Decimal:
        """How far beyond the budget: Rivya reserved more than was held, or the budget was lowered,
        or an owner let something through."""
        return ZERO if self.budget is None else max(ZERO, self.used - self.budget)

    @property
    def per_approved(self) -> Decimal | None:
        """Spent credits by approved file; None where none is approved."""
        if not self.approved_count:
            return None
        return (self.spent / self.approved_count).quantize(Decimal("0.01"))

    @property
    def spent_share(self) -> float:
        """Percent of the bar, whose length is the budget, or what is used where that is more."""
        return self._share(self.spent)

    @property
    def held_share(self) -> float:
        return self._share(self.held)

    def _share(self, part: Decimal) -> float:
        whole = max(self.budget or ZERO, self.used)
        return round(float(max(ZERO, part) * 100 / whole), 2) if whole else 0.0


def money_of(campaigns: Iterable[Campaign]) -> dict[int, Money]:
    """By campaign key, in two queries."""
    rows = list(campaigns)
    used = budgets.used_by(rows)
    approved = _approved(rows)
    return {row.pk: Money(row.budget, *used[row.pk], approved.get(row.pk, 0)) for row in rows}


def _approved(campaigns: list[Campaign]) -> dict[int, int]:
    """Files with an approval that stands: a file has at most one."""
    rows = Review.objects.filter(campaign__in=campaigns, state=Review.State.APPROVED).order_by()
    return dict(rows.values_list("campaign").annotate(Count("pk")))
