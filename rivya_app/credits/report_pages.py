"""What the pages about spent credits show, gathered for their templates. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise

from rivya_app.core import clock
from rivya_app.core.one_moment import one_moment
from rivya_app.credits import report, report_entries, report_words
from rivya_app.credits.report import Report, Row
from rivya_app.credits.report_chart import Chart, Column, chart_of
from rivya_app.credits.report_choices import COLUMNS, Choices, Pick
from rivya_app.credits.report_cut import (
    BY,
    FIELDS,
    OWN,
    PERIODS,
    Cut,
    Errors,
    read_cut,
    reader_zone,
    wrongs,
)
from rivya_app.credits.usage import zone_of
from rivya_app.gateway import access as gateway
from rivya_app.workspaces.models import Membership, Role

Asked = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row of the table, with the entries behind it and its share in percent."""

    row: Row
    name: str
    url: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Filter:
    """One choice above a report, as the reader made it."""

    name: str
    label: str | Promise
    chosen: str
    options: list[Pick]
    error: str


def with_zone(asked: Asked) -> str:
    """The query of an address that names no zone, with the reader's own."""
    return urlencode({**{name: asked[name] for name in asked}, "zone": reader_zone().key})


def where_page(member: Membership, asked: Asked) -> dict[str, Any]:
    """Where the credits went, as the address asks."""
    with one_moment():
        choices = Choices(member)
        cut, errors = read_cut(asked, choices)
        account = report.account_of(member.workspace)
        found = report.report_of(account, cut, choices)
        held = report.held_now(account, cut)
    chart = chart_of(found)
    return {
        **_about(member, cut, errors, choices, asked),
        "report": found,
        "total": found.total,
        "held": held,
        "title": report_words.finding(found),
        "rows": _shown(found),
        "chart": chart,
        "columns": _columns(cut, chart) if chart else [],
        "by_links": _by_links(cut),
        "is_owner": member.has_role(Role.OWNER),
    }


def _about(
    member: Membership, cut: Cut, errors: Errors, choices: Choices, asked: Asked
) -> dict[str, Any]:
    """The filters, and what the cut is called."""
    return {
        "cut": cut,
        "query": cut.query,
        "period_words": report_words.period_words(cut),
        "filter_words": report_words.filter_words(cut),
        "errors": errors,
        "wrongs": wrongs(errors),
        "periods": PERIODS,
        "is_own": cut.period == OWN,
        "typed": {name: asked.get(name, "") for name in ("from", "to")},
        "filters": [
            Filter(
                name,
                FIELDS[name],
                cut.picks[name].value if name in cut.picks else "",
                choices.offered(name),
                errors.get(name, ""),
            )
            for name in COLUMNS
        ],
        "zones": _zones(member, cut),
        "read_at": clock.now(),
    }


def _zones(member: Membership, cut: Cut) -> list[str]:
    """Those that are likely to be wanted: the address's, the reader's, the workspace's, UTC."""
    names = [cut.zone.key, reader_zone().key, zone_of(member.workspace).key, "UTC"]
    return list(dict.fromkeys(names))


def entries_url(cut: Cut, **more: str) -> str:
    """The list of what a cut counts."""
    extra = f"&{urlencode(more)}" if more else ""
    return f"{reverse('credits:entries')}?{cut.query}{extra}"


def _shown(found: Report) -> list[ShownRow]:
    total = found.total.spent
    return [
        ShownRow(
            row=row,
            name=report_words.name_of(row),
            url=entries_url(_narrowed(found.cut, row)),
            percent=row.sums.spent * 100 / total if total else report.ZERO,
        )
        for row in found.rows
    ]


def _narrowed(cut: Cut, row: Row) -> Cut:
    return cut.within(row.days) if row.pick is None else cut.only(cut.by, row.pick)


def _columns(cut: Cut, chart: Chart) -> list[tuple[Column, str]]:
    return [(column, entries_url(cut.within(column.days))) for column in chart.columns]


def _by_links(cut: Cut) -> list[tuple[str, str | Promise, bool]]:
    return [(replace(cut, by=name).query, words, name == cut.by) for name, words in BY.items()]


def entries_page(member: Membership, asked: Asked) -> dict[str, Any]:
    """The references behind a cut, one page of them."""
    is_all = asked.get("costless") == "1"
    with one_moment():
        choices = Choices(member)
        cut, errors = read_cut(asked, choices)
        account = report.account_of(member.workspace)
        page = report_entries.page_of(
            account, cut, choices, before=asked.get("before", ""), is_all=is_all
        )
    shown = {"costless": "1"} if is_all else {}
    return {
        **_about(member, cut, errors, choices, asked),
        "page": page,
        "is_all": is_all,
        "is_first": not asked.get("before"),
        "first_url": entries_url(cut, **shown),
        "older_url": entries_url(cut, **shown, before=page.older) if page.older else "",
        "switch_url": entries_url(cut, **({} if is_all else {"costless": "1"})),
    }


def kept_page(member: Membership, asked: Asked) -> dict[str, Any]:
    """Jobs that failed and still cost credits."""
    with one_moment():
        account = report.account_of(member.workspace)
        lines, older = report_entries.kept_lines(
            account, Choices(member), before=asked.get("before", "")
        )
    older_url = f"{reverse('credits:kept')}?{urlencode({'before': older})}" if older else ""
    return {"lines": lines, "older_url": older_url, "is_first": not asked.get("before")}


def csv_of(member: Membership, asked: Asked) -> tuple[Any, str]:
    """The chunks of a cut's table, read when they are asked for, and a name for the file."""
    choices = Choices(member)
    cut, _errors = read_cut(asked, choices)
    account = report.account_of(member.workspace)
    keys = report_entries.names_of_keys(gateway.keys_of(member))
    days = cut.span
    name = f"credits {days.first or 'start'} {days.last or clock.now().astimezone(cut.zone).date()}"
    return report_entries.csv_chunks(account, cut, keys, choices), name
