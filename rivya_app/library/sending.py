"""Sends a reference file to Rivya's Files API, in three steps.

Claim under a lock; read, clean and stream outside any transaction; store under a lock. Every step
may be cut and run again: an upload costs nothing, and a file nobody names is cleared by Rivya.
"""

import logging
import random
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

from django.db import transaction
from django.db.models import Q

from rivya_app.core import clock
from rivya_app.gateway import catalogue
from rivya_app.gateway.clients import client_for
from rivya_app.gateway.models import ApiKey
from rivya_app.library import blobs, references, remote, strip
from rivya_app.library.errors import Trouble
from rivya_app.library.models import RemoteCopy, StoredFile
from rivya_app.library.signatures import EXTENSIONS
from rivya_app.rivya_api import errors
from rivya_app.rivya_api.resources import FileKind
from rivya_app.rivya_api.types import RemoteFile
from rivya_app.workspaces import pauses

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)  # renewed while bytes leave; longer than Rivya's answer may take
RENEW_EVERY = 20.0  # seconds
MOST_ATTEMPTS = 12  # without an end of any kind: something about this file ends our workers
MOST_COUNTED = MOST_ATTEMPTS - 3  # troubles that pass never use the attempts up
SWEEP_BATCH = 100
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 600.0  # seconds
_KEY_PAUSE = 60.0
_SCOPE = "files:create"
_ABOUT_THE_FILE = (413, 415)  # statuses that need no word of Rivya's: too large, wrong type
_MAY_PASS = frozenset({"no_space", "no_key", "timed_out", "out_of_memory"})

GONE = "file_gone"  # its bytes are not here any more
# Why we did not send it ourselves; every other code of a refused copy is Rivya's word.
OWN_CODES = frozenset({GONE, "file_damaged", "not_cleaned", "too_large", "not_sent"})

State = RemoteCopy.State


@dataclass(frozen=True, slots=True)
class _Setback:
    """Why a send did not get there. `code` is Rivya's word or ours."""

    code: str
    is_final: bool = False
    pause: float = 0.0  # seconds at least
    request_id: str = ""


def send(copy_id: int) -> None:
    """Send one copy. Does nothing where it is there, refused, resting, or another worker's."""
    copy = _claim(copy_id)
    if copy is None:
        return
    try:
        sent = _send(copy)
    except Trouble as trouble:
        _put_off(copy, _Setback(trouble.code, is_final=trouble.code not in _MAY_PASS))
    except errors.RivyaError as error:
        _put_off(copy, _setback(error))
    else:
        _store(copy, sent)


def sweep() -> int:
    """Publish the copies that are due: their task was lost, their worker died, or they rested.

    Returns how many were published.
    """
    with transaction.atomic(durable=True):
        now = clock.now()
        due = RemoteCopy.objects.select_for_update(skip_locked=True).filter(
            Q(not_before=None) | Q(not_before__lte=now),
            pauses.left_out(),
            state=State.WANTED,
            next_send_at__lte=now,
        )
        ids = list(due.order_by("next_send_at").values_list("pk", flat=True)[:SWEEP_BATCH])
        # Not again at once: the queue may be long, and each message would come many times.
        later = now + remote.PUBLISHED_AGAIN_AFTER
        RemoteCopy.objects.filter(pk__in=ids).update(next_send_at=later)
        for copy_id in ids:
            remote.publish(copy_id)
    return len(ids)


# --- First step ---------------------------------------------------------------------------------


@transaction.atomic(durable=True)
def _claim(copy_id: int) -> RemoteCopy | None:
    """Take the copy for LEASE."""
    copy = _lock(copy_id)
    if copy.state != State.WANTED or (copy.not_before and copy.not_before > clock.now()):
        return None
    if pauses.is_paused(copy.workspace_id):
        return None
    if copy.attempt_count >= MOST_ATTEMPTS:
        _refuse(copy, "not_sent")
        return None
    copy.attempt_count += 1
    _rest(copy, LEASE)
    return copy


def _lock(copy_id: int) -> RemoteCopy:
    rows = RemoteCopy.objects.select_for_update(of=("self",))
    return rows.select_related("file", "workspace").get(pk=copy_id)


def _rest(copy: RemoteCopy, pause: timedelta) -> None:
    copy.not_before = copy.next_send_at = clock.now() + pause
    copy.save()


# --- Second step, without a transaction -----------------------------------------------------------


def _send(copy: RemoteCopy) -> RemoteFile:
    """Read, clean and stream. Raises Trouble, errors.RivyaError."""
    renew = _Renewal(copy)
    file = _held(copy)
    with tempfile.TemporaryDirectory(prefix="send-") as name:
        folder = Path(name)
        path = _read(file, folder / "original", renew)
        if copy.is_stripped:
            path = strip.cleaned(
                path,
                folder,
                mime_type=file.mime_type,
                most_bytes=_most_bytes(copy),
                on_progress=renew,
            )
        with path.open("rb") as content, client_for(_key(copy)) as rivya:
            return rivya.files.upload(
                cast(BinaryIO, _Watched(content, renew)),
                kind=cast(FileKind, copy.kind),
                filename=name_at_rivya(copy, file),
                mime_type=file.mime_type,
                model=copy.model_id or None,
                client_request_id=str(file.public_id),
            )


def name_at_rivya(copy: RemoteCopy, file: StoredFile) -> str:
    """A name that says nothing of whose file it was or what it was called."""
    return f"{copy.kind}-{copy.sha256[:12]}.{EXTENSIONS.get(file.mime_type, 'bin')}"


