"""Why a job was made, as the rooms above know it: registered there, shown on the job's page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ImproperlyConfigured

from rivya_app.generations.models import Generation
from rivya_app.workspaces.models import Membership


@dataclass(frozen=True, slots=True)
class Origin:
    """What led to a job, in the reader's language; `url` is "" where they may not follow it."""

    words: str
    by: str
    at: datetime
    url: str = ""
    lines: Sequence[str] = ()


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
