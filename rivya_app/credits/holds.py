"""Which references hold credits now, found from the newest backwards. Reads only."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.db.models.aggregates import Aggregate
from django.db.models.fields import BooleanField

from rivya_app.credits.models import CreditAccount, LedgerEntry

ZERO = Decimal(0)
Kind = LedgerEntry.Kind
FIRST_LOOK = 500  # holds; four times as many each time that was not far enough back


class _Any(Aggregate):
    function = "BOOL_OR"
    output_field = BooleanField()


@dataclass(frozen=True, slots=True)
class OpenHold:
    """Credits set aside for one reference. `is_at_rivya`: its wallet shows them as reserved."""

    reference: str
    amount: Decimal
    is_at_rivya: bool


def open_holds(account: CreditAccount, *, most: int | None = None) -> list[OpenHold]:
    """Every hold that is not closed, newest first; of the newest `most` holds alone, where given.

    Looks back only until it found all that the account holds, because what is open is young and
    the ledger is long. A hold of no credits may be left out.
    """
    if account.held <= 0:
        return []
    looked_at = FIRST_LOOK
    while True:
        newest = _newest(account, looked_at)
        found = _open_of(newest)
        is_all = sum((one.amount for one in found), ZERO) >= account.held
        is_end = len(newest) < looked_at or (most is not None and looked_at >= most)
        if is_all or is_end:
            return found
        looked_at *= 4


def before_rivya(account: CreditAccount) -> Decimal:
    """Credits held for calls Rivya has not accepted yet, so its wallet does not show them."""
    return sum((one.amount for one in open_holds(account) if not one.is_at_rivya), ZERO)


def _newest(account: CreditAccount, count: int) -> list[str]:
    rows = LedgerEntry.objects.filter(account=account, kind=Kind.HOLD)
    newest = rows.order_by("-created_at", "-id").values_list("reference", flat=True)
    return list(newest[:count])


def _open_of(references: list[str]) -> list[OpenHold]:
    rows: QuerySet[LedgerEntry] = LedgerEntry.objects.filter(reference__in=references).order_by()
    sums = rows.values("reference").annotate(
        moved=Sum("amount"),
        is_at_rivya=_Any(Q(kind=Kind.RESERVE)),
        is_closed=_Any(Q(kind__in=[Kind.SETTLE, Kind.RELEASE])),
    )
    found = {
        row["reference"]: OpenHold(row["reference"], -row["moved"], row["is_at_rivya"])
        for row in sums.filter(is_closed=False)
    }
    return [found[reference] for reference in references if reference in found]
