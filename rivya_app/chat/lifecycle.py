"""The one door for state: the only module that changes `Turn.status`."""

from collections.abc import Sequence
from typing import Any

from rivya_app.chat.models import CLOSED_STATUSES, Status, Turn, TurnEvent
from rivya_app.core import clock
from rivya_app.workspaces.models import Membership

# What was interrupted may turn out to be answered: Rivya's session, or a worker that was taken for
# dead, tells the end of it. Nothing else leaves a closed state.
_MOVES: dict[str, frozenset[str]] = {
    Status.WAITING: frozenset({Status.PENDING, Status.STOPPED, Status.FAILED}),
    Status.PENDING: frozenset({Status.STREAMING, Status.STOPPED, Status.FAILED}),
    Status.STREAMING: frozenset(
        {Status.PENDING, Status.ANSWERED, Status.STOPPED, Status.INTERRUPTED, Status.FAILED}
    ),
    Status.INTERRUPTED: frozenset({Status.ANSWERED}),
    Status.ANSWERED: frozenset(),
    Status.STOPPED: frozenset(),
    Status.FAILED: frozenset(),
}


_OF_THE_STATE = ("status", "finished_at", "waits_for", "changed_at")


class MoveRefused(ValueError):
    """The turn is not in a state that leads there."""


def begin(turn: Turn, status: Status) -> None:
    """The first state of a row that is not saved yet. Raises MoveRefused."""
    if not turn._state.adding or status not in (Status.WAITING, Status.PENDING):  # noqa: SLF001
        raise MoveRefused(f"nothing begins as {status}")
    turn.status = status


def move(
    turn: Turn,
    to: Status,
    *,
    cause: str,
    kind: str = "",
    details: dict[str, Any] | None = None,
    member: Membership | None = None,
    only: Sequence[str] = (),
) -> None:
    """Change the status of a locked row, save the whole row, and record the event.

    `cause` is what brought it about (person, worker, session, sweep); `details` are safe words.
    The caller has set `next_check_at`. With `only`, nothing else of the row than these fields was
    changed. Raises MoveRefused.
    """
    before = turn.status
    if to not in _MOVES[before]:
        raise MoveRefused(f"{before} does not lead to {to}")
    turn.status = to
    if to in CLOSED_STATUSES:
        turn.finished_at = turn.finished_at or clock.now()
        turn.waits_for = ""
    _save(turn, kind or to, cause, before, details, member, only)


def note(
    turn: Turn,
    kind: str,
    *,
    cause: str,
    details: dict[str, Any] | None = None,
    member: Membership | None = None,
) -> None:
    """Record what happened without a change of status, and save the row."""
    _save(turn, kind, cause, turn.status, details, member)


def _save(
    turn: Turn,
    kind: str,
    cause: str,
    before: str,
    details: dict[str, Any] | None,
    member: Membership | None,
    only: Sequence[str] = (),
) -> None:
    turn.changed_at = clock.now()
    turn.save(update_fields=[*only, *_OF_THE_STATE] if only else None)
    TurnEvent.objects.create(
        turn=turn,
        kind=kind,
        cause=cause,
        status_before=before,
        status_after=turn.status,
        details=details or {},
        member=member,
    )
