"""The one door for state: the only module that changes `Generation.status`."""

from typing import Any

from rivya_app.core import clock
from rivya_app.core.sealed import Secret
from rivya_app.generations.models import CLOSED_STATUSES, Generation, GenerationEvent, Status
from rivya_app.workspaces.models import Membership

# A closed job leaves no more. An early answer may close a job whose own submit reply is still on
# its way, so every open state may end.
_MOVES: dict[str, frozenset[str]] = {
    Status.QUEUED: frozenset(
        {Status.SUBMITTING, Status.PROCESSING, Status.SUCCEEDED, Status.FAILED}
    ),
    Status.SUBMITTING: frozenset(
        {Status.QUEUED, Status.PROCESSING, Status.SUCCEEDED, Status.FAILED}
    ),
    Status.PROCESSING: frozenset({Status.SUCCEEDED, Status.FAILED}),
    Status.SUCCEEDED: frozenset(),
    Status.FAILED: frozenset(),
}


class MoveRefused(ValueError):
    """The job is not in a state that leads there."""


def move(
    generation: Generation,
    to: Status,
    *,
    cause: str,
    kind: str = "",
    details: dict[str, Any] | None = None,
    member: Membership | None = None,
) -> None:
    """Change the status of a locked row, save the whole row, and record the event.

    `cause` is what brought it about (person, submit, poll, webhook, sweep); `details` are safe
    words. Raises MoveRefused. The caller holds the row's lock inside its transaction.
    """
    before = generation.status
    if to not in _MOVES[before]:
        raise MoveRefused(f"{before} does not lead to {to}")
    generation.status = to
    if to in CLOSED_STATUSES:
        generation.finished_at = clock.now()
        generation.next_check_at = None
        generation.needs_look = generation.is_uncertain = False
        generation.look_reason = generation.waits_for = ""
        generation.reference_items = Secret("")  # links that nobody needs any more
    generation.changed_at = clock.now()
    generation.save()
    GenerationEvent.objects.create(
        generation=generation,
        kind=kind or to,
        cause=cause,
        status_before=before,
        status_after=to,
        details=details or {},
        member=member,
    )


def note(
    generation: Generation,
    kind: str,
    *,
    cause: str,
    details: dict[str, Any] | None = None,
    member: Membership | None = None,
) -> None:
    """Record what happened without a change of status, and save the row."""
    generation.changed_at = clock.now()
    generation.save()
    GenerationEvent.objects.create(
        generation=generation,
        kind=kind,
        cause=cause,
        status_before=generation.status,
        status_after=generation.status,
        details=details or {},
        member=member,
    )
