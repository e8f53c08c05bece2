"""Having the copy of a result made again, from links that Rivya gives anew."""

from collections.abc import Collection, Iterable

from django.core.files.storage import default_storage

from rivya_app.core import clock
from rivya_app.library import vault
from rivya_app.library.models import StoredFile

State = StoredFile.State


def lost_of(files: Iterable[StoredFile]) -> set[int]:
    """Those stored files (by key) whose bytes are not where they should be.

    Asks the storage, which may be another machine: outside any transaction.
    """
    stored = (file for file in files if file.is_stored)
    return {file.pk for file in stored if not default_storage.exists(file.storage_name)}


def can_be_copied(file: StoredFile, lost: Collection[int]) -> bool:
    """Whether another copy would help: given up, resting after a trouble, or its bytes are gone."""
    if file.state == State.PENDING:
        return bool(file.trouble)
    return file.state == State.BROKEN or (file.is_stored and file.pk in lost)


def copy_again(source: str, lost: Collection[int]) -> int:
    """Have every file of `source` that needs it copied anew on commit. Returns how many.

    A file that had its bytes keeps its checksum: other bytes are not taken in their place. Inside
    the caller's transaction.
    """
    rows = StoredFile.objects.select_for_update().filter(source=source).order_by("position")
    chosen = [file for file in rows if can_be_copied(file, lost)]
    for file in chosen:
        file.state = State.PENDING
        file.attempt_count = 0
        file.trouble = ""
        file.not_before = None
        file.next_copy_at = clock.now() + vault.PUBLISHED_AGAIN_AFTER
        file.changed_at = clock.now()
        file.save()
        vault.publish(file.pk)
    return len(chosen)
