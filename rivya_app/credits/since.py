"""What changed since the same time yesterday, as far as the ledger knows. Reads only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from rivya_app.core import clock
from rivya_app.credits import readings
from rivya_app.credits.models import CreditAccount, Difference, LedgerEntry

ZERO = Decimal(0)
Kind = LedgerEntry.Kind


@dataclass(frozen=True, slots=True)
class Change:
    """The last 24 hours, in credits. `balance_then` None: it was not read yet.

    `returned` came back from jobs that ended without cost, and later from Rivya; `ended_count`
    jobs ended, `free_count` of them without cost.
    """

    balance_then: Decimal | None
    balance_now: Decimal | None
    spent: Decimal
    returned: Decimal
    added: Decimal
    ended_count: int
    free_count: int
    difference_count: int
    unknown_count: int

    @property
    def is_nothing(self) -> bool:
        """Whether nothing moved at all."""
        return not (self.ended_count or self.difference_count)


def since_yesterday(account: CreditAccount) -> Change:
    """Three queries over one day's rows."""
    yesterday = clock.now() - timedelta(days=1)
    then = readings.balance_at(account, yesterday)
    jobs = _jobs(account, yesterday)
    moved = _moved(account, yesterday)
    return Change(
        balance_then=then.balance if then else None,
        balance_now=account.wallet,
        spent=jobs["spent"] or ZERO,
        returned=(jobs["back"] or ZERO) + (moved["returned"] or ZERO),
        added=moved["added"] or ZERO,
        ended_count=jobs["settled"] + jobs["free"],
        free_count=jobs["free"],
        difference_count=moved["count"],
        unknown_count=moved["unknown"],
    )


def _jobs(account: CreditAccount, since: datetime) -> dict[str, Any]:
    rows = LedgerEntry.objects.filter(account=account, created_at__gte=since)
    return rows.aggregate(
        spent=Sum("spent"),
        back=Sum("amount", filter=Q(kind=Kind.RELEASE)),
        settled=Count("pk", filter=Q(kind=Kind.SETTLE)),
        free=Count("pk", filter=Q(kind=Kind.RELEASE)),
    )


def _moved(account: CreditAccount, since: datetime) -> dict[str, Any]:
    kinds = Difference.Kind
    rows = Difference.objects.filter(account=account, found_at__gte=since)
    return rows.aggregate(
        added=Sum("amount", filter=Q(kind__in=[kinds.TOP_UP, kinds.FIRST_READING])),
        returned=Sum("amount", filter=Q(kind=kinds.RETURNED)),
        count=Count("pk"),
        unknown=Count("pk", filter=Q(kind=kinds.UNKNOWN)),
    )
