"""Removes the bytes of files nobody needs any more. The only module that removes a file.

A file that is used is never touched: each one is looked at again under its lock, and whoever takes
a file into use locks it first (`uses.take`).
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from rivya_app.core import clock
from rivya_app.library import access, blobs
from rivya_app.library.models import Derivative, FileUse, LibrarySettings, StoredFile
from rivya_app.workspaces.models import Membership, Workspace

BATCH = 100
ABANDONED_AFTER = timedelta(days=1)
RUN_FOR = timedelta(seconds=200)  # of one run of the task; the rest is for the next
_UPLOADED = Q(source__startswith="upload:")

# Says which of these names in storage rows of a higher app need. Asked without locks.
Keeper = Callable[[Collection[str]], set[str]]
_keepers: dict[str, Keeper] = {}


def keep_for(app: str, keeper: Keeper) -> None:
    """Higher apps that put bytes of their own into storage say in `ready()` which they need."""
    if _keepers.get(app, keeper) is not keeper:
        raise ImproperlyConfigured(f"'{app}' keeps bytes already.")
    _keepers[app] = keeper


@dataclass(slots=True)
class Report:
    """What was removed, or in a dry run would be: files and bytes of one workspace."""

    workspace: Workspace
    upload_count: int = 0
    result_count: int = 0
    size: int = 0
    names: list[str] = field(default_factory=list)  # of the first few

    def add(self, file: StoredFile) -> None:
        if file.is_upload:
            self.upload_count += 1
        else:
            self.result_count += 1
        self.size += file.size or 0
        if len(self.names) < 5:
            self.names.append(file.name)


def due_at(file: StoredFile, keep: LibrarySettings) -> datetime | None:
    """When the clean-up takes the file if nobody uses it until then; None: never."""
    if file.is_upload:
        return file.changed_at + timedelta(days=keep.keep_unused_days)
    if keep.keep_results_days is None or file.stored_at is None:
        return None
    return file.changed_at + timedelta(days=keep.keep_results_days)


def due(workspace: Workspace) -> QuerySet[StoredFile]:
    """The files of a workspace that may go now, oldest first."""
    keep, now = access.settings_of(workspace), clock.now()
    old = _UPLOADED & Q(changed_at__lt=now - timedelta(days=keep.keep_unused_days))
    if keep.keep_results_days is not None:
        old |= ~_UPLOADED & Q(changed_at__lt=now - timedelta(days=keep.keep_results_days))
    rows = StoredFile.objects.filter(old, workspace=workspace, state=StoredFile.State.STORED)
    unused = rows.filter(~Exists(FileUse.objects.filter(file=OuterRef("pk"))))
    return unused.defer("remote_url").order_by("changed_at", "pk")


@dataclass(frozen=True, slots=True)
class NextRun:
    """What the next clean-up takes, unless somebody uses it before: files and their bytes."""

    count: int
    size: int


def next_run(workspace: Workspace) -> NextRun:
    """In one query."""
    found = due(workspace).order_by().aggregate(count=Count("pk"), size=Sum("size"))
    return NextRun(found["count"], found["size"] or 0)


def clean(
    workspace: Workspace,
    *,
    is_dry_run: bool = False,
    until: datetime | None = None,
    on_progress: Callable[[int], None] = lambda _count: None,
) -> Report:
    """Remove what is due, a batch at a time; `on_progress` hears how many more are done.

    No batch is begun after `until`; the next run goes on from there.
    """
    report = Report(workspace)
    if is_dry_run:
        for file in due(workspace).iterator():
            report.add(file)
            on_progress(1)
        return report
    while found := list(due(workspace).values_list("pk", flat=True)[:BATCH]):
        removed = _remove_unused(found)
        for file in removed:
            report.add(file)
        on_progress(len(removed))
        is_late = until is not None and clock.now() >= until
        if is_late or not removed:  # nothing removed: the rest is being taken into use right now
            break
    return report


@transaction.atomic(durable=True)
def _remove_unused(file_ids: Sequence[int]) -> list[StoredFile]:
    """Lock the files that nobody holds, then ask again whether anybody uses them."""
    rows = StoredFile.objects.select_for_update(of=("self",), skip_locked=True)
    free = rows.filter(pk__in=file_ids, state=StoredFile.State.STORED).defer("remote_url")
    locked = list(free.order_by("pk"))
    # In a statement of its own: the one above saw the uses as they were before it had the locks.
    used = _used_among(locked)
    unused = [file for file in locked if file.pk not in used]
    remove(unused, by=None)
    return unused


def _used_among(files: Sequence[StoredFile]) -> set[int]:
    return set(FileUse.objects.filter(file__in=files).values_list("file_id", flat=True))


def remove(files: Iterable[StoredFile], *, by: Membership | None) -> None:
    """Leave of each file only its row, which says who removed it and when; `by` None: the clean-up.

    Inside the caller's transaction, with the rows locked. The bytes go after the commit.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Files are removed inside a transaction.")
    for file in files:
        left = Left.of(file)
        Derivative.objects.filter(file=file).delete()
        file.state = StoredFile.State.REMOVED
        file.storage_name = file.thumbnail_name = file.remote_url = ""
        file.next_copy_at = file.not_before = None
        file.removed_by = by
        file.removed_at = file.changed_at = clock.now()
        file.save()
        # Robust: where this is cut, the bytes are abandoned, and found by `clear_abandoned`.
        transaction.on_commit(partial(_discard, left), robust=True)


