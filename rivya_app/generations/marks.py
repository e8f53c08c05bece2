"""What rooms above say of a job beside its state: registered there, asked for by pages here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from rivya_app.core.buttons import Action
from rivya_app.generations.models import Generation
from rivya_app.workspaces.models import Membership


@dataclass(frozen=True, slots=True)
class Mark:
    """A word with its colour (`state` as in `_state.html`), where it leads, and the next steps.

    A mark without a word only offers steps. `note` is a sentence beside the word; `pick` is the
    value of the job's tick where a page offers one step for several jobs.
    """

    state: str = ""
    word: str = ""
    url: str = ""
    actions: tuple[Action, ...] = ()
    note: str = ""
    pick: str = ""


# By the jobs' keys, those without a mark left out; a constant number of queries.
Marker = Callable[[Membership, Sequence[Generation]], Mapping[int, Mark]]
_markers: dict[str, Marker] = {}


def register(name: str, marker: Marker) -> None:
    """Higher apps say in `ready()` that they have something to say of jobs."""
    if _markers.get(name, marker) is not marker:
        raise ImproperlyConfigured(f"'{name}' marks jobs already.")
    _markers[name] = marker


def marks_of(member: Membership, jobs: Sequence[Generation]) -> dict[int, list[Mark]]:
    """By the jobs' keys, in the order of registration."""
    found: dict[int, list[Mark]] = {}
    if jobs:
        for marker in _markers.values():
            for key, mark in marker(member, jobs).items():
                found.setdefault(key, []).append(mark)
    return found
