"""What a report is asked for: a period, filters, and what it is cut by; from an address and back.

Months and days are those of the zone in the address, so that a link means the same to everybody.
"""

import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.core import clock
from rivya_app.credits.report_choices import COLUMNS, NONE, Choices, Pick
from rivya_app.credits.report_spans import FIRST_YEAR, LAST_YEAR, Days, Span, month_start

OWN = "own"
PERIODS: dict[str, Promise] = {
    "this_month": gettext_lazy("This month"),
    "last_month": gettext_lazy("Last month"),
    "this_year": gettext_lazy("This year"),
    "last_30_days": gettext_lazy("Last 30 days"),
    "all": gettext_lazy("All time"),
    OWN: gettext_lazy("Chosen days"),
}
BY: dict[str, Promise] = {
    "person": gettext_lazy("By person"),
    "campaign": gettext_lazy("By campaign"),
    "workflow": gettext_lazy("By workflow"),
    "model": gettext_lazy("By model"),
    "key": gettext_lazy("By key"),
    "day": gettext_lazy("By day"),
}
FIELDS: dict[str, Promise] = {
    "period": gettext_lazy("Period"),
    "from": gettext_lazy("First day"),
    "to": gettext_lazy("Last day"),
    "person": gettext_lazy("Person"),
    "campaign": gettext_lazy("Campaign"),
    "workflow": gettext_lazy("Workflow"),
    "model": gettext_lazy("Model"),
    "key": gettext_lazy("Key"),
    "zone": gettext_lazy("Days in"),
    "by": gettext_lazy("Cut by"),
    "month": gettext_lazy("Month"),
}
Errors = dict[str, str]  # the name of a field, and what is wrong with it


@dataclass(frozen=True, slots=True)
class Cut:
    """One question to the ledger. `picks` holds what it is narrowed to, by dimension."""

    zone: ZoneInfo
    period: str = "this_month"
    first: date | None = None  # of an own period, both within it
    last: date | None = None
    picks: Mapping[str, Pick] = field(default_factory=dict)
    by: str = "person"

    @property
    def span(self) -> Span:
        """The days it asks for, as of now."""
        today = clock.now().astimezone(self.zone).date()
        first, last = _days(self, today)
        return Span(first, last, self.zone)

    @property
    def where(self) -> dict[str, Any]:
        """Its filters as the ledger's columns know them."""
        return dict(_condition(name, pick) for name, pick in self.picks.items())

    @property
    def is_narrowed(self) -> bool:
        return bool(self.picks)

    @property
    def query(self) -> str:
        """As an address says it. Read again, it is the same cut."""
        said = {"period": self.period, "zone": self.zone.key, "by": self.by}
        if self.period == OWN:
            said |= {"from": str(self.first or ""), "to": str(self.last or "")}
        said |= {name: pick.value for name, pick in self.picks.items()}
        return urlencode({name: value for name, value in said.items() if value})

    def only(self, dimension: str, pick: Pick) -> "Cut":
        """Narrowed to one of its rows."""
        return replace(self, picks={**self.picks, dimension: pick})

    def within(self, part: Days) -> "Cut":
        """Of these days alone."""
        return replace(self, period=OWN, first=part.first, last=part.last)


def _condition(dimension: str, pick: Pick) -> tuple[str, Any]:
    column = COLUMNS[dimension]
    if pick.value != NONE:
        return column, pick.key
    return (column, "") if dimension == "model" else (f"{column}__isnull", True)


def _days(cut: Cut, today: date) -> tuple[date | None, date | None]:
    if cut.period == "this_month":
        return month_start(today), month_start(today, 1) - timedelta(days=1)
    if cut.period == "last_month":
        return month_start(today, -1), month_start(today) - timedelta(days=1)
    if cut.period == "this_year":
        return date(today.year, 1, 1), date(today.year, 12, 31)
    if cut.period == "last_30_days":
        return today - timedelta(days=29), today
    return (cut.first, cut.last) if cut.period == OWN else (None, None)


def wrongs(errors: Errors) -> list[tuple[str, str | Promise, str]]:
    """What is wrong, to be listed: the field's name, its label, the words."""
    return [(name, FIELDS[name], words) for name, words in errors.items()]


def read_cut(asked: Mapping[str, str], choices: Choices) -> tuple[Cut, Errors]:
    """What an address asks for; what is wrong in it is left out, and said by field."""
    errors: Errors = {}
    first, last = _day(asked, "from", errors), _day(asked, "to", errors)
    if first and last and first > last:
        errors["to"] = _("This day is before the first one.")
        last = None
    cut = Cut(
        zone=_zone(asked, errors),
        period=_one_of(asked, "period", PERIODS, errors) or "this_month",
        first=first,
        last=last,
        picks=picks_of(asked, choices, errors),
        by=_one_of(asked, "by", BY, errors) or "person",
    )
    return cut, errors


def reader_zone() -> ZoneInfo:
    """The zone the reader chose in their profile."""
    name = timezone.get_current_timezone_name()
    return zone_named(name) or ZoneInfo("UTC")


def zone_named(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _zone(asked: Mapping[str, str], errors: Errors) -> ZoneInfo:
    name = asked.get("zone", "")
    found = zone_named(name)
    if name and found is None:
        errors["zone"] = _("This time zone is not known. Your own is used.")
    return found or reader_zone()


def _one_of(
    asked: Mapping[str, str], name: str, known: Mapping[str, object], errors: Errors
) -> str:
    value = asked.get(name, "")
    if value and value not in known:
        errors[name] = _("This is not one of the choices.")
    return value if value in known else ""


def _day(asked: Mapping[str, str], name: str, errors: Errors) -> date | None:
    typed = asked.get(name, "").strip()
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        errors[name] = _("Write the day as year-month-day, such as 2026-11-22.")
        return None
    if not FIRST_YEAR <= day.year < LAST_YEAR:
        errors[name] = _("This day is too far away.")
        return None
    return day


def picks_of(
    asked: Mapping[str, str], choices: Choices, errors: Errors, dimensions: Iterable[str] = COLUMNS
) -> dict[str, Pick]:
    """What an address narrows to, by dimension; what the workspace does not have goes to errors."""
    found = {}
    for name in dimensions:
        value = asked.get(name, "")
        pick = choices.picked(name, value) if value else None
        if pick is not None:
            found[name] = pick
        elif value:
            errors[name] = _("There is no such choice in this workspace. It is left out.")
    return found