def _held(copy: RemoteCopy) -> StoredFile:
    """A file that holds the bytes: the one they came from, else its twin. Raises Trouble."""
    if copy.file.is_stored:
        return copy.file
    twins = StoredFile.objects.filter(
        workspace=copy.workspace_id,
        sha256=copy.sha256,
        kind=copy.kind,
        state=StoredFile.State.STORED,
    )
    twin = twins.defer("remote_url").first()
    if twin is None:
        raise Trouble(GONE)
    return twin


def _read(file: StoredFile, path: Path, renew: "_Renewal") -> Path:
    """Bring the bytes onto this host's disk and see that they are still the ones we stored."""
    seen = sha256()
    try:
        with blobs.open_blob(file.storage_name) as stored, path.open("wb") as out:
            for chunk in stored.chunks():
                seen.update(chunk)
                out.write(chunk)
                renew()
    except FileNotFoundError:
        raise Trouble(GONE) from None
    except OSError as error:
        raise Trouble("no_space") from error
    if seen.hexdigest() != file.sha256:
        raise Trouble("file_damaged")
    return path


def _most_bytes(copy: RemoteCopy) -> int | None:
    card = catalogue.find(copy.model_id) if copy.model_id else None
    if card is None:
        return None
    limits = references.limits_of(card.model).get(copy.kind)
    return limits.max_bytes if limits else None


def _key(copy: RemoteCopy) -> ApiKey:
    """The newest key of the account that is in use, one that may send files before others."""
    keys = ApiKey.objects.filter(workspace=copy.workspace_id, environment=copy.environment)
    newest = list(keys.order_by("-created_at"))
    if not newest:
        raise Trouble("no_key")
    newest.sort(key=lambda key: (key.state != ApiKey.State.ACTIVE, _SCOPE not in key.scopes_found))
    return newest[0]


class _Renewal:
    """Keeps the lease alive while bytes are read, cleaned and sent."""

    def __init__(self, copy: RemoteCopy) -> None:
        self._mine = {"pk": copy.pk, "state": State.WANTED, "attempt_count": copy.attempt_count}
        self._next_at = time.monotonic() + RENEW_EVERY

    def __call__(self) -> None:
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + RENEW_EVERY
        until = clock.now() + LEASE
        RemoteCopy.objects.filter(**self._mine).update(not_before=until, next_send_at=until)


class _Watched:
    """The file as it is sent: each piece that leaves keeps the lease alive."""

    def __init__(self, file: BinaryIO, renew: _Renewal) -> None:
        self._file = file
        self._renew = renew

    def read(self, size: int = -1) -> bytes:
        self._renew()
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def fileno(self) -> int:
        return self._file.fileno()


# --- Third step ---------------------------------------------------------------------------------


@transaction.atomic(durable=True)
def _store(claimed: RemoteCopy, sent: RemoteFile) -> None:
    """The first to arrive stores; whoever comes later finds it done."""
    copy = _lock(claimed.pk)
    if copy.state != State.WANTED:
        return
    copy.state = State.READY
    copy.remote_id = sent.id[:200]
    copy.remote_url, copy.duration_token = sent.url, sent.duration_token
    copy.duration = None if sent.duration_seconds is None else float(sent.duration_seconds)
    copy.expires_at = sent.expires_at
    copy.sent_at = clock.now()
    copy.send_count += 1
    copy.attempt_count = 0
    copy.not_before = copy.next_send_at = None
    copy.error_code, copy.request_id = "", sent.request_id[:120]
    copy.save()
    remote.tell(copy)


@transaction.atomic(durable=True)
def _put_off(claimed: RemoteCopy, why: _Setback) -> None:
    """Try again later, or not at all. A worker whose lease was taken over decides nothing."""
    copy = _lock(claimed.pk)
    if copy.state != State.WANTED or copy.attempt_count != claimed.attempt_count:
        return
    logger.warning("a %s was not sent, attempt %d: %s", copy.kind, copy.attempt_count, why.code)
    copy.request_id = why.request_id[:120] or copy.request_id
    if why.is_final:
        _refuse(copy, why.code)
        return
    copy.error_code = why.code[:80]
    pause = max(why.pause, _pause(copy.attempt_count))
    copy.attempt_count = min(copy.attempt_count, MOST_COUNTED)
    _rest(copy, timedelta(seconds=pause))


def _refuse(copy: RemoteCopy, code: str) -> None:
    copy.state = State.REFUSED
    copy.error_code = code[:80]
    copy.not_before = copy.next_send_at = None
    copy.save()
    remote.tell(copy)


def _setback(error: errors.RivyaError) -> _Setback:
    """Whether Rivya spoke of this file, of our key, or of the moment."""
    code = error.code or (f"http_{error.status}" if isinstance(error, errors.ApiError) else "")
    pause = error.retry_after or 0.0
    is_final = False
    if isinstance(error, errors.AuthenticationFailed | errors.ApiScopeDenied):
        pause = max(pause, _KEY_PAUSE)
    elif isinstance(error, errors.ApiError):
        is_final = not error.is_retryable and bool(error.code or error.status in _ABOUT_THE_FILE)
    return _Setback(code or "no_answer", is_final, pause, error.request_id)


def _pause(attempt: int) -> float:
    longest: float = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (attempt - 1))
    return longest * random.uniform(0.75, 1.25)  # noqa: S311  spreads retries, keeps no secret
