"""A short-lived signed pass to the live stream of one answer. Pages give it to whoever may read the
turn; the stream believes it and asks no database.
"""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.core import signing

if TYPE_CHECKING:  # the stream works without models
    from django.http import HttpResponse

    from rivya_app.chat.models import Turn
    from rivya_app.workspaces.models import Membership

COOKIE = "ticket"
LIFE = 60  # seconds; also how long a sign-out may be unknown to an open stream
_SALT = "rivya_app.chat.ticket"


@dataclass(frozen=True, slots=True)
class Ticket:
    """Lets one member hear one answer until `ends_at`, in seconds of the epoch."""

    turn_id: str
    member_id: int
    ends_at: float


def give(response: "HttpResponse", member: "Membership", turn: "Turn") -> None:
    """Put a ticket on an answer to a member who may read the turn."""
    response.set_cookie(
        COOKIE,
        make(turn.public_id, member.pk),
        max_age=LIFE,
        path=path_of(turn.public_id),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def path_of(turn_id: UUID | str) -> str:
    """Where the answer to this turn is heard."""
    return f"/stream/turns/{turn_id}/"


def make(turn_id: UUID | str, member_id: int, *, life: float = LIFE) -> str:
    """A ticket that is good for `life` seconds from now on."""
    return signing.dumps([str(turn_id), member_id, time.time() + life], salt=_SALT)


def read(value: str, turn_id: str) -> Ticket | None:
    """The ticket, if it is ours, for this turn, and its time is not over."""
    try:
        ticket = Ticket(*signing.loads(value, salt=_SALT, max_age=LIFE))
    except signing.BadSignature:
        return None
    is_good = ticket.turn_id == turn_id and time.time() < ticket.ends_at
    return ticket if is_good else None
