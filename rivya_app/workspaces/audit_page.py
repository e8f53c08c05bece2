"""What was noted, as a page and as a table to take away. Reads only; filters stand in the URL."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from rivya_app.core.text import id_in
from rivya_app.workspaces import audit, role_words
from rivya_app.workspaces.models import AuditEntry, Membership, Role
from rivya_app.workspaces.team_words import FACTS, LISTS

PAGE_SIZE = 50
MOST_ROWS = 50_000  # of one download


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for; unknown words count as nothing asked. Days are the reader's."""

    act: str = ""
    person: str = ""  # a membership's public id
    since: str = ""
    until: str = ""  # the last day, included

    @classmethod
    def read(cls, asked: QueryDict) -> "Filters":
        act = asked.get("act", "")
        return cls(
            act=act if act in audit.acts() else "",
            person=id_in(asked.get("person", "")),
            since=_day_in(asked.get("since", "")),
            until=_day_in(asked.get("until", "")),
        )

    @property
    def query(self) -> str:
        """For links to other pages of the same list."""
        return urlencode({name: value for name, value in asdict(self).items() if value})


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in words. `facts` are (label, value)."""

    at: datetime
    by: str
    act: str
    words: str
    subject: str
    facts: list[tuple[str, str]]
    address: str


def audit_page(member: Membership, asked: QueryDict) -> dict[str, Any]:
    """One page of what was noted in the member's workspace, newest first."""
    filters = Filters.read(asked)
    pages = Paginator(_found(member, filters), PAGE_SIZE)
    page = pages.get_page(asked.get("page"))
    return {
        "page": page,
        "lines": _lines(page.object_list),
        "filters": filters,
        "query": filters.query,
        "acts": _act_choices(),
        "people": _people(member),
    }


def csv_rows(member: Membership, asked: QueryDict) -> list[list[object]]:
    """The same as a table: times in UTC, acts as codes and as words. At most MOST_ROWS."""
    found = _found(member, Filters.read(asked))[:MOST_ROWS]
    head: list[object] = ["time", "person", "act", "words", "subject", "facts", "address"]
    rows: list[list[object]] = [
        [
            line.at.isoformat(),
            line.by,
            line.act,
            line.words,
            line.subject,
            "; ".join(f"{label}: {value}" for label, value in line.facts),
            line.address,
        ]
        for line in _lines(found.iterator(chunk_size=2000))
    ]
    return [head, *rows]


def _found(member: Membership, filters: Filters) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.filter(workspace=member.workspace_id)
    if filters.act:
        rows = rows.filter(act=filters.act)
    if filters.person:
        people = Membership.objects.filter(workspace=member.workspace_id)
        rows = rows.filter(user__in=people.filter(public_id=filters.person).values("user"))
    if filters.since:
        rows = rows.filter(created_at__gte=_midnight(filters.since))
    if filters.until:
        rows = rows.filter(created_at__lt=_midnight(filters.until, days=1))
    return rows.order_by("-created_at", "-id")


def _lines(entries: Iterable[AuditEntry]) -> list[Line]:
    return [
        Line(
            at=entry.created_at,
            by=entry.by,
            act=entry.act,
            words=audit.words_of(entry.act),
            subject="" if entry.subject == entry.by else entry.subject,
            facts=_facts(entry.facts),
            address=entry.address or "",
        )
        for entry in entries
    ]


def _facts(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    said = [(name, value) for name, value in facts.items() if value not in ("", None)]
    return [(_label(name), _value(name, value)) for name, value in said]


def _label(name: str) -> str:
    return str(FACTS.get(name) or name.replace("_", " "))


def _value(name: str, value: Any) -> str:
    """In the reader's words where they are known: yes and no, roles, before and after."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        is_change = len(value) == 2 and (name not in LISTS or isinstance(value[0], list))
        return (" → " if is_change else ", ").join(_value(name, one) for one in value)
    words = str(value).split(", ")
    return role_words.named(words) if set(words) <= set(Role.values) else str(value)


def _act_choices() -> list[tuple[str, str]]:
    return sorted(
        ((act, str(words)) for act, words in audit.acts().items()), key=lambda one: one[1]
    )


def _people(member: Membership) -> list[tuple[str, str]]:
    """Everybody who ever was in the team."""
    rows = Membership.objects.filter(workspace=member.workspace_id).select_related("user")
    named = [(str(one.public_id), str(one)) for one in rows]
    return sorted(named, key=lambda one: one[1].casefold())


def _day_in(typed: str) -> str:
    try:
        day = parse_date(typed)
    except ValueError:
        return ""
    return day.isoformat() if day and date(1970, 1, 2) < day < date(9999, 1, 1) else ""


def _midnight(day: str, *, days: int = 0) -> datetime:
    """Where this day begins for the reader."""
    start = datetime.combine(date.fromisoformat(day) + timedelta(days=days), datetime.min.time())
    return timezone.make_aware(start)
