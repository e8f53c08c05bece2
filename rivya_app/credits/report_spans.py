"""Days of a calendar in one time zone, as the moments at which they begin. Asks nobody."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

FIRST_YEAR, LAST_YEAR = 2000, 2100  # what a report may be asked for
_DAYS_AS_DAYS, _DAYS_AS_WEEKS, _DAYS_AS_MONTHS = 35, 190, 1900
_DAYS_DRAWN_EMPTY = 400  # a longer span is drawn from its first entry to its last
DAY, WEEK, MONTH, YEAR = "day", "week", "month", "year"


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The moment a day begins there, in UTC. A day that a zone left out begins when it ends."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def month_start(day: date, months: int = 0) -> date:
    """The first of the month that is `months` after the day's own."""
    number = day.year * 12 + day.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Days:
    """From the first day to the last one, both within it."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def begins_at(self) -> datetime:
        return start_of(self.first, self.zone)

    @property
    def ends_at(self) -> datetime:
        """The first moment that is no longer within it."""
        return start_of(self.last + timedelta(days=1), self.zone)

    @property
    def step(self) -> str:
        """How finely it is drawn, so that there are some dozens of columns at most."""
        count = (self.last - self.first).days + 1
        if count <= _DAYS_AS_DAYS:
            return DAY
        if count <= _DAYS_AS_WEEKS:
            return WEEK
        return MONTH if count <= _DAYS_AS_MONTHS else YEAR

    def holds(self, other: "Days") -> bool:
        return self.first <= other.first and other.last <= self.last


@dataclass(frozen=True, slots=True)
class Span:
    """The same with ends that may be open: None is no bound."""

    first: date | None
    last: date | None
    zone: ZoneInfo

    @property
    def begins_at(self) -> datetime | None:
        return start_of(self.first, self.zone) if self.first else None

    @property
    def ends_at(self) -> datetime | None:
        return start_of(self.last + timedelta(days=1), self.zone) if self.last else None

    @property
    def is_short(self) -> bool:
        """Whether each of its days can be drawn, whatever is in them."""
        return bool(self.first and self.last) and self.count <= _DAYS_DRAWN_EMPTY

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1 if self.first and self.last else 0

    def around(self, oldest: datetime, newest: datetime) -> Days:
        """Its days, but for those before and after what it is to hold where it is open or long."""
        first, last = oldest.astimezone(self.zone).date(), newest.astimezone(self.zone).date()
        if self.first and (self.is_short or self.first > first):
            first = self.first
        if self.last and (self.is_short or self.last < last):
            last = self.last
        return Days(min(first, last), last, self.zone)


def parts_of(days: Days, step: str) -> list[Days]:
    """Days cut into single ones, weeks from Monday, months or years, in order."""
    starts = [days.first]
    while (following := _next(starts[-1], step)) <= days.last:
        starts.append(following)
    ends = [after - timedelta(days=1) for _start, after in pairwise(starts)]
    return [
        Days(first, last, days.zone) for first, last in zip(starts, [*ends, days.last], strict=True)
    ]


def _next(day: date, step: str) -> date:
    if step == DAY:
        return day + timedelta(days=1)
    if step == WEEK:
        return day + timedelta(days=7 - day.weekday())
    return month_start(day, 1) if step == MONTH else date(day.year + 1, 1, 1)
