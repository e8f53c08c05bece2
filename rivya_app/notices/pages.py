"""What the pages of notices show. Only reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from babel.dates import format_date
from django.core.paginator import Page, Paginator
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rivya_app.core import clock, letters
from rivya_app.core.context import MOST_COUNTED
from rivya_app.core.text import reader_locale, up_to_words
from rivya_app.notices import access, ways
from rivya_app.notices.folding import Told, folded
from rivya_app.notices.forms import SettingsForm
from rivya_app.notices.models import Notice
from rivya_app.workspaces.models import Membership, Role

PAGE_SIZE = 30
FRESH = timedelta(minutes=5)
MOST_FRESH = 20

ICONS = {
    "result_ready": "image",
    "job_failed": "circle-x",
    "low_credits": "wallet",
    "low_balance": "wallet",
    "threshold": "wallet",
    "wallet_difference": "wallet",
    "over_budget": "megaphone",
    "key_trouble": "key-round",
    "key_ends": "key-round",
    "webhook_trouble": "webhook",
    "destination_trouble": "webhook",
    "model_changed": "shapes",
    "review_asked": "list-checks",
    "decided": "list-checks",
    "video_waits": "film",
    "package_ready": "package",
    "package_broken": "package",
    "yes_asked": "hand",
    "yes_answered": "hand",
    "handed_on": "users",
    "answer_ready": "message-circle",
    "answer_failed": "message-circle",
}


@dataclass(frozen=True)
class Unread:
    """How many are unread, counted to 99, and a version that is another when any of them is."""

    count: int
    version: str

    def __bool__(self) -> bool:
        return self.count > 0

    @property
    def words(self) -> str:
        return up_to_words(self.count, MOST_COUNTED)

    @property
    def said(self) -> str:
        """For the ear, when the number changed."""
        return ngettext(
            "%(count)s unread notification", "%(count)s unread notifications", self.count
        ) % {"count": self.words}


def unread_of(member: Membership) -> Unread:
    """One indexed query, however many there are."""
    ids = access.newest_unread(member, MOST_COUNTED + 1)
    return Unread(len(ids), f"{len(ids)}.{ids[0].hex[:12]}" if ids else "0")


@dataclass(frozen=True)
class Shown:
    """One line of the list."""

    told: Told
    icon: str


@dataclass(frozen=True)
class Day:
    """What was told on one day of the reader."""

    title: str
    lines: list[Shown]


def index_page(member: Membership, wanted: Mapping[str, str]) -> dict[str, Any]:
    """The list, narrowed by `kind` and `unread` of the address; `page` pages on."""
    kind = wanted.get("kind", "")
    kind = kind if kind in Notice.Kind.values else ""
    is_unread = wanted.get("unread") == "1"
    rows = access.notices_of(member)
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.filter(read_at=None) if is_unread else rows
    page = Paginator(rows, PAGE_SIZE).get_page(wanted.get("page"))
    query = {"kind": kind, "unread": "1" if is_unread else ""}
    return {
        "page": page,
        "days": _days(page),
        "kinds": _kinds(member, kind),
        "kind": kind,
        "is_unread": is_unread,
        "query": urlencode({name: value for name, value in query.items() if value}),
        "until": clock.now().isoformat(),
    }


def _days(page: "Page[Notice]") -> list[Day]:
    by_day = groupby(page.object_list, key=lambda notice: timezone.localdate(notice.created_at))
    return [Day(_day_words(day), _lines(notices)) for day, notices in by_day]


def _lines(notices: Iterable[Notice]) -> list[Shown]:
    return [Shown(told, ICONS.get(told.first.kind, "circle-alert")) for told in folded(notices)]


def _day_words(day: date) -> str:
    today = timezone.localdate(clock.now())
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    pattern = "EEEE, d MMM" if day.year == today.year else "EEEE, d MMM y"
    return format_date(day, pattern, locale=reader_locale())


def _kinds(member: Membership, chosen: str) -> list[tuple[str, Any]]:
    """What one can filter by: the kinds of this member's table, and the one chosen."""
    groups = ways.groups_for(member, [chosen])
    kinds = [Notice.Kind(way.kind) for group in groups for way in group.ways]
    return [("", _("All kinds")), *((kind.value, kind.label) for kind in kinds)]


def fresh_for(member: Membership) -> list[Notice]:
    """What came in the last minutes and is wanted in the browser. Which of it was shown there
    already, only the browser knows."""
    since = clock.now() - FRESH
    rows = access.notices_of(member).filter(read_at=None, created_at__gt=since)[:MOST_FRESH]
    choices = ways.of(member) if rows else {}
    return [row for row in rows if row.kind in choices and choices[row.kind].browser]


def settings_page(member: Membership, form: SettingsForm) -> dict[str, Any]:
    """The table of the form, and for owners whether letters of this server are stuck."""
    is_owner = member.has_role(Role.OWNER)
    return {
        "troubled": letters.troubled() if is_owner else None,
        "groups": _groups(form),
    }


@dataclass(frozen=True)
class SettingsRow:
    """One kind of the table with its two fields."""

    kind: str
    label: Any
    mail: Any
    browser: Any


def _groups(form: SettingsForm) -> list[tuple[Any, list[SettingsRow]]]:
    return [(group.title, [_row(form, way.kind) for way in group.ways]) for group in form.groups]


def _row(form: SettingsForm, kind: str) -> SettingsRow:
    label = Notice.Kind(kind).label
    return SettingsRow(kind, label, form[f"mail-{kind}"], form[f"browser-{kind}"])
