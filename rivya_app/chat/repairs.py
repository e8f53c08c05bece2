"""What the desk can do to one turn, inside the caller's transaction and under the turn's lock.

Nothing here asks anything twice: the same question goes on, its session is looked at, or the
search for its cost ends. Each says first why it cannot help (a code, "" where it can).
"""

from rivya_app.chat import actions, endings, lifecycle
from rivya_app.chat.models import Status, Turn
from rivya_app.core import clock
from rivya_app.core.redaction import redact
from rivya_app.workspaces.models import Membership

LOOKS_BEFORE_GIVING_UP = 3


def why_not_look(turn: Turn) -> str:
    """Only a closed turn whose cost is not known is looked for in its session."""
    if turn.is_open:
        return "answer_open"
    return "cost_known" if turn.is_settled else ""


def look_now(turn: Turn, member: Membership) -> bool:
    """Bring the next look at the session forward; the sweep looks, never the caller."""
    return _bring_forward(turn, member, "desk_asked")


def why_not_send(turn: Turn, *, is_paused: bool) -> str:
    """Only what waits here, and not for an owner's yes, can be sent."""
    if not turn.is_open:
        return "question_over"
    if turn.status == Status.WAITING:
        return "waits_for_yes"
    if turn.status == Status.STREAMING:
        return "being_answered"
    return "paused" if is_paused else ""


def send_now(turn: Turn, member: Membership) -> bool:
    """Send it now instead of later: the same row, key and bytes, so there is no second charge."""
    is_changed = _bring_forward(turn, member, "desk_sent")
    if is_changed:
        actions.publish(turn)
    return is_changed


def why_not_give_up(turn: Turn) -> str:
    """Only where the session was asked for a while and never told what it cost."""
    why = why_not_look(turn)
    if why:
        return why
    return "hardly_asked" if turn.check_count < LOOKS_BEFORE_GIVING_UP else ""


def give_up(turn: Turn, member: Membership, reason: str) -> bool:
    """End the search for its cost, for a reason that is kept with the turn."""
    endings.given_up(turn, member=member, reason=redact(reason)[:300])
    return True


def note(turn: Turn, kind: str, member: Membership, about: str = "") -> None:
    """Write into the turn's own history what the desk did about it."""
    details = {"about": about[:80]} if about else {}
    lifecycle.note(turn, kind, cause="person", member=member, details=details)


def _bring_forward(turn: Turn, member: Membership, kind: str) -> bool:
    """False where its time has come already, as after the first press of two."""
    now = clock.now()
    if turn.next_check_at is not None and turn.next_check_at <= now:
        return False
    turn.next_check_at = now
    lifecycle.note(turn, kind, cause="person", member=member)
    return True
