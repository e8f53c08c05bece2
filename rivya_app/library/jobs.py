"""Copies a result from Rivya's temporary link into our own storage, in three steps.

Claim under a lock; fetch, examine and write outside any transaction; store under a lock. Every
step may be cut and run again, and two workers may meet: the row says whose turn it is, and the
bytes get their final name only when they are complete.
"""

import logging
import random
import tempfile
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Q

from rivya_app.core import clock, strangers
from rivya_app.library import blobs, derivatives, fetch, media, sources, vault
from rivya_app.library.models import StoredFile
from rivya_app.library.troubles import Trouble
from rivya_app.rivya_api import errors

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=45)  # renewed while bytes arrive; a dead worker's file is free after it
RENEW_EVERY = 15.0  # seconds
MOST_ATTEMPTS = 12  # spread over about an hour
MOST_ATTEMPTS_AT_BAD_CONTENT = 3
SWEEP_BATCH = 100
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 600.0  # seconds


def copy(file_id: int) -> None:
    """Copy one file. Does nothing where it is done, given up, resting, or another worker has it."""
    file = _claim(file_id)
    if file is None:
        return
    try:
        kept = _bring_home(file)
    except Trouble as trouble:
        _put_off(file, trouble)
    else:
        _store(file, kept)


def sweep_copies() -> int:
    """Publish the files that are due: their task was lost, their worker died, or they rested.

    Returns how many were published. What dead workers left half written goes as well.
    """
    blobs.clear_abandoned()
    with transaction.atomic(durable=True):
        now = clock.now()
        due = StoredFile.objects.select_for_update(skip_locked=True).filter(
            Q(not_before=None) | Q(not_before__lte=now),
            state=StoredFile.State.PENDING,
            next_copy_at__lte=now,
        )
        ids = list(due.order_by("next_copy_at").values_list("pk", flat=True)[:SWEEP_BATCH])
        # Not again at once: the queue may be long, and each message would come many times.
        StoredFile.objects.filter(pk__in=ids).update(next_copy_at=now + vault.PUBLISHED_AGAIN_AFTER)
        for file_id in ids:
            vault.publish(file_id)
    return len(ids)


# --- First step ---------------------------------------------------------------------------------


@transaction.atomic(durable=True)
def _claim(file_id: int) -> StoredFile | None:
    """Take the file for LEASE. One that has used up its attempts is given up here."""
    found = StoredFile.objects.select_for_update(of=("self",)).select_related("workspace")
    file = found.filter(pk=file_id, state=StoredFile.State.PENDING).first()
    if file is None or (file.not_before and file.not_before > clock.now()):
        return None
    if file.attempt_count >= MOST_ATTEMPTS:
        _give_up(file, file.trouble or "gave_up")
        return None
    file.attempt_count += 1
    _rest(file, LEASE)
    return file


def _rest(file: StoredFile, pause: timedelta) -> None:
    file.not_before = file.next_copy_at = clock.now() + pause
    file.save()


# --- Second step, without a transaction -----------------------------------------------------------


def _bring_home(file: StoredFile) -> blobs.Kept:
    """Fetch, examine and write. Raises Trouble."""
    with tempfile.TemporaryDirectory(prefix="copy-") as folder:
        path = Path(folder) / "bytes"
        fetched = _fetch(file, path)
        facts = media.examine(path, expected_kind=file.expected_kind)
        return blobs.keep(str(file.workspace.public_id), path, fetched, facts)


def _fetch(file: StoredFile, path: Path) -> fetch.Fetched:
    """From the link we have, else once from a fresh one."""
    renew = _Renewal(file)
    link = file.remote_url.reveal()
    try:
        if link:  # of a file that was here once it is gone
            return fetch.fetch(link, path, on_progress=renew)
    except Trouble as trouble:
        if not trouble.is_expired_link:
            raise
    return fetch.fetch(_fresh_link(file), path, on_progress=renew)


def _fresh_link(file: StoredFile) -> str:
    try:
        urls = sources.of(file).fresh_urls(file.source)
    except errors.RivyaError as error:
        raise Trouble("unreachable") from error
    if file.position >= len(urls):
        raise Trouble("link_expired", is_expired_link=True)
    link = urls[file.position]
    file.remote_url = link
    StoredFile.objects.filter(pk=file.pk, state=StoredFile.State.PENDING).update(remote_url=link)
    return link


class _Renewal:
    """Keeps the lease alive while bytes arrive."""

    def __init__(self, file: StoredFile) -> None:
        self._file_id = file.pk
        self._attempt = file.attempt_count
        self._next_at = strangers.seconds() + RENEW_EVERY

    def __call__(self) -> None:
        if strangers.seconds() < self._next_at:
            return
        self._next_at = strangers.seconds() + RENEW_EVERY
        until = clock.now() + LEASE
        StoredFile.objects.filter(
            pk=self._file_id, state=StoredFile.State.PENDING, attempt_count=self._attempt
        ).update(not_before=until, next_copy_at=until)


# --- Third step ---------------------------------------------------------------------------------


@transaction.atomic(durable=True)
def _store(claimed: StoredFile, kept: blobs.Kept) -> None:
    """The first to arrive stores; whoever comes later finds it done."""
    file = StoredFile.objects.select_for_update().get(pk=claimed.pk)
    if file.state != StoredFile.State.PENDING:
        return
    if file.sha256 and file.sha256 != kept.sha256:  # somebody may have approved those bytes
        _give_up(file, "other_bytes")
        return
    for name, value in kept.columns().items():
        setattr(file, name, value)
    file.state = StoredFile.State.STORED
    file.remote_url, file.trouble = "", ""
    file.not_before = file.next_copy_at = None
    file.stored_at = file.changed_at = clock.now()
    file.save()
    derivatives.announce(file)
    sources.of(file).on_change(file)


@transaction.atomic(durable=True)
def _put_off(claimed: StoredFile, trouble: Trouble) -> None:
    """Try again later, or give up. A worker whose lease was taken over decides nothing."""
    file = StoredFile.objects.select_for_update().get(pk=claimed.pk)
    if file.state != StoredFile.State.PENDING or file.attempt_count != claimed.attempt_count:
        return
    logger.warning(
        "file %s not copied, attempt %d: %s", file.public_id, file.attempt_count, trouble.code
    )
    most = MOST_ATTEMPTS_AT_BAD_CONTENT if trouble.is_about_content else MOST_ATTEMPTS
    if trouble.is_final or file.attempt_count >= most:
        _give_up(file, trouble.code)
        return
    file.trouble = trouble.code
    _rest(file, timedelta(seconds=_pause(file.attempt_count)))


def _give_up(file: StoredFile, code: str) -> None:
    file.state = StoredFile.State.BROKEN
    file.trouble = code
    file.not_before = file.next_copy_at = None
    file.changed_at = clock.now()
    file.save()
    sources.of(file).on_change(file)


def _pause(attempt: int) -> float:
    longest: float = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (attempt - 1))
    return longest * random.uniform(0.75, 1.25)  # noqa: S311  spreads retries, keeps no secret
