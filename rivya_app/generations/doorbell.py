"""What a webhook event does to a job: it ends where a look would have ended it, only earlier.

Registered with the inbox, which may hand over the same event twice, late, early or in any order.
The event is signed by Rivya, so its job is taken as an answer of Rivya; where it lacks something
or contradicts itself the job is read instead. Nothing here holds a lock over the network.
"""

from django.db.models import QuerySet

from rivya_app.core import clock
from rivya_app.gateway.access import acting_key
from rivya_app.gateway.clients import client_for
from rivya_app.gateway.inbox import Arrived, Verdict
from rivya_app.gateway.webhook_models import InboxEvent
from rivya_app.generations import jobs
from rivya_app.generations.models import OPEN_STATUSES, Generation, Status
from rivya_app.rivya_api import errors
from rivya_app.rivya_api.types import Job, JobState, find_job, find_job_id

# The state an event of this type tells of (docs/api-webhooks).
EVENTS = {"generation.succeeded": JobState.SUCCEEDED, "generation.failed": JobState.FAILED}

_State = InboxEvent.State


def ring(event: Arrived) -> Verdict:
    """Bring the job that the event speaks of to what Rivya says of it."""
    told = find_job(event.payload)
    task_id = told.id if told else find_job_id(event.payload)
    if not task_id:
        _look_at_all(event)
        return Verdict(_State.APPLIED, "looked_at_all")
    generation = _find(event, task_id)
    if generation is None:
        return Verdict(*_without_row(event, task_id), task_id)
    if not generation.is_open:
        return Verdict(_State.IGNORED, "closed", task_id)
    if told is not None and _is_whole(told, event):
        return _apply(generation, told, "")
    return _fetch_and_apply(generation)


def _is_whole(told: Job, event: Arrived) -> bool:
    """Whether what was told can stand alone: the end its type names, and the files of a success."""
    if told.state is not EVENTS.get(event.event_type):
        return False
    has_files = told.result is not None and bool(told.result.urls)
    return told.state is JobState.FAILED or has_files


def _fetch_and_apply(generation: Generation) -> Verdict:
    """Read the job; Rivya's answer counts, whatever the event said."""
    try:
        with client_for(acting_key(generation.api_key)) as rivya:
            job = rivya.generations.get(generation.task_id)
    except errors.RivyaError:
        return Verdict(_State.WAITING, "could_not_ask", generation.task_id)
    if not job.is_final:
        return Verdict(_State.WAITING, "still_running", generation.task_id)
    return _apply(generation, job, "fetched")


def _apply(generation: Generation, job: Job, how: str) -> Verdict:
    if jobs.apply_remote(generation.public_id, job, cause="webhook"):
        return Verdict(_State.APPLIED, how, job.id)
    return Verdict(_State.IGNORED, "closed", job.id)


def _without_row(event: Arrived, task_id: str) -> tuple[str, str]:
    """Early, where a job of the account still waits to learn its task's id; else not made here.

    The row is looked for once more, because its id may have been stored between the two looks.
    """
    unnamed = _jobs_of(event).filter(status__in=OPEN_STATUSES, task_id="", submit_count__gt=0)
    if unnamed.exists() or _find(event, task_id) is not None:
        return _State.WAITING, "early"
    return _State.IGNORED, "not_ours"


def _find(event: Arrived, task_id: str) -> Generation | None:
    rows = _jobs_of(event).select_related("api_key")
    return rows.filter(task_id=task_id).order_by("-id").first()


def _look_at_all(event: Arrived) -> None:
    """Bring the sweep's next look at every running job of the account forward."""
    _jobs_of(event).filter(status=Status.PROCESSING).update(next_check_at=clock.now())


def _jobs_of(event: Arrived) -> QuerySet[Generation]:
    """Only the account's own: another account's task id finds nothing."""
    return Generation.objects.filter(
        workspace=event.workspace_id, api_key__environment=event.environment
    )
