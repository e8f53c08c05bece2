"""Rivya's balance over time against what our ledger expected, thinned out for a picture."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import QuerySet

from rivya_app.core import clock
from rivya_app.credits.models import CreditAccount, WalletSnapshot

DAYS = (7, 30, 90)
POINTS = 60  # at most so many are drawn
WIDE, HIGH = 720, 180  # of the drawing, in its own units


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at Rivya's balance. `expected` None: jobs moved credits while it was read."""

    at: datetime
    balance: Decimal
    expected: Decimal | None

    @property
    def gap(self) -> Decimal | None:
        """What Rivya has beyond what we expected."""
        return None if self.expected is None else self.balance - self.expected


# The reading of each span that differs most, else its last: a gap must not be thinned away.
_READINGS = """
SELECT DISTINCT ON (span)
       date_bin(make_interval(secs => %s), read_at, %s::timestamptz) AS span,
       read_at, balance, expected
  FROM credits_walletsnapshot
 WHERE account_id = %s AND read_at >= %s
 ORDER BY span, abs(balance - expected) DESC NULLS LAST, read_at DESC
"""


def readings_of(account: CreditAccount, days: int) -> list[Reading]:
    """The last so many days, oldest first, at most POINTS and one. One query."""
    since, span = clock.now() - timedelta(days=days), timedelta(days=days) / POINTS
    with connection.cursor() as cursor:
        cursor.execute(_READINGS, (span.total_seconds(), str(since), account.pk, str(since)))
        return [Reading(*row[1:]) for row in cursor.fetchall()]


def balance_at(account: CreditAccount, moment: datetime) -> WalletSnapshot | None:
    """The last reading until then."""
    rows: QuerySet[WalletSnapshot] = account.snapshots.filter(read_at__lte=moment)
    return rows.order_by("-read_at").first()


@dataclass(frozen=True, slots=True)
class Chart:
    """Path data in units of WIDE by HIGH, where gaps are, and the lines of the scale."""

    balance: str
    expected: str
    gaps: list[tuple[float, float]]
    scale: list[tuple[float, Decimal]]
    first: datetime
    last: datetime


def chart_of(readings: list[Reading]) -> Chart | None:
    """None where there are too few readings to draw a line."""
    if len(readings) < 2:
        return None
    amounts = [one.balance for one in readings]
    amounts += [one.expected for one in readings if one.expected is not None]
    lowest, highest = min(Decimal(0), *amounts), max(Decimal(1), *amounts)
    begun, length = readings[0].at, (readings[-1].at - readings[0].at).total_seconds() or 1

    def across(one: Reading) -> float:
        return round((one.at - begun).total_seconds() / length * WIDE, 1)

    def down(amount: Decimal) -> float:
        return round(float((highest - amount) / (highest - lowest)) * HIGH, 1)

    known = [(across(one), down(one.balance)) for one in readings]
    expected: list[tuple[float, float] | None] = []
    for one in readings:
        expected.append(None if one.expected is None else (across(one), down(one.expected)))
        if one.gap:  # from here on the ledger goes by what Rivya said
            expected.append((across(one), down(one.balance)))
    return Chart(
        balance=_path(list(known)),
        expected=_path(expected),
        gaps=[place for place, one in zip(known, readings, strict=True) if one.gap],
        scale=[(down(amount), amount) for amount in _scale(lowest, highest)],
        first=begun,
        last=readings[-1].at,
    )


def _path(places: list[tuple[float, float] | None]) -> str:
    """Lines from place to place; what is not known leaves a hole."""
    words, is_on = [], False
    for place in places:
        if place is not None:
            words.append(f"{'L' if is_on else 'M'}{place[0]} {place[1]}")
        is_on = place is not None
    return "".join(words)


def _scale(lowest: Decimal, highest: Decimal) -> list[Decimal]:
    """Round numbers between the two, three or four of them."""
    step = Decimal(10) ** (highest - lowest).log10().to_integral_value(rounding="ROUND_FLOOR")
    while (highest - lowest) / step < 3:
        step /= 2
    while (highest - lowest) / step > 5:
        step *= 2
    first = -(-lowest // step)
    return [step * (first + number) for number in range(6) if step * (first + number) <= highest]
