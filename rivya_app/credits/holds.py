"""Which references hold credits now, found from the newest backwards. Reads only."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.core.exceptions import ImproperlyConfigured
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
    """Credits set aside for one reference. `is_at_rivya`: its wallet shows them as reserved, for
    all that is known; `is_in_doubt`: it has not said so, and may have taken or let go of them."""

    reference: str
    amount: Decimal
    is_at_rivya: bool
    is_in_doubt: bool = False


# Of references whose reservation Rivya has not told, those that were sent all the same.
Sent = Callable[[Sequence[str]], set[str]]
_rooms: dict[str, Sent] = {}


def register(prefix: str, sent: Sent) -> None:
    """A room whose calls tell of a reservation only at their end answers in `ready()`."""
    if _rooms.get(prefix, sent) is not sent:
        raise ImproperlyConfigured(f"'{prefix}' says already what was sent.")
    _rooms[prefix] = sent


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
            return _with_doubt(found)
        looked_at *= 4


def _with_doubt(found: list[OpenHold]) -> list[OpenHold]:
    """One call for each kind of reference that cannot tell by its entries."""
    untold: dict[str, list[str]] = defaultdict(list)
    for one in found:
        prefix = one.reference.partition(":")[0]
        if not one.is_at_rivya and prefix in _rooms:
            untold[prefix].append(one.reference)
    sent = {name for prefix, names in untold.items() for name in _rooms[prefix](names)}
    return [
        replace(one, is_at_rivya=True, is_in_doubt=True) if one.reference in sent else one
        for one in found
    ]


def before_rivya(holding: Sequence[OpenHold]) -> Decimal:
    """Credits held for calls Rivya has not accepted yet, so its wallet does not show them."""
    return sum((one.amount for one in holding if not one.is_at_rivya), ZERO)


def in_doubt(holding: Sequence[OpenHold]) -> Decimal:
    """Credits of which nobody knows whether Rivya's wallet shows them as reserved."""
    return sum((one.amount for one in holding if one.is_in_doubt), ZERO)


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
