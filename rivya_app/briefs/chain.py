"""The way of a brief from its submission to what left the house, as steps in time.

Rooms above register what they add. A step names the ledger reference it was paid under, so that
the sum over the steps is the sum in the ledger.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ImproperlyConfigured

from rivya_app.briefs.models import Brief


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened. Words are in the reader's language; `kind` picks the icon."""

    at: datetime
    kind: str  # brief, attempt, result, failure, review, decision, video or handoff
    words: str
    by: str = ""
    note: str = ""  # as a person typed it
    url: str = ""
    reference: str = ""  # in the ledger; "" where the step costs nothing


Contributor = Callable[[Brief], Iterable[Step]]
_contributors: dict[str, Contributor] = {}


def register(name: str, contributor: Contributor) -> None:
    """Higher apps say in `ready()` which steps they add to a brief."""
    if _contributors.get(name, contributor) is not contributor:
        raise ImproperlyConfigured(f"'{name}' adds steps already.")
    _contributors[name] = contributor


def added_steps(brief: Brief) -> list[Step]:
    """What the rooms above add, in no order; a constant number of queries."""
    return [step for contributor in _contributors.values() for step in contributor(brief)]
