"""One list of the desk: filters, order and place, all of them in the address. Reads only.

A place is a row and not a number of a page. Every page costs the same few queries, however long
the list is: counting stops at MOST_COUNTED, and causes are counted over the newest of the list.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rivya_app.core import clock
from rivya_app.core.text import id_in, search_words
from rivya_app.desk import sources
from rivya_app.desk.models import Handled
from rivya_app.desk.sources import CAMPAIGN, KEY, MODEL, PERSON, Source
from rivya_app.workspaces.models import Membership

PAGE_SIZE = 30
MOST_COUNTED = 999
MOST_TALLIED = 3000  # rows of a list whose causes and ages are counted

Choices = list[tuple[str, str | Promise]]
HANDLED: Choices = [("", _("Not handled")), ("yes", _("Handled")), ("all", _("All of them"))]
AGES: Choices = [
    ("", _("Any age")),
    ("new", _("Since an hour at most")),
    ("hour", _("More than an hour")),
    ("day", _("More than a day")),
    ("week", _("More than a week")),
]
SORTS: Choices = [("", _("Newest first")), ("oldest", _("Oldest first"))]
_SPANS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for; unknown words count as nothing asked. People, campaigns and keys
    are named by their public ids."""

    kind: str = ""
    person: str = ""
    campaign: str = ""
    model: str = ""
    key: str = ""
    cause: str = ""
    age: str = ""
    handled: str = ""
    sort: str = ""

    @classmethod
    def read(cls, asked: QueryDict) -> "Filters":
        def known(name: str, choices: Choices) -> str:
            word = asked.get(name, "")
            return word if word in dict(choices) else ""

        kind = asked.get("kind", "")
        return cls(
            kind=kind if sources.find(kind) else "",
            person=id_in(asked.get(PERSON, "")),
            campaign=id_in(asked.get(CAMPAIGN, "")),
            model=search_words(asked.get(MODEL, "")),
            key=id_in(asked.get(KEY, "")),
            cause=search_words(asked.get("cause", "")),
            age=known("age", AGES),
            handled=known("handled", HANDLED),
            sort=known("sort", SORTS),
        )

    @property
    def is_narrowed(self) -> bool:
        spared = ("kind", "sort", "handled")
        return any(value for name, value in asdict(self).items() if name not in spared)

    @property
    def narrowed_count(self) -> int:
        spared = ("kind", "sort")
        return sum(bool(value) for name, value in asdict(self).items() if name not in spared)

    @property
    def fields(self) -> dict[str, str]:
        """For forms that come back to the same list."""
        return {name: value for name, value in asdict(self).items() if value}

    @property
    def query(self) -> str:
        """For links to other places of the same list."""
        return urlencode(self.fields)

    def but(self, **changed: str) -> str:
        """The query of the same list with something changed."""
        return replace(self, **changed).query


def rows_of(member: Membership, source: Source, handled: str = "") -> QuerySet[Any]:
    """The list, narrowed to what is handled or not; each row with `ref` and `why`."""
    rows = source.rows(member).annotate(ref=source.reference, why=source.cause)
    marks = Handled.objects.filter(
        workspace=member.workspace_id, kind=source.kind, reference=OuterRef("ref")
    )
    if handled == "all":
        return rows
    return rows.filter(Exists(marks) if handled == "yes" else ~Exists(marks))


def row_named(member: Membership, source: Source, reference: str) -> Any | None:
    """The row of a list with this reference, handled or not; None where it is not in the list."""
    row = rows_of(member, source, "all").filter(source.named(reference)).first()
    return row if row is not None and row.ref == reference else None


def any_of(source: Source, references: Iterable[str]) -> Q:
    """The rows with one of these references, as a condition."""
    condition = Q(pk__in=[])
    for reference in references:
        condition |= source.named(reference)
    return condition


def find(member: Membership, source: Source, filters: Filters) -> QuerySet[Any]:
    """The rows that match, in their order. A filter that the list has not narrows nothing."""
    rows = rows_of(member, source, filters.handled)
    for name in (PERSON, CAMPAIGN, MODEL, KEY):
        column, wanted = source.columns.get(name), getattr(filters, name)
        if column and wanted:
            rows = rows.filter(**{column if name == MODEL else f"{column}__public_id": wanted})
    if filters.cause:
        rows = rows.filter(why=filters.cause)
    if filters.age:
        rows = rows.filter(_aged(source.at, filters.age))
    return rows.order_by(*_order(source, filters))


