"""The kinds of things that may need somebody: each is a list of rows, registered in `ready()`.

The pages here know a list only by what is said in its `Source`, so that a new kind of thing joins
by registering one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Expression, F, Q, QuerySet
from django.utils.functional import Promise

from rivya_app.core.text import id_in
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import Membership

# What the filters can narrow by, as the addresses name it.
PERSON, CAMPAIGN, MODEL, KEY = "person", "campaign", "model", "key"


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a list as the reader sees it. `url` leads to where it can be put right."""

    reference: str
    title: str
    url: str
    at: datetime
    who: str
    credits: str = ""  # held or kept, in words
    campaign: str = ""
    model: str = ""
    media_kind: str = "image"
    picture: StoredFile | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One list. `rows(member)` is everything in it, of the member's workspace and in any order."""

    kind: str  # in addresses, and in Handled.kind
    label: str | Promise
    about: str | Promise  # one sentence: what stands here
    tone: str  # a state of the pages (components/_state.html)
    rows: Callable[[Membership], QuerySet[Any]]
    cause: Expression | F  # why it stands here, as a code
    words: Callable[[str], str]  # the words of such a code
    reference: Expression | F  # its name, as in the ledger
    named: Callable[[str], Q]  # the row of such a name, by a column that has an index
    at: str  # the column of the time since when
    tie: str  # a unique column for rows of the same moment
    items: Callable[[Membership, Sequence[Any]], list[Item]]  # a constant number of queries
    columns: Mapping[str, str] = field(default_factory=dict)  # by filter, foreign keys and texts
    acts: tuple[str, ...] = ()  # codes of desk.acts beside marking it as handled


def by_public_id(reference: str) -> Q:
    """The row whose public id stands behind the colon; none where that is no id."""
    return Q(public_id=id_in(reference.partition(":")[2]) or None)


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Add a list, behind those that are there. A second one of a kind is a fault."""
    if _sources.get(source.kind, source) is not source:
        raise ImproperlyConfigured(f"The desk has a list '{source.kind}' already.")
    _sources[source.kind] = source


def all_of_them() -> list[Source]:
    return list(_sources.values())


def by_kind(kind: str) -> Source:
    """Raises KeyError for a list that is none."""
    return _sources[kind]


def find(kind: str) -> Source | None:
    return _sources.get(kind)
