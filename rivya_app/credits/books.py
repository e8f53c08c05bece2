"""Whether a month's books close: what it began with, and what came and went, against what is there
now. Each side comes from rows of its own. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from rivya_app.credits import usage
from rivya_app.credits.models import CreditAccount, Difference, Usage

ZERO = Decimal(0)
_AMOUNT: Any = DecimalField(max_digits=14, decimal_places=2)
Kind = Difference.Kind


@dataclass(frozen=True, slots=True)
class Books:
    """One month until now, in credits. `began`, `differences` (by kind) and `spent` are added up;
    `available` and `held` are what the account says, so that the two can be compared."""

    since: datetime
    began: Decimal
    differences: dict[str, Decimal]
    spent: Decimal
    available: Decimal
    held: Decimal

    @property
    def added(self) -> Decimal:
        """What was there at the first reading, and top-ups."""
        return self.differences[Kind.FIRST_READING] + self.differences[Kind.TOP_UP]

    @property
    def returned(self) -> Decimal:
        return self.differences[Kind.RETURNED]

    @property
    def returned_size(self) -> Decimal:
        """Without its sign, which is below zero where the late return is of another month."""
        return abs(self.returned)

    @property
    def other_size(self) -> Decimal:
        return abs(self.other)

    @property
    def other(self) -> Decimal:
        """Used outside, expired and unknown: below zero as a rule."""
        return sum(self.differences.values(), ZERO) - self.added - self.returned

    @property
    def reckoned(self) -> Decimal:
        return self.began + self.added + self.returned + self.other - self.spent

    @property
    def now(self) -> Decimal:
        return self.available + self.held

    @property
    def gap(self) -> Decimal:
        """What is there beyond what was reckoned. Anything but zero is a fault of ours."""
        return self.now - self.reckoned


def books_of(account: CreditAccount) -> Books:
    """This month's, in one statement, so that no job can move credits between two readings.

    Wants `account.workspace` loaded.
    """
    since = usage.month_start(account.workspace)
    sums: dict[str, Any] = {"before": _sum(Q(differences__found_at__lt=since))}
    for kind in Kind.values:
        sums[f"in_{kind}"] = _sum(Q(differences__found_at__gte=since, differences__kind=kind))
    row: dict[str, Any] = dict(
        CreditAccount.objects.filter(pk=account.pk)
        .annotate(
            spent_ever=_spent(usage.ALL_TIME),
            spent_here=_spent(usage.month_of(account.workspace)),
            **sums,
        )
        .values()[0]
    )
    return Books(
        since=since,
        began=row["before"] - (row["spent_ever"] - row["spent_here"]),
        differences={kind: row[f"in_{kind}"] for kind in Kind.values},
        spent=row["spent_here"],
        available=row["available"],
        held=row["held"],
    )


def _sum(condition: Q) -> Coalesce:
    return Coalesce(Sum("differences__amount", filter=condition), ZERO, output_field=_AMOUNT)


def _spent(period: str) -> Coalesce:
    whole = Usage.objects.filter(
        account=OuterRef("pk"),
        scope=Usage.Scope.WORKSPACE,
        subject_id=OuterRef("pk"),
        period=period,
    )
    return Coalesce(Subquery(whole.values("spent")[:1]), ZERO, output_field=_AMOUNT)
