"""Tells the asker what became of a question they no longer look at, inside the transaction that
decides it. Who sees the end on the page has read it, so nothing is told twice."""

from collections.abc import Iterable
from datetime import timedelta

from rivya_app.chat.models import Status, Turn
from rivya_app.chat.paths import path_of_turn
from rivya_app.core import clock
from rivya_app.notices import actions as notices
from rivya_app.notices.models import Notice
from rivya_app.workspaces.models import Membership

LONG = timedelta(minutes=1)  # from the question to its end; who asked may be elsewhere by then
_TOLD_BY_OWNER = ("owner_refused", "owner_silent")  # the gate tells of these itself


def event_keys(turn: Turn) -> list[str]:
    """What may have been told of a turn, as notices name it."""
    return [f"{event}:{turn.public_id}" for event in ("answered", "unanswered")]


def ended(turn: Turn) -> None:
    """Tell of an answer that came late, or of its failure; the member's own words stay theirs, so
    nobody hears of it in the place of one who left."""
    if not turn.member.is_active or clock.now() - turn.created_at < LONG:
        return
    if turn.status == Status.ANSWERED:
        _tell(turn, Notice.Kind.ANSWER_READY, "answered")
    elif _has_failed(turn) and turn.error_code not in _TOLD_BY_OWNER:
        _tell(turn, Notice.Kind.ANSWER_FAILED, "unanswered")


def _has_failed(turn: Turn) -> bool:
    """What was interrupted may still turn out to be answered until its session was asked."""
    return turn.status == Status.FAILED or (turn.status == Status.INTERRUPTED and turn.is_settled)


def seen(member: Membership, turns: Iterable[Turn]) -> None:
    """The member looks at these turns. One small write, and only for ends that were told of."""
    late = [turn for turn in turns if _may_be_told(member, turn)]
    keys = [key for turn in late for key in event_keys(turn)]
    if keys:
        notices.mark_seen(member=member, event_keys=keys)


def _may_be_told(member: Membership, turn: Turn) -> bool:
    ended_at = turn.settled_at or turn.finished_at
    is_own = turn.member_id == member.pk
    return is_own and ended_at is not None and ended_at - turn.created_at >= LONG


def _tell(turn: Turn, kind: Notice.Kind, event: str) -> None:
    notices.tell(
        [turn.member],
        kind=kind,
        facts={"title": turn.conversation.title},
        link=path_of_turn(turn),
        event_key=f"{event}:{turn.public_id}",
    )