def _aged(column: str, age: str) -> Q:
    now = clock.now()
    if age == "new":
        return Q(**{f"{column}__gte": now - _SPANS["hour"]})
    return Q(**{f"{column}__lt": now - _SPANS[age]})


def _order(source: Source, filters: Filters) -> list[Any]:
    is_rising = filters.sort == "oldest"
    return [F(name).asc() if is_rising else F(name).desc() for name in (source.at, source.tie)]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: behind, or before, a row named by its moment and its own name."""

    at: datetime
    tie: str
    is_before: bool = False

    @classmethod
    def read(cls, asked: QueryDict) -> "Place | None":
        word = asked.get("after") or asked.get("before") or ""
        moment, _sign, tie = word.partition("~")
        try:
            at = datetime.fromisoformat(moment)
        except ValueError:
            return None
        if at.tzinfo is None or not tie:
            return None
        return cls(at, search_words(tie), is_before="before" in asked and "after" not in asked)


def place_of(source: Source, row: Any) -> str:
    """A row as an address names it."""
    return f"{getattr(row, source.at).isoformat()}~{getattr(row, source.tie)}"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A page of a list."""

    rows: list[Any]
    has_previous: bool
    has_next: bool


def page_at(source: Source, rows: QuerySet[Any], filters: Filters, place: Place | None) -> Stretch:
    """PAGE_SIZE rows at this place, in one query; a place that is none is the beginning."""
    if source.tie == "public_id" and place is not None and not id_in(place.tie):
        place = None
    if place is None:
        found = list(rows[: PAGE_SIZE + 1])
        return Stretch(found[:PAGE_SIZE], has_previous=False, has_next=len(found) > PAGE_SIZE)
    further = rows.filter(_beyond(source, filters, place))
    if not place.is_before:
        found = list(further[: PAGE_SIZE + 1])
        return Stretch(found[:PAGE_SIZE], has_previous=True, has_next=len(found) > PAGE_SIZE)
    found = list(further.reverse()[: PAGE_SIZE + 1])
    if len(found) <= PAGE_SIZE:  # the beginning: a whole page of it
        return page_at(source, rows, filters, None)
    return Stretch(found[PAGE_SIZE - 1 :: -1], has_previous=True, has_next=True)


def _beyond(source: Source, filters: Filters, place: Place) -> Q:
    is_rising = filters.sort == "oldest"
    sign = "gt" if is_rising != place.is_before else "lt"
    beyond = Q(**{f"{source.at}__{sign}": place.at})
    same = Q(**{source.at: place.at, f"{source.tie}__{sign}": place.tie})
    # The first part alone can be found in an index.
    return Q(**{f"{source.at}__{sign}e": place.at}) & (beyond | same)


def count_of(rows: QuerySet[Any]) -> int:
    """How many, up to one more than MOST_COUNTED."""
    return rows.order_by()[: MOST_COUNTED + 1].count()


@dataclass(frozen=True, slots=True)
class Tally:
    """What a list holds, counted over its newest MOST_TALLIED rows: causes and ages with their
    numbers, and what its filters can be set to. `is_cut`: there are more."""

    causes: list[tuple[str, int]]
    ages: Mapping[str, int]
    values: Mapping[str, Sequence[Any]]  # by filter: keys of rows, or model ids
    is_cut: bool


def tally(member: Membership, source: Source, handled: str) -> Tally:
    """One query."""
    names = list(source.columns)
    rows = rows_of(member, source, handled).order_by(F(source.at).desc())
    columns = [source.columns[name] for name in names]
    found = list(rows.values_list("why", source.at, *columns)[: MOST_TALLIED + 1])
    counted = found[:MOST_TALLIED]
    now = clock.now()
    ages = {age: sum(row[1] < now - span for row in counted) for age, span in _SPANS.items()}
    return Tally(
        causes=Counter(row[0] for row in counted).most_common(),
        ages={"new": len(counted) - ages["hour"], **ages},
        values={
            name: sorted({row[place] for row in counted} - {None, ""})
            for place, name in enumerate(names, start=2)
        },
        is_cut=len(found) > MOST_TALLIED,
    )
