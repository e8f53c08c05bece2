"""Packs: proves the approved bytes, cuts them for each channel, and lays the cuts into storage.

The row is the queue. A worker claims a package for LEASE and renews that with every file it has
packed; whatever was packed stays, so one that is killed is followed by another that goes on where
it was. Bytes are read, cut and written outside any transaction.
"""

import hashlib
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.db import transaction
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.handoff import access, cutting, history, manifest, names
from rivya_app.handoff.boxes import Box
from rivya_app.handoff.models import Package, PackageItem, PackedFile
from rivya_app.handoff.presets import PRESETS
from rivya_app.library import blobs, proof
from rivya_app.library.errors import Trouble
from rivya_app.notices.actions import tell
from rivya_app.notices.models import Notice

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=180)  # renewed with every packed file; cutting one takes far less
RUN_FOR = timedelta(seconds=600)  # of one run of the task; the rest is for the next
MOST_ATTEMPTS = 5  # in a row without one more packed file
SWEEP_BATCH = 50
MESSAGE_LIFE = 30  # seconds; the sweep publishes again what is still due then
_PAUSE = timedelta(seconds=20)
_MAY_PASS = frozenset({"timed_out", "out_of_memory", "no_space"})
_PIECE = 1024 * 1024


class LeaseLost(Exception):
    """Another worker has the package now, or somebody changed it: what was cut is left lying."""


class NotPacked(Exception):
    """One item could not be packed, for the reason `code`."""

    def __init__(self, code: str, item: PackageItem) -> None:
        super().__init__(code)
        self.code = code
        self.item = item


@dataclass(slots=True)
class Lease:
    """A claimed package. `until` is the row's value as well, and so proves whose turn it is."""

    package_id: int
    until: datetime


# --- Whose turn it is -----------------------------------------------------------------------------


def publish(package_id: int) -> None:
    """Have a worker build this package once the current transaction is committed."""
    from rivya_app.handoff.tasks import build_package  # tasks import this module

    send = partial(
        build_package.apply_async, kwargs={"package_id": package_id}, expires=MESSAGE_LIFE
    )
    # Robust: the row is committed, so a broker that is away must not look like a failed act.
    transaction.on_commit(send, robust=True)


@transaction.atomic(durable=True)
def sweep() -> int:
    """Publish what is due: its task was lost, its worker died, or it rested. Returns how many."""
    due = Package.objects.filter(state=Package.State.BUILDING, next_build_at__lte=clock.now())
    ids = list(due.order_by("next_build_at").values_list("pk", flat=True)[:SWEEP_BATCH])
    for package_id in ids:
        publish(package_id)
    return len(ids)


def build(package_id: int) -> None:
    """Build one package. Does nothing where it is done, resting, or another worker has it."""
    lease = _claim(package_id)
    if lease is None:
        return
    try:
        is_whole = _pack_all(lease)
        if is_whole:
            _finish(lease)
        else:
            _hand_on(lease)
    except NotPacked as refusal:
        _put_off(lease, refusal)
    except LeaseLost:
        logger.info("package %d is being built by another worker", package_id)


@transaction.atomic(durable=True)
def _claim(package_id: int) -> Lease | None:
    """Take it for LEASE. One that has used up its attempts is given up here."""
    package = Package.objects.select_for_update(of=("self",)).filter(pk=package_id).first()
    if package is None or package.state != Package.State.BUILDING:
        return None
    if package.next_build_at is None or package.next_build_at > clock.now():
        return None
    if package.attempt_count >= MOST_ATTEMPTS:
        _give_up(package, package.trouble or "gave_up")
        return None
    package.attempt_count += 1
    package.next_build_at = clock.now() + LEASE
    package.save(update_fields=["attempt_count", "next_build_at"])
    return Lease(package.pk, package.next_build_at)


def _locked(lease: Lease) -> Package:
    """The package under its lock. Raises LeaseLost where it is not ours any more."""
    rows = Package.objects.select_for_update(of=("self",)).select_related("workspace", "campaign")
    package = rows.select_related("made_by__user").get(pk=lease.package_id)
    is_building = package.state == Package.State.BUILDING
    if not is_building or package.next_build_at != lease.until:
        raise LeaseLost
    return package


# --- Bytes, outside any transaction ---------------------------------------------------------------


def _pack_all(lease: Lease) -> bool:
    """Pack what is not packed yet; False where the time of this run is over before that."""
    package = Package.objects.select_related("workspace").get(pk=lease.package_id)
    home, until = str(package.workspace.public_id), clock.now() + RUN_FOR
    for item in access.items_of(package):
        missing = [packed for packed in item.packed.all() if not _is_kept(packed)]
        if missing and clock.now() >= until:
            return False
        if missing:
            _pack_item(lease, home, item, missing)
    return True


def _is_kept(packed: PackedFile) -> bool:
    """Whether it was packed before and its bytes lie there unchanged."""
    try:
        return packed.is_packed and proof.sha256_of(packed.storage_name) == packed.sha256
    except FileNotFoundError:
        return False


