"""What becomes of somebody's work when they leave: rooms above say how theirs is handed on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from rivya_app.workspaces.models import Campaign, Membership


@dataclass(frozen=True, slots=True)
class Departure:
    """Somebody left. `decides_now`: who decides since then where they alone did, by campaign."""

    leaver: Membership
    heir: Membership
    decides_now: Mapping[Campaign, Membership]


HandOn = Callable[[Departure], None]
_rooms: dict[str, HandOn] = {}


def register(name: str, hand_on: HandOn) -> None:
    """A room says in `ready()` how it hands on; inside the transaction in which somebody leaves."""
    if _rooms.get(name, hand_on) is not hand_on:
        raise ImproperlyConfigured(f"'{name}' hands on already.")
    _rooms[name] = hand_on


def hand_on(departure: Departure) -> None:
    """Every room, in the order of the rooms: lower ones first."""
    for room in _rooms.values():
        room(departure)