@dataclass(frozen=True, slots=True)
class Left:
    """Bytes that a removed file leaves behind: its own, and what was made of them."""

    own: tuple[str, ...]
    derived: tuple[str, ...]
    written_until: datetime  # its own bytes, unless somebody put the same ones here again
    removed_at: datetime

    @classmethod
    def of(cls, file: StoredFile) -> "Left":
        derived = file.derivatives.exclude(storage_name="").values_list("storage_name", flat=True)
        own = tuple(filter(None, (file.storage_name, file.thumbnail_name)))
        return cls(own, tuple(derived), file.stored_at or file.changed_at, clock.now())


def _discard(left: Left) -> None:
    """Remove the bytes, unless the same ones were put here by others too."""
    if set(left.own) & _needed(left.own):
        return
    for name in left.own:
        blobs.discard(name, unless_written_after=left.written_until)
    for name in set(left.derived) - _needed(left.derived):
        blobs.discard(name, unless_written_after=left.removed_at)


def _needed(names: Sequence[str]) -> set[str]:
    """Those of these names that a row needs, here or above, each query by index."""
    files = StoredFile.objects.filter
    return {
        *(name for keeper in _keepers.values() for name in keeper(names)),
        *files(storage_name__in=names).values_list("storage_name", flat=True),
        *files(thumbnail_name__in=names).values_list("thumbnail_name", flat=True),
        *Derivative.objects.filter(storage_name__in=names).values_list("storage_name", flat=True),
    }


def clear_abandoned(*, is_dry_run: bool = False, until: datetime | None = None) -> int:
    """Remove bytes that lie in storage without any row, for more than a day. Returns how many."""
    before, count = clock.now() - ABANDONED_AFTER, 0
    names = blobs.names_written_before(before)
    while batch := list(islice(names, BATCH)):
        count += _clear(batch, before, is_dry_run=is_dry_run)
        if until is not None and clock.now() >= until:
            break
    return count


def _clear(names: Sequence[str], before: datetime, *, is_dry_run: bool) -> int:
    abandoned = set(names) - _needed(names)
    if is_dry_run:
        return len(abandoned)
    return sum(blobs.discard(name, unless_written_after=before) for name in abandoned)


def clean_all() -> None:
    """Every workspace, one after the other, within the time a task has."""
    until = clock.now() + RUN_FOR
    for workspace in Workspace.objects.order_by("?"):  # so that a large one starves no other
        if clock.now() < until:
            clean(workspace, until=until)
