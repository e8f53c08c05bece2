"""The price beside the button: per draft, in total, and what is left after it."""

from dataclasses import dataclass
from decimal import Decimal

from rivya_app.credits import wallet
from rivya_app.gateway.cards import ModelCard
from rivya_app.generations.price import unit_price
from rivya_app.workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class Price:
    """Amounts are credits. `each` is what is held; `low` is less only where it is an estimate."""

    each: Decimal
    low: Decimal
    total: Decimal
    balance: Decimal
    after: Decimal
    held: Decimal
    count: int
    is_fixed: bool
    words: str

    @property
    def is_enough(self) -> bool:
        return self.after >= 0


def quote(workspace: Workspace, model: ModelCard | None, draft_count: int) -> Price | None:
    """None where no model is chosen, so that no number is invented."""
    if model is None:
        return None
    unit, standing = unit_price(model), wallet.standing(workspace)
    total = unit.expected * draft_count
    return Price(
        each=unit.expected,
        low=unit.low,
        total=total,
        balance=standing.available,
        after=standing.available - total,
        held=standing.held,
        count=draft_count,
        is_fixed=unit.is_fixed,
        words=unit.words,
    )
