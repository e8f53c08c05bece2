"""What became of answers: rooms above say what was made of them, and conversations link to it."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from rivya_app.chat.models import Turn


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something that was made of an answer: what kind of thing, its name, its page."""

    kind: str
    title: str
    url: str


# Of these turns, by their row keys, what was made of each. One query, none for no turns.
Tell = Callable[[Sequence[Turn]], Mapping[int, Sequence[Outcome]]]
_rooms: dict[str, Tell] = {}


def register(name: str, tell: Tell) -> None:
    """A room says in `ready()` what it makes of answers. Once a name."""
    if _rooms.get(name, tell) is not tell:
        raise ImproperlyConfigured(f"'{name}' tells of answers already.")
    _rooms[name] = tell


def of(turns: Sequence[Turn]) -> dict[int, list[Outcome]]:
    """What became of each, by its row key."""
    found: dict[int, list[Outcome]] = defaultdict(list)
    for tell in _rooms.values():
        for key, outcomes in tell(turns).items():
            found[key] += outcomes
    return dict(found)
