"""Carries a job to Rivya and its answer back. HTTP is never inside a transaction here.

Submit reply, poll result and webhook body all end in `apply_remote`. Every step may run twice and
may be cut anywhere: the row says what is still to do, the sweep finds it.
"""

import logging
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import transaction

from rivya_app.core import clock
from rivya_app.credits import ledger, wallet
from rivya_app.gateway import webhooks
from rivya_app.gateway.access import acting_key, sending_key, successor_of
from rivya_app.gateway.clients import client_for
from rivya_app.gateway.models import ApiKey
from rivya_app.generations import bodies, lifecycle, looks, references, schedule, telling
from rivya_app.generations.models import Generation, Status
from rivya_app.generations.references import Readiness
from rivya_app.library import vault
from rivya_app.rivya_api import errors
from rivya_app.rivya_api.types import Job, JobState
from rivya_app.workspaces import pauses
from rivya_app.workspaces.models import Workspace

logger = logging.getLogger(__name__)

KEY_ERRORS = (
    errors.ApiKeyMissing,
    errors.ApiKeyInvalid,
    errors.ApiKeyRevoked,
    errors.ApiKeyExpired,
    errors.ApiScopeDenied,
)
# Answers that prove the call was not taken up, though it may be later.
NOT_NOW = (errors.RateLimited, errors.PublicApiDisabled, errors.RateBudgetExceeded)


def submit(public_id: UUID | str) -> None:
    """Send a queued job to Rivya. Does nothing where another worker is at it or it has gone on."""
    _read_wallet_before(public_id)
    claimed = _claim_for_submit(public_id)
    if claimed is None:
        return
    generation, body, key = claimed
    began = monotonic()
    try:
        with client_for(key) as rivya:
            job = rivya.generations.create(body, idempotency_key=str(generation.idempotency_key))
    except errors.RivyaError as error:
        took = milliseconds(began)
        record_submit_error(generation.public_id, error, send=generation.submit_count, took=took)
    else:
        apply_remote(generation.public_id, job, cause="submit", took=milliseconds(began))


def _read_wallet_before(public_id: UUID | str) -> None:
    """So that what this job takes can be told from what went before it."""
    waiting = Workspace.objects.filter(
        generations__public_id=public_id, generations__status=Status.QUEUED
    )
    home = waiting.select_related("credit_account").first()
    if home is not None:
        wallet.read_if_old(home, home.credit_account.wallet_read_at)


@transaction.atomic(durable=True)
def _claim_for_submit(public_id: UUID | str) -> tuple[Generation, bytes, ApiKey] | None:
    """QUEUED -> SUBMITTING, with a lease after which the sweep takes the worker for dead.

    Returns the job, the bytes to send and the key that may; None where nothing is to be sent now.
    The one place where a pause holds jobs back: nothing is sent but what was claimed here.
    """
    generation = _lock(public_id)
    if generation.status != Status.QUEUED or pauses.is_paused(generation.workspace_id):
        return None
    key = sending_key(generation.api_key, is_uncertain=generation.is_uncertain)
    if key is None:
        _wait_for_key(generation)
        return None
    body = _body_to_send(generation)
    if body is None:
        return None
    generation.submit_count += 1
    generation.next_check_at = clock.now() + timedelta(seconds=schedule.SUBMIT_LEASE)
    lifecycle.move(
        generation, Status.SUBMITTING, cause="submit", details={"send": generation.submit_count}
    )
    return generation, body, key


def _wait_for_key(generation: Generation) -> None:
    """Its key is refused or gone. It keeps its place until a new secret or another key is there."""
    code = successor_of(generation.api_key).last_error_code or "no_key"
    generation.next_check_at = clock.now() + timedelta(seconds=schedule.KEY_REFUSED_PAUSE)
    if generation.error_code == code:
        generation.save(update_fields=["next_check_at"])
        return
    generation.error_code = code
    lifecycle.note(generation, "waiting", cause="submit", details={"code": code})


def _body_to_send(generation: Generation) -> bytes | None:
    """The frozen bytes; None where the job waits for its references, or was decided here."""
    before = (generation.waits_for, generation.error_code)
    readiness = references.make_ready(generation)
    if readiness is Readiness.WAITS:
        if before == (generation.waits_for, generation.error_code):
            generation.save(update_fields=["next_check_at"])
        else:
            details = {"code": generation.error_code}
            lifecycle.note(generation, "references_wait", cause="submit", details=details)
        return None
    if readiness is not Readiness.READY:
        _fail(generation, cause="submit", code=readiness.value)
        return None
    try:
        return bodies.exact_bytes(generation)
    except bodies.BodyChanged:
        _stop_changed(generation)
        return None


def _stop_changed(generation: Generation) -> None:
    """Other bytes under the same key would be another job, so a person must look first."""
    generation.next_check_at = clock.now() + timedelta(seconds=schedule.SLOW_CHECK)
    if looks.ask(generation, "body_changed"):
        lifecycle.note(generation, "body_changed", cause="submit")
    else:
        generation.save(update_fields=["next_check_at"])


