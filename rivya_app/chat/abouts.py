"""What a conversation can be opened about: rooms above say what they know of their own things."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import Membership


@dataclass(frozen=True, slots=True)
class About:
    """A thing of the workspace: its name and page, facts the person may edit before they are sent,
    and the pictures to be attached."""

    title: str
    url: str
    facts: str = ""
    files: Sequence[StoredFile] = ()


# For a member and a reference (`generation:<uuid>`); None where there is no such thing for them.
Tell = Callable[[Membership, str], About | None]
_rooms: dict[str, Tell] = {}


def register(prefix: str, tell: Tell) -> None:
    """A room answers in `ready()` for the references that begin with its prefix."""
    if _rooms.get(prefix, tell) is not tell:
        raise ImproperlyConfigured(f"'{prefix}' is told of already.")
    _rooms[prefix] = tell


def told(member: Membership, reference: str) -> About | None:
    """What is known of it; None for what nobody knows, or is not the member's to see."""
    tell = _rooms.get(reference.partition(":")[0])
    return tell(member, reference) if tell else None
