"""What is made of a file for the screen: poster frames, web-size pictures, waveforms.

The row is the queue: announced with the file, claimed for a while, made outside any transaction,
stored under the lock of its file. It can always be made again; until then, and where it cannot be
made at all, pages show the file itself.
"""

import logging
import tempfile
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.db import connection, transaction
from django.db.models import Q

from rivya_app.core import clock
from rivya_app.library import blobs, rendering
from rivya_app.library.errors import Trouble
from rivya_app.library.models import Derivative, StoredFile

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=2 * rendering.SECONDS)
PUBLISHED_AGAIN_AFTER = timedelta(seconds=20)  # by the sweep, where the task was lost
MOST_ATTEMPTS = 3
SWEEP_BATCH = 100
HEAVY = 300_000  # bytes; a picture of more gets a web size however few its pixels are
_PAUSE = timedelta(seconds=30)
_MAY_PASS = frozenset({"timed_out", "out_of_memory", "no_space"})
_ENDINGS = {Derivative.Kind.POSTER: "poster.webp", Derivative.Kind.WEB: "web.webp"}


def announce(file: StoredFile) -> None:
    """Have made what pages need of this stored file. Inside the transaction that stores it.

    The same file again adds nothing.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Files are announced inside a transaction.")
    now = clock.now()
    Derivative.objects.bulk_create(
        [
            Derivative(file=file, kind=kind, next_make_at=now + PUBLISHED_AGAIN_AFTER)
            for kind in _wanted(file)
        ],
        ignore_conflicts=True,
    )
    for row in Derivative.objects.filter(file=file, state=Derivative.State.PENDING):
        _publish(row.pk)


def _wanted(file: StoredFile) -> list[Derivative.Kind]:
    if file.kind == StoredFile.MediaKind.VIDEO:
        return [Derivative.Kind.POSTER]
    if file.kind == StoredFile.MediaKind.AUDIO:
        return [Derivative.Kind.WAVEFORM]
    is_large = max(file.width or 0, file.height or 0) > rendering.WEB_SIDE
    is_still = file.mime_type != "image/gif"
    return [Derivative.Kind.WEB] if is_still and (is_large or (file.size or 0) > HEAVY) else []


def sweep() -> int:
    """Publish what is due: its task was lost, its worker died, or it rested. Returns how many."""
    with transaction.atomic(durable=True):
        now = clock.now()
        due = Derivative.objects.select_for_update(skip_locked=True).filter(
            Q(not_before=None) | Q(not_before__lte=now),
            state=Derivative.State.PENDING,
            next_make_at__lte=now,
        )
        ids = list(due.order_by("next_make_at").values_list("pk", flat=True)[:SWEEP_BATCH])
        rows = Derivative.objects.filter(pk__in=ids)
        rows.update(next_make_at=now + PUBLISHED_AGAIN_AFTER)
        for derivative_id in ids:
            _publish(derivative_id)
    return len(ids)


def _publish(derivative_id: int) -> None:
    from rivya_app.library.tasks import make_derivative  # tasks import this module

    # Robust: the row is committed, so a broker that is away must not look like a failed act.
    transaction.on_commit(partial(make_derivative.delay, derivative_id=derivative_id), robust=True)


def make(derivative_id: int) -> None:
    """Make one. Does nothing where it is made, given up, resting, or another worker has it."""
    row = _claim(derivative_id)
    if row is None:
        return
    try:
        made, name, size = _render(row)
    except Trouble as trouble:
        _put_off(row, trouble)
    else:
        _store(row, made, name, size)


@transaction.atomic(durable=True)
def _claim(derivative_id: int) -> Derivative | None:
    """Take it for LEASE. One that has used up its attempts is given up here."""
    rows = Derivative.objects.select_for_update(of=("self",)).select_related("file")
    row = rows.filter(pk=derivative_id, state=Derivative.State.PENDING).first()
    if row is None or (row.not_before and row.not_before > clock.now()):
        return None
    if not row.file.is_stored or row.attempt_count >= MOST_ATTEMPTS:
        _give_up(row, row.trouble or ("gave_up" if row.file.is_stored else "gone"))
        return None
    row.attempt_count += 1
    _rest(row, LEASE)
    return row


def _render(row: Derivative) -> tuple[rendering.Made, str, int | None]:
    """What was made, where its bytes lie, how many they are. Raises Trouble."""
    with tempfile.TemporaryDirectory(prefix="made-") as folder:
        out = Path(folder) / "made"
        try:
            with blobs.as_path(row.file.storage_name) as path:
                made = rendering.make(row.kind, path, out)
        except FileNotFoundError:
            raise Trouble("gone") from None
        if not out.exists():
            return made, "", None
        name = f"{row.file.storage_name}.{_ENDINGS[Derivative.Kind(row.kind)]}"
        return made, name, blobs.put(name, out)


@transaction.atomic(durable=True)
def _store(claimed: Derivative, made: rendering.Made, name: str, size: int | None) -> None:
    """The first to arrive stores. The file's row comes first, as everywhere in the library."""
    file = StoredFile.objects.select_for_update().get(pk=claimed.file_id)
    row = Derivative.objects.select_for_update().filter(pk=claimed.pk).first()
    if row is None or row.state != Derivative.State.PENDING or not file.is_stored:
        return
    row.state = Derivative.State.MADE
    row.width, row.height, row.peaks = made.width, made.height, made.peaks
    row.storage_name, row.size = name, size
    row.mime_type = "image/webp" if name else ""
    row.trouble, row.not_before, row.next_make_at = "", None, None
    row.save()
    if row.kind == Derivative.Kind.WAVEFORM:  # pages wait for it; the others replace what is there
        file.changed_at = clock.now()
        file.save(update_fields=["changed_at"])


@transaction.atomic(durable=True)
def _put_off(claimed: Derivative, trouble: Trouble) -> None:
    """Try again later, or give up. A worker whose lease was taken over decides nothing."""
    row = Derivative.objects.select_for_update().filter(pk=claimed.pk).first()
    is_mine = row is not None and row.attempt_count == claimed.attempt_count
    if row is None or not is_mine or row.state != Derivative.State.PENDING:
        return
    logger.info("%s of a file not made, attempt %d: %s", row.kind, row.attempt_count, trouble.code)
    row.trouble = trouble.code
    if trouble.code in _MAY_PASS and row.attempt_count < MOST_ATTEMPTS:
        _rest(row, _PAUSE * row.attempt_count)
    else:
        _give_up(row, trouble.code)


def _rest(row: Derivative, pause: timedelta) -> None:
    row.not_before = row.next_make_at = clock.now() + pause
    row.save()


def _give_up(row: Derivative, code: str) -> None:
    row.state = Derivative.State.GIVEN_UP
    row.trouble = code
    row.not_before = row.next_make_at = None
    row.save()