@transaction.atomic(durable=True)
def record_submit_error(
    public_id: UUID | str, error: errors.RivyaError, *, send: int, took: int | None = None
) -> None:
    """Decide from Rivya's refusal, or from silence, whether to fail or to send again.

    `send` is the number of the send that met it. One that outlived its lease decides nothing: a
    later send of the same key is under way, and may be accepted. `took`: milliseconds of the call.
    """
    generation = _lock(public_id)
    if generation.status != Status.SUBMITTING or generation.submit_count != send:
        return  # another answer has already moved it on
    _note_request(generation, error)
    call = _call(error, took)
    if isinstance(error, KEY_ERRORS):
        _wait(generation, error, call, seconds=schedule.KEY_REFUSED_PAUSE)
    elif isinstance(error, NOT_NOW):
        _wait(generation, error, call)
    elif isinstance(error, errors.IdempotencyConflict):
        # Rivya knows this key but does not replay: perhaps the first send is under way there.
        generation.is_uncertain = True
        _wait(generation, error, call, look_after=schedule.CONFLICTS_BEFORE_LOOK)
    elif _is_unanswered(error):
        generation.is_uncertain = generation.is_uncertain or error.maybe_sent
        _wait(generation, error, call, look_after=schedule.NEEDS_LOOK_AFTER)
    elif references.may_begin_anew(generation, error):
        references.begin_anew(generation, error)
    else:
        _fail(generation, cause="submit", code=_code(error), call=call)


def _is_unanswered(error: errors.RivyaError) -> bool:
    """Whether the answer proves nothing: silence, a server's failure, or not Rivya's words."""
    if not isinstance(error, errors.ApiError):
        return True
    return error.maybe_sent or error.is_retryable or not error.code


def _wait(
    generation: Generation,
    error: errors.RivyaError,
    call: dict[str, Any],
    *,
    seconds: float | None = None,
    look_after: int | None = None,
) -> None:
    """Back to QUEUED, to be sent again with the same key and bytes.

    A person is asked after `look_after` failures in a row; never where Rivya only said "not now".
    """
    generation.trouble_count += 1
    generation.error_code = _code(error)
    retry_after = getattr(error, "retry_after", None)
    pause = seconds or schedule.back_off(generation.trouble_count, retry_after)
    if look_after and generation.trouble_count >= look_after:
        looks.ask(generation, generation.error_code)
        pause = max(pause, schedule.SLOW_CHECK)
    generation.next_check_at = clock.now() + timedelta(seconds=pause)
    details = {"code": generation.error_code, "uncertain": generation.is_uncertain, **call}
    lifecycle.move(generation, Status.QUEUED, cause="submit", kind="waiting", details=details)


@transaction.atomic(durable=True)
def apply_remote(public_id: UUID | str, job: Job, *, cause: str, took: int | None = None) -> bool:
    """Bring a job to what Rivya says of it; True where that changed something a person sees.

    Closed jobs ignore everything. A status we do not know is kept as Rivya wrote it and counts as
    running. A success without a result is not believed: it is asked again. `took`: milliseconds
    of the call that brought the answer; kept with the event it leads to, where there is one.
    """
    generation = _lock(public_id)
    if not generation.is_open or _is_about_another_task(generation, job, cause):
        return False
    call = _call(job, took)
    is_new = _accept(generation, job, cause, call)
    generation.request_id = job.request_id or generation.request_id
    if job.state is JobState.FAILED:
        code = (job.error and job.error.code) or "generation_failed"
        _fail(generation, cause=cause, code=code, job=job, call=call)
    elif job.state is JobState.SUCCEEDED and job.result and job.result.urls:
        _succeed(generation, job, cause, call)
    else:
        return _go_on(generation, job, cause, call) or is_new
    return True


def _is_about_another_task(generation: Generation, job: Job, cause: str) -> bool:
    """One key must map to one task; a second task id is for a person to look at."""
    if not generation.task_id or generation.task_id == job.id:
        return False
    looks.ask(generation, "other_task")
    lifecycle.note(generation, "other_task", cause=cause, details={"task": job.id})
    return True


def _accept(generation: Generation, job: Job, cause: str, call: dict[str, Any]) -> bool:
    """The first answer that names the task: Rivya has it and has reserved its credits."""
    if generation.task_id:
        return False
    generation.task_id = job.id
    generation.submitted_at = clock.now()
    generation.reserved_credits = job.reserved_credits
    generation.is_uncertain = False
    looks.answered(generation)
    generation.error_code = ""
    generation.remote_status = job.status
    ledger.confirm_reserved(generation.reference, job.reserved_credits)
    if generation.status != Status.PROCESSING:
        is_announced = generation.api_key_id in webhooks.announced_key_ids()
        pause = schedule.first_check(generation.media_kind, is_announced=is_announced)
        generation.next_check_at = clock.now() + timedelta(seconds=pause)
        details = {"task": job.id, **call}
        lifecycle.move(generation, Status.PROCESSING, cause=cause, kind="accepted", details=details)
    return True


