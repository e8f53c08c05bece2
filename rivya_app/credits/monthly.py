"""A month's statement, to be printed: of the workspace, a campaign or a person. Reads only.

Months are the workspace's own, whoever reads: those that limits and the kept sums count by.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.db.models import Min, Q, Sum
from django.utils.translation import gettext as _

from rivya_app.core import clock
from rivya_app.core.one_moment import one_moment
from rivya_app.core.text import reader_locale
from rivya_app.credits import report, report_entries
from rivya_app.credits.models import CreditAccount, LedgerEntry
from rivya_app.credits.report import ZERO, Kind, Sums
from rivya_app.credits.report_choices import Choices
from rivya_app.credits.report_cut import OWN, Cut, Errors, picks_of, wrongs
from rivya_app.credits.report_entries import Line
from rivya_app.credits.report_spans import month_start
from rivya_app.credits.usage import zone_of
from rivya_app.workspaces.models import Membership

MOST_LINES = 400  # jobs listed one by one; a month with more is listed by day
_MOST_MONTHS = 120
_OF = ("campaign", "person")


@dataclass(frozen=True, slots=True)
class Day:
    """A day on which something was spent, with its jobs where they are listed."""

    day: date
    sums: Sums
    lines: list[Line]


def statement_page(member: Membership, asked: Mapping[str, str]) -> dict[str, Any]:
    """The month the address names, else the running one."""
    zone = zone_of(member.workspace)
    with one_moment():
        choices = Choices(member)
        account = report.account_of(member.workspace)
        months = _months(account, zone)
        cut, errors = _read(asked, months, choices, zone)
        by_model = report.report_of(account, replace(cut, by="model"), choices)
        days = _days(account, cut, choices, by_model.total)
        held_before, held_after = _held_at_ends(account, cut)
    return {
        "cut": cut,
        "errors": errors,
        "wrongs": wrongs(errors),
        "month": _month_words(cut.first),
        "months": [(f"{month:%Y-%m}", _month_words(month)) for month in months],
        "chosen_month": f"{cut.first:%Y-%m}",
        "offered": [(name, choices.offered(name), _chosen(cut, name)) for name in _OF],
        "of": " · ".join(pick.name for pick in cut.picks.values()),
        "total": by_model.total,
        "by_model": [row for row in by_model.rows if row.sums.spent],
        "days": days,
        "is_by_job": by_model.total.count <= MOST_LINES,
        "held_before": held_before,
        "held_after": held_after,
        "is_running": cut.span.ends_at is None or cut.span.ends_at > clock.now(),
        "read_at": clock.now(),
        "zone": zone.key,
    }


def _months(account: CreditAccount | None, zone: ZoneInfo) -> list[date]:
    """Every month since the first entry, the newest first."""
    entries = LedgerEntry.objects.filter(account=account)
    oldest = entries.aggregate(at=Min("created_at"))["at"] or clock.now()
    first, month = month_start(oldest.astimezone(zone).date()), month_start(_today(zone))
    found = [month]
    while month > first and len(found) < _MOST_MONTHS:
        month = month_start(month, -1)
        found.append(month)
    return found


def _today(zone: ZoneInfo) -> date:
    return clock.now().astimezone(zone).date()


def _read(
    asked: Mapping[str, str], months: list[date], choices: Choices, zone: ZoneInfo
) -> tuple[Cut, Errors]:
    errors: Errors = {}
    typed = asked.get("month", "")
    month = next((one for one in months if f"{one:%Y-%m}" == typed), None)
    if typed and month is None:
        errors["month"] = _("There are no entries in this month. The running month is shown.")
    first = month or months[0]
    picks = picks_of(asked, choices, errors, _OF)
    last = month_start(first, 1) - timedelta(days=1)
    return Cut(zone=zone, period=OWN, first=first, last=last, picks=picks, by="day"), errors


def _chosen(cut: Cut, name: str) -> str:
    return cut.picks[name].value if name in cut.picks else ""


def _month_words(month: date | None) -> str:
    return format_date(month, "LLLL y", locale=reader_locale())


def _days(account: CreditAccount | None, cut: Cut, choices: Choices, total: Sums) -> list[Day]:
    """Days with something spent, in order; with their jobs unless these are too many to read."""
    by_day = report.report_of(account, cut, choices)
    days = sorted((row for row in by_day.rows if row.sums.spent), key=lambda row: row.days.first)
    jobs: list[list[Line]] = [[] for _day in days]
    if total.count <= MOST_LINES:
        starts = [row.days.begins_at for row in days]
        rows = report.closings(account, cut).exclude(spent=0).order_by("created_at", "id")
        for line in report_entries.lines_of(list(rows), choices):
            jobs[bisect_right(starts, line.at) - 1].append(line)
    return [Day(row.days.first, row.sums, mine) for row, mine in zip(days, jobs, strict=True)]


def _held_at_ends(account: CreditAccount | None, cut: Cut) -> tuple[Decimal, Decimal]:
    """Credits that were set aside when the month began, and when it ended (now, while it runs)."""
    before, within = Q(created_at__lt=cut.span.begins_at), Q(created_at__lt=cut.span.ends_at)
    rows = LedgerEntry.objects.filter(within, account=account, **cut.where)
    sums = (
        rows.exclude(kind=Kind.WALLET)
        .order_by()
        .aggregate(
            moved_before=Sum("amount", filter=before),
            gone_before=Sum("spent", filter=before),
            moved=Sum("amount"),
            gone=Sum("spent"),
        )
    )
    found = {name: value or ZERO for name, value in sums.items()}
    return -(found["moved_before"] + found["gone_before"]), -(found["moved"] + found["gone"])
