"""What a person does with stored files."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from rivya_app.core import clock
from rivya_app.library import access, cleaning, uploads, uses, vault
from rivya_app.library.models import FileUse, LibrarySettings, StoredFile
from rivya_app.rivya_api import types
from rivya_app.workspaces.access import MAY_SUBMIT
from rivya_app.workspaces.models import Membership, Role

# Whoever may begin something that takes files: a brief, or a question to the assistant.
MAY_UPLOAD = MAY_SUBMIT  # what is asked for with files; questions too
MAY_DECIDE = (Role.OWNER,)


class FileNeeded(Exception):
    """The file cannot be removed: `uses` are of work that still runs or waits."""

    def __init__(self, needed: list[FileUse]) -> None:
        super().__init__(f"{len(needed)} uses")
        self.uses = needed


def retry_copy(*, member: Membership, public_id: UUID) -> StoredFile:
    """Begin again with a file that was given up; any member may. Others are left as they are."""
    with transaction.atomic(durable=True):
        file = access.file(member, public_id, lock=True)
        if file.state == StoredFile.State.BROKEN:
            file.state = StoredFile.State.PENDING
            file.attempt_count = 0
            file.not_before = None
            file.next_copy_at = clock.now() + vault.PUBLISHED_AGAIN_AFTER
            file.changed_at = clock.now()
            file.save()
            vault.publish(file.pk)
    return file


def upload(
    *, member: Membership, sent: "UploadedFile[bytes]", token: UUID, model: types.Model | None
) -> StoredFile:
    """Keep a file a person sent, if it is one the model takes (any model, where it is None).

    The same `token` again gives the same row. Raises PermissionDenied, uploads.UploadRefused.
    """
    if not member.has_role(*MAY_UPLOAD):
        raise PermissionDenied
    return uploads.store(member, uploads.received(sent), token=token, model=model)


def may_remove(member: Membership, file: StoredFile) -> bool:
    """An owner any file; others what they uploaded themselves."""
    if file.state not in (StoredFile.State.STORED, StoredFile.State.BROKEN):
        return False
    is_own = file.is_upload and file.made_by_id == member.pk
    return is_own or member.has_role(*MAY_DECIDE)


def remove_file(*, member: Membership, public_id: UUID) -> StoredFile:
    """Remove the bytes and leave the row, which says who did it and when.

    Removing again changes nothing. Raises Http404, PermissionDenied, and FileNeeded while a job
    that runs or a brief that waits still needs the file.
    """
    with transaction.atomic(durable=True):
        file = access.file(member, public_id, lock=True)
        if file.state == StoredFile.State.REMOVED:
            return file
        if not may_remove(member, file):
            raise PermissionDenied
        needed = uses.still_needed(file)
        if needed:
            raise FileNeeded(needed)
        cleaning.remove([file], by=member)
    return file


def change_settings(*, member: Membership, values: Mapping[str, Any]) -> LibrarySettings:
    """What an owner decides about files; `values` are columns of LibrarySettings."""
    if not member.has_role(*MAY_DECIDE):
        raise PermissionDenied
    with transaction.atomic(durable=True):
        changed = {**values, "changed_at": clock.now(), "changed_by": member}
        found, _is_new = LibrarySettings.objects.update_or_create(
            workspace=member.workspace, defaults=changed
        )
    return found