def _go_on(generation: Generation, job: Job, cause: str, call: dict[str, Any]) -> bool:
    """Still running. A late 'queued' after 'processing' is an old answer and changes nothing."""
    is_old = job.state is JobState.QUEUED and generation.remote_status != "queued"
    if job.state is JobState.SUCCEEDED:
        return _count_trouble(generation, "success_without_result", cause, call)
    generation.trouble_count = 0
    if looks.is_about_silence(generation):
        looks.answered(generation)
        lifecycle.note(generation, "answered", cause=cause, details=call)
        return True
    if is_old or generation.remote_status == job.status:
        generation.save()
        return False
    generation.remote_status = job.status
    kind = "processing" if job.state else "unknown_status"
    details = {"status": job.status[:60], **call}
    lifecycle.note(generation, kind, cause=cause, details=details)
    return True


def _succeed(generation: Generation, job: Job, cause: str, call: dict[str, Any]) -> None:
    generation.remote_status = job.status
    generation.final_credits = job.final_credits
    generation.error_code = ""
    ledger.settle(generation.reference, job.final_credits)
    vault.expect(
        workspace=generation.workspace,
        made_by=generation.requested_by,
        source=generation.reference,
        urls=list(job.result.urls) if job.result else [],
        expected_kind=generation.media_kind,
        title=generation.title,
    )
    wallet.read_soon(generation.workspace)
    details = {"credits": str(job.final_credits), **call}
    lifecycle.move(generation, Status.SUCCEEDED, cause=cause, details=details)


def _fail(
    generation: Generation,
    *,
    cause: str,
    code: str,
    job: Job | None = None,
    call: dict[str, Any] | None = None,
) -> None:
    """Close as failed; what Rivya kept is settled, else the whole hold comes back."""
    kept = job.final_credits if job else ledger.ZERO
    generation.final_credits = kept
    generation.error_code = code[:80]
    if job:
        generation.remote_status = job.status
    if kept:
        ledger.settle(generation.reference, kept)
    else:
        ledger.release(generation.reference)
    wallet.read_soon(generation.workspace)
    details = {"code": code[:80], "credits": str(kept), **(call or {})}
    lifecycle.move(generation, Status.FAILED, cause=cause, details=details)
    telling.failed(generation)


@transaction.atomic(durable=True)
def record_poll_error(
    public_id: UUID | str, error: errors.RivyaError, took: int | None = None
) -> None:
    """A look that brought no answer: look again later, and ask a person after many."""
    generation = _lock(public_id)
    if generation.status != Status.PROCESSING:
        return
    _note_request(generation, error)
    retry_after = getattr(error, "retry_after", None)
    _count_trouble(generation, _code(error), "poll", _call(error, took), retry_after)


def _count_trouble(
    generation: Generation,
    code: str,
    cause: str,
    call: dict[str, Any],
    retry_after: float | None = None,
) -> bool:
    generation.trouble_count += 1
    pause = schedule.back_off(generation.trouble_count, retry_after)
    if generation.trouble_count >= schedule.NEEDS_LOOK_AFTER:
        looks.ask(generation, code)
        pause = max(pause, schedule.LONGEST)
    generation.next_check_at = clock.now() + timedelta(seconds=pause)
    lifecycle.note(generation, "trouble", cause=cause, details={"code": code[:80], **call})
    return True


def fresh_urls(source: str) -> list[str]:
    """New result links for the library, whose old ones ran out. Raises errors.RivyaError."""
    generation = Generation.objects.select_related("api_key").get(public_id=source.split(":")[1])
    with client_for(acting_key(generation.api_key)) as rivya:
        job = rivya.generations.get(generation.task_id)
    return list(job.result.urls) if job.result else []


def _lock(public_id: UUID | str) -> Generation:
    rows = Generation.objects.select_for_update(of=("self",))
    return rows.select_related("workspace", "api_key", "requested_by").get(public_id=public_id)


def _code(error: errors.RivyaError) -> str:
    """Rivya's own word; else what is known of the answer, or that none came."""
    if error.code:
        return error.code[:80]
    if isinstance(error, errors.RateBudgetExceeded):
        return "rate_budget"
    if isinstance(error, errors.BadResponse):
        return "bad_answer"
    return f"http_{error.status}" if isinstance(error, errors.ApiError) else "no_answer"


def milliseconds(began: float) -> int:
    """Since `began`, a reading of the monotonic clock."""
    return round((monotonic() - began) * 1000)


def _call(answer: Job | errors.RivyaError, took: int | None) -> dict[str, Any]:
    """What is kept of the call behind an event: Rivya's number for it, and how long it took."""
    named = str(getattr(answer, "request_id", "") or "")[:120]
    return {"request": named, **({} if took is None else {"ms": took})}


def _note_request(generation: Generation, error: errors.RivyaError) -> None:
    generation.request_id = str(getattr(error, "request_id", "") or generation.request_id)[:120]