def _pack_item(lease: Lease, home: str, item: PackageItem, missing: list[PackedFile]) -> None:
    """Raises NotPacked, LeaseLost."""
    try:
        with _proven(item) as path:
            for packed in missing:
                out = path.with_name("cut")
                made = cutting.cut(path, PRESETS[packed.preset], out, box=_box_by_hand(packed))
                name = f"{home}/{made.sha256[:2]}/{made.sha256}"
                if packed.is_packed:  # damaged: bytes of the right length would not be written
                    blobs.discard(packed.storage_name, unless_written_after=clock.now())
                blobs.put(name, out)
                out.unlink()
                _store(lease, item, packed, made, name)
    except Trouble as trouble:
        raise NotPacked(trouble.code, item) from trouble


@contextmanager
def _proven(item: PackageItem) -> Iterator[Path]:
    """A copy of the approved bytes, proved to be those the decision was made on.

    A copy, so that nobody can change them between the proof and the cut. Raises
    Trouble("bytes_changed" | "bytes_gone").
    """
    if not item.file.is_stored:
        raise Trouble("bytes_gone")
    digest = hashlib.sha256()
    with tempfile.TemporaryDirectory(prefix="pack-") as folder:
        path = Path(folder) / "approved"
        try:
            with blobs.open_blob(item.file.storage_name) as source, path.open("wb") as copy:
                while piece := source.read(_PIECE):
                    digest.update(piece)
                    copy.write(piece)
        except FileNotFoundError:
            raise Trouble("bytes_gone") from None
        if digest.hexdigest() != item.sha256:
            raise Trouble("bytes_changed")
        yield path


def _box_by_hand(packed: PackedFile) -> Box | None:
    return Box.of(packed.box) if packed.box and packed.is_box_by_hand else None


# --- Rows, in short transactions ------------------------------------------------------------------


@transaction.atomic(durable=True)
def _store(
    lease: Lease, item: PackageItem, packed: PackedFile, made: cutting.Cut, storage_name: str
) -> None:
    """Note one packed file and renew the lease. Raises LeaseLost."""
    package = _locked(lease)
    packed.name = names.name_of(packed.preset, item.position, item.brief.product, made.mime_type)
    packed.storage_name, packed.sha256, packed.size = storage_name, made.sha256, made.size
    packed.width, packed.height = made.width or item.file.width, made.height or item.file.height
    packed.mime_type = made.mime_type
    packed.box = made.box.as_list() if made.box else None
    packed.has_ai_tag = made.is_tagged
    packed.checks = [finding.as_data() for finding in made.findings]
    packed.save()
    package.attempt_count = 0
    package.changed_at = clock.now()
    package.next_build_at = clock.now() + LEASE
    package.save(update_fields=["attempt_count", "changed_at", "next_build_at"])
    lease.until = package.next_build_at


@transaction.atomic(durable=True)
def _finish(lease: Lease) -> None:
    """Everything is packed: write the manifest and tell the maker. Raises LeaseLost."""
    package = _locked(lease)
    is_first = package.built_at is None
    package.state, package.trouble, package.attempt_count = Package.State.READY, "", 0
    package.next_build_at = None
    package.built_at = package.changed_at = clock.now()
    items = access.items_of(package)
    package.manifest = manifest.written(package, items)
    package.save()
    count = sum(len(item.packed.all()) for item in items)
    history.note(package, history.PACKED if is_first else history.PACKED_AGAIN, count=count)
    if is_first:
        _tell_maker(package, Notice.Kind.PACKAGE_READY, "ready")


@transaction.atomic(durable=True)
def _hand_on(lease: Lease) -> None:
    """The time of this run is over: another goes on at once. Raises LeaseLost."""
    package = _locked(lease)
    package.next_build_at, package.attempt_count = clock.now(), 0
    package.save(update_fields=["next_build_at", "attempt_count"])
    publish(package.pk)


@transaction.atomic(durable=True)
def _put_off(lease: Lease, refusal: NotPacked) -> None:
    """Try again later, or give up. A worker whose lease was taken over decides nothing."""
    try:
        package = _locked(lease)
    except LeaseLost:
        return
    logger.warning("package %s not built: %s", package.public_id, refusal.code)
    if refusal.code in _MAY_PASS and package.attempt_count < MOST_ATTEMPTS:
        package.trouble = refusal.code
        package.next_build_at = clock.now() + _PAUSE * max(1, package.attempt_count)
        package.save(update_fields=["trouble", "next_build_at"])
    else:
        _give_up(package, refusal.code, about=refusal.item.brief.product)


def _give_up(package: Package, code: str, *, about: str = "") -> None:
    package.state, package.trouble = Package.State.BROKEN, code
    package.next_build_at = None
    package.changed_at = clock.now()
    package.save(update_fields=["state", "trouble", "next_build_at", "changed_at"])
    event = history.note(package, history.BROKEN, code=code, name=about)
    _tell_maker(package, Notice.Kind.PACKAGE_BROKEN, f"broken-{event.pk}")


def _tell_maker(package: Package, kind: Notice.Kind, what: str) -> None:
    tell(
        [package.made_by],
        kind=kind,
        facts={"title": package.title},
        link=reverse("handoff:show-package", args=[package.public_id]),
        event_key=f"package:{package.public_id}:{what}",
    )
