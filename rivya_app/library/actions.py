"""What a person does with stored files."""

from uuid import UUID

from django.db import transaction

from rivya_app.core import clock
from rivya_app.library import access, vault
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import Membership


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
