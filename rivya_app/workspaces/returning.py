"""Somebody who had left is in again: rooms above take back what they did when it ended."""

from collections.abc import Callable

from django.core.exceptions import ImproperlyConfigured

from rivya_app.workspaces.models import Membership

Welcome = Callable[[Membership], None]
_rooms: dict[str, Welcome] = {}


def register(name: str, welcome: Welcome) -> None:
    """A room says in `ready()` what it does; inside the transaction in which somebody is back."""
    if _rooms.get(name, welcome) is not welcome:
        raise ImproperlyConfigured(f"'{name}' welcomes already.")
    _rooms[name] = welcome


def welcome(member: Membership) -> None:
    """Every room, in the order of the rooms."""
    for room in _rooms.values():
        room(member)
