"""What a job with reference files waits for before its first send, and how it begins anew.

A job is not sent before all of its files are at Rivya. Then their links are frozen with the rest of
its body. Locks nothing but copies, after the job itself.
"""

from datetime import timedelta
from enum import Enum
from typing import Any
from uuid import uuid4

from rivya_app.core import clock
from rivya_app.generations import bodies, lifecycle, schedule
from rivya_app.generations.models import Generation, Status
from rivya_app.library import remote, sending, uses
from rivya_app.library.models import RemoteCopy, StoredFile
from rivya_app.rivya_api import errors

WAITS = "references"
# Refusals of a create that may mean that a link in it is no longer good.
_ABOUT_A_LINK = (errors.ValidationFailed, errors.NotFound)


class Readiness(Enum):
    """Whether a job can be sent; the last three end it, and are its error codes."""

    READY = "ready"
    WAITS = "waits"
    GONE = "reference_gone"  # a file was removed before it was sent
    UNREADY = "reference_unready"  # a file could not be made ready to leave
    REFUSED = "reference_refused"  # Rivya does not take one of the files


def ask_for_copies(generation: Generation, files: list[StoredFile]) -> bool:
    """Have the files sent to Rivya where they are not there yet; True where all of them are.

    For a new job, inside the transaction that makes it.
    """
    copies = remote.want(files, generation.api_key, model_id=generation.model_id, is_new=True)
    return all(remote.is_usable(copy) for copy in copies)


def make_ready(generation: Generation) -> Readiness:
    """Freeze the references of a locked job once all are at Rivya. The caller saves the row.

    A job that is frozen already, or has no references, is ready.
    """
    if not generation.reference_count or generation.body_sha256:
        return Readiness.READY
    files = uses.files_of(generation.reference)
    problem = _problem(generation, files)
    if problem is not None:
        return problem
    copies = remote.want(files, generation.api_key, model_id=generation.model_id)
    if not all(remote.is_usable(copy) for copy in copies):
        _wait(generation, copies)
        return Readiness.WAITS
    items = [_item(*pair) for pair in zip(files, copies, strict=True)]
    bodies.freeze_references(generation, items)
    generation.waits_for = generation.error_code = ""
    return Readiness.READY


def _problem(generation: Generation, files: list[StoredFile]) -> Readiness | None:
    """What no waiting can mend. Decided before any copy is locked: the ledger comes first."""
    copies = remote.known(files, generation.api_key)
    refused = [
        copy
        for copy in copies
        if copy is not None
        and copy.state == RemoteCopy.State.REFUSED
        and copy.model_id == generation.model_id
    ]
    if len(files) < generation.reference_count or not all(map(_is_there, files, copies)):
        return Readiness.GONE
    return _end_by(generation, refused[0]) if refused else None


def _end_by(generation: Generation, copy: RemoteCopy) -> Readiness:
    """Keep for support what was said of the file."""
    generation.request_id = copy.request_id or generation.request_id
    details = {"code": copy.error_code, "kind": copy.kind, "size": copy.file.size}
    lifecycle.note(generation, "reference_refused", cause="submit", details=details)
    if copy.error_code == sending.GONE:
        return Readiness.GONE
    return Readiness.UNREADY if copy.error_code in sending.OWN_CODES else Readiness.REFUSED


def _is_there(file: StoredFile, copy: RemoteCopy | None) -> bool:
    return file.is_stored or (copy is not None and remote.is_usable(copy))


def _wait(generation: Generation, copies: list[RemoteCopy]) -> None:
    """A copy that becomes ready brings the job forward; this time stands behind that."""
    generation.waits_for = WAITS
    generation.error_code = next((copy.error_code for copy in copies if copy.error_code), "")
    pause = timedelta(seconds=schedule.REFERENCES_CHECK)
    generation.next_check_at = clock.now() + pause


def _item(file: StoredFile, copy: RemoteCopy) -> dict[str, Any]:
    """One entry of `params.referenceMediaItems`, camelCase (docs/api-generations)."""
    item: dict[str, Any] = {
        "url": copy.remote_url.reveal(),
        "kind": file.kind,
        "name": sending.name_at_rivya(copy, file),
        "mimeType": file.mime_type,
    }
    if file.kind == StoredFile.MediaKind.IMAGE:
        return item
    seconds = copy.duration if copy.duration is not None else file.duration
    if seconds is not None:
        item["durationSeconds"] = seconds
    if copy.duration_token:
        item["durationToken"] = copy.duration_token.reveal()
    return item


def may_begin_anew(generation: Generation, error: errors.RivyaError) -> bool:
    """Whether a refused create may be followed by one under a new key, with files sent afresh.

    This cannot charge twice. Rivya's refusal is an answer to this very key and these very bytes,
    and says that nothing was made of them; it counts only where every earlier send under the key
    was answered as well (a cut send, a dead worker or a quick try without an answer make the job
    uncertain for good). So no task exists, and none can come to exist: nobody holds the old bytes
    any more, since the job is locked and nothing else sends. It is done once in a job's life.
    """
    return (
        isinstance(error, _ABOUT_A_LINK)
        and generation.reference_count > 0
        and generation.renewal_count == 0
        and not generation.is_uncertain
        and not (error.maybe_sent or error.follows_doubt)
    )


def begin_anew(generation: Generation, error: errors.RivyaError) -> None:
    """Send the files again and freeze the job anew, under a new key. For a locked, refused job."""
    files = uses.files_of(generation.reference)
    remote.doubt(files, generation.api_key, bodies.frozen_links(generation))
    key_before = str(generation.idempotency_key)
    generation.idempotency_key = uuid4()
    generation.reference_items = ""
    generation.body_sha256 = generation.error_code = ""
    generation.renewal_count += 1
    generation.trouble_count = 0
    generation.waits_for = WAITS
    generation.next_check_at = clock.now()
    details = {"code": error.code, "key_before": key_before}
    lifecycle.move(
        generation, Status.QUEUED, cause="submit", kind="references_renewed", details=details
    )


def bring_forward(generation: Generation) -> None:
    """Somebody asks for a look: try now what rests after a trouble. For a locked job."""
    if generation.waits_for == WAITS:
        remote.bring_forward(uses.files_of(generation.reference), generation.api_key)


def on_copy_decided(copy: RemoteCopy) -> None:
    """A copy became ready or was refused: have the jobs that wait for it looked at now."""
    from rivya_app.generations.actions import publish  # actions use this module

    rows = Generation.objects.filter(
        workspace=copy.workspace_id, status=Status.QUEUED, waits_for=WAITS
    ).only("public_id")
    waiting = {row.reference: row for row in rows}
    for reference in remote.users_of(copy, waiting):
        publish(waiting[reference])
