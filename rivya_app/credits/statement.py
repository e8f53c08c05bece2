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


@dataclass(frozen=True, slots=True)
class Course:
    """What happened to the credits of one reference; None: that has not happened (yet).

    `held` before the call, `reserved` by Rivya when it accepted, `taken` for good and `returned`
    at the end: below zero where more was taken than was reserved.
    """

    held: Decimal
    reserved: Decimal | None
    taken: Decimal | None
    returned: Decimal | None


def course_of(reference: str) -> Course | None:
    """None where nothing was ever held for it; one query."""
    kinds = LedgerEntry.Kind
    entries = {row.kind: row for row in LedgerEntry.objects.filter(reference=reference)}
    first = entries.get(kinds.HOLD)
    if first is None:
        return None
    accepted = entries.get(kinds.RESERVE)
    closing = entries.get(kinds.SETTLE) or entries.get(kinds.RELEASE)
    return Course(
        held=-first.amount,
        reserved=None if accepted is None else -(first.amount + accepted.amount),
        taken=None if closing is None else closing.spent,
        returned=None if closing is None else closing.amount,
    )


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
