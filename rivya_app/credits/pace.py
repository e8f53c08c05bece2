"""How fast credits go and how long they last, from what was spent lately. Reads only."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Sum
from django.db.models.functions import TruncDate

from rivya_app.core import clock
from rivya_app.credits import usage
from rivya_app.credits.models import CreditAccount, LedgerEntry

ZERO = Decimal(0)
LOOKED_BACK = 14  # days
LEAST_HISTORY = 7  # days an account must be known before a pace is said
LEAST_SPENT = 3  # days with spending among those looked at
A_LONG_TIME = 365  # days; beyond it a number would promise too much


@dataclass(frozen=True, slots=True)
class Pace:
    """Credits a day over the last `days`, None where it cannot be told yet.

    `history` is for how many whole days the account is known, `spent_on` on how many of the days
    looked at something was spent, `today` what was spent since midnight in the workspace.
    """

    a_day: Decimal | None
    days: int
    history: int
    spent_on: int
    today: Decimal

    @property
    def is_young(self) -> bool:
        """Whether the account is too new for a pace; else it is too few days with spending."""
        return self.history < LEAST_HISTORY

    @property
    def shown(self) -> Decimal | None:
        """The pace as a person reads it: whole credits, below ten with a tenth."""
        if self.a_day is None:
            return None
        step = Decimal(1) if self.a_day >= 10 else Decimal("0.1")
        return self.a_day.quantize(step, rounding=ROUND_HALF_UP)

    def days_left(self, amount: Decimal) -> int | None:
        """Whole days that so many credits last at this pace; None where that cannot be told."""
        if self.a_day is None:
            return None
        return max(0, int(amount / self.a_day))

    def used_in(self, days: int) -> Decimal | None:
        """What will be used in so many days at this pace."""
        return None if self.a_day is None else self.a_day * max(0, days)


def pace_of(account: CreditAccount) -> Pace:
    """Two queries, however long the ledger is. Wants `account.workspace` loaded."""
    now = clock.now()
    by_day = spent_by_day(account, since=now - timedelta(days=LOOKED_BACK))
    first = LedgerEntry.objects.filter(account=account).order_by("created_at")
    began = first.values_list("created_at", flat=True).first() or now
    history = (now - began) / timedelta(days=1)
    return _pace(by_day, history, usage.local_day(account.workspace, now))


def _pace(by_day: dict[date, Decimal], history: float, today: date) -> Pace:
    days = min(LOOKED_BACK, int(history))
    can_tell = history >= LEAST_HISTORY and len(by_day) >= LEAST_SPENT
    length = Decimal(min(float(LOOKED_BACK), history))
    return Pace(
        a_day=sum(by_day.values(), ZERO) / length if can_tell else None,
        days=days,
        history=int(history),
        spent_on=len(by_day),
        today=by_day.get(today, ZERO),
    )


def spent_by_day(account: CreditAccount, *, since: datetime) -> dict[date, Decimal]:
    """Credits gone for good by day of the workspace, days without any left out. One query."""
    rows = LedgerEntry.objects.filter(account=account, created_at__gte=since).exclude(spent=0)
    day = TruncDate("created_at", tzinfo=usage.zone_of(account.workspace))
    sums = rows.order_by().values(day=day).annotate(total=Sum("spent"))
    return dict(sums.values_list("day", "total"))


def spent_between(account: CreditAccount, since: datetime, until: datetime) -> Decimal:
    """Credits gone for good from `since` until before `until`. One query, on an index alone."""
    rows = LedgerEntry.objects.filter(
        account=account, created_at__gte=since, created_at__lt=until
    ).exclude(spent=0)
    return rows.aggregate(total=Sum("spent"))["total"] or ZERO
