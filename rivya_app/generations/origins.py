"""Why a job was made, as the rooms above know it: registered there, shown on the job's page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ImproperlyConfigured

from rivya_app.generations.models import Generation
from rivya_app.workspaces.models import Membership


@dataclass(frozen=True, slots=True)
class Origin:
    """What led to a job, in the reader's language; `url` is "" where they may not follow it.

    `is_home`: the job belongs there, and to no brief.
    """

    words: str
    by: str
    at: datetime
    url: str = ""
    lines: Sequence[str] = ()
    is_home: bool = False


# None where nothing that this room knows led to the job.
Teller = Callable[[Membership, Generation], Origin | None]
_tellers: dict[str, Teller] = {}


def register(name: str, teller: Teller) -> None:
    """Higher apps say in `ready()` that they know why jobs are made."""
    if _tellers.get(name, teller) is not teller:
        raise ImproperlyConfigured(f"'{name}' tells of origins already.")
    _tellers[name] = teller


def origins_of(member: Membership, generation: Generation) -> list[Origin]:
    found = (teller(member, generation) for teller in _tellers.values())
    return [origin for origin in found if origin is not None]


def home_of(origins: Sequence[Origin]) -> Origin | None:
    """Where a job belongs that was made for no brief; None where it is a brief's."""
    return next((origin for origin in origins if origin.is_home), None)
