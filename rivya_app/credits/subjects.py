"""What the references of the ledger stand for: higher apps register, this one knows none."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, Q, QuerySet

from rivya_app.workspaces.models import Workspace

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that was paid for: its title, its page, what kind it is, and how it stands.

    `state` is a word of `components/_state.html`, `state_words` the same for people. Where `title`
    and `url` keep something private, `own_title` and `own_url` are what its own person sees.
    """

    title: str
    url: str
    kind: str
    state: str = ""
    state_words: str = ""
    own_title: str = ""
    own_url: str = ""


Describe = Callable[[Sequence[str]], dict[str, Subject]]
# Of a workspace, the newest references that failed and still cost something, after one of them
# ("" from the newest), at most so many.
Kept = Callable[[Workspace, str, int], list[str]]


@dataclass(frozen=True, slots=True)
class _Room:
    describe: Describe
    kept: Kept | None


_rooms: dict[str, _Room] = {}


def register(prefix: str, describe: Describe, *, kept: Kept | None = None) -> None:
    """An app answers in `ready()` for the references that begin with its prefix."""
    known = _rooms.get(prefix)
    if known is not None and known.describe is not describe:
        raise ImproperlyConfigured(f"References of '{prefix}' are described already.")
    _rooms[prefix] = _Room(describe, kept)


def describe(references: Iterable[str]) -> dict[str, Subject]:
    """By reference; one that nobody knows is left out. One call a kind of reference."""
    by_prefix: dict[str, list[str]] = defaultdict(list)
    for reference in references:
        by_prefix[reference.partition(":")[0]].append(reference)
    found: dict[str, Subject] = {}
    for prefix, mine in by_prefix.items():
        if prefix in _rooms:
            found |= _rooms[prefix].describe(mine)
    return found


def failed_but_paid(workspace: Workspace, *, after: str, count: int) -> list[str]:
    """References that failed and cost something, the newest first."""
    prefix = after.partition(":")[0]
    found: list[str] = []
    for name, room in sorted(_rooms.items()):
        if room.kept is not None and name >= prefix and len(found) < count:
            found += room.kept(workspace, after if name == prefix else "", count - len(found))
    return found


def ids_of(references: Iterable[str]) -> list[UUID]:
    """The public ids in references (`turn:<uuid>`); one that holds none is left out."""
    found = []
    for reference in references:
        try:
            found.append(UUID(reference.partition(":")[2]))
        except ValueError:
            continue
    return found


def newest_ended(rows: QuerySet[Row], after: str, count: int) -> list[Row]:
    """Of rows with `finished_at` and `public_id`, the latest to end behind the one `after` names
    ("" from the latest), at most so many; none where that one is not among them."""
    ordered = rows.order_by("-finished_at", "-id")
    if after:
        seen = (
            ordered.filter(public_id__in=ids_of([after])).values_list("finished_at", "id").first()
        )
        if seen is None:
            return []
        at, key = seen
        ordered = ordered.filter(Q(finished_at__lt=at) | Q(finished_at=at, id__lt=key))
    return list(ordered.only("public_id")[:count])
