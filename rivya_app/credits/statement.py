"""What references cost, read from the ledger. Writes nothing.

An entry's `amount` is the change of the account, so the negative sum of a reference's entries is
what is spent for good and what is still held together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from rivya_app.credits.models import LedgerEntry

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Amounts:
    """Credits that are gone, and credits set aside."""

    spent: Decimal = ZERO
    held: Decimal = ZERO

    @property
    def all(self) -> Decimal:
        return self.spent + self.held


def spent_and_held(references: Iterable[str]) -> dict[str, Amounts]:
    """By reference, those the ledger does not know left out; one query."""
    wanted = set(references) - {""}
    if not wanted:
        return {}
    rows = LedgerEntry.objects.filter(reference__in=wanted).order_by().values("reference")
    sums = rows.annotate(moved=Sum("amount"), gone=Sum("spent"))
    return {
        row["reference"]: Amounts(spent=row["gone"], held=-row["moved"] - row["gone"])
        for row in sums
    }


def entries_of(reference: str) -> list[LedgerEntry]:
    """Every movement of one reference, in their order."""
    return list(LedgerEntry.objects.filter(reference=reference).order_by("id"))


def total(amounts: Iterable[Amounts]) -> Amounts:
    """All of them together."""
    rows = list(amounts)
    return Amounts(
        spent=sum((one.spent for one in rows), ZERO), held=sum((one.held for one in rows), ZERO)
    )
