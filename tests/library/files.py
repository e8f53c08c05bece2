"""Files as people put them into the library, through the same door."""

import uuid
from datetime import datetime, timedelta

from django.core.files.uploadedfile import TemporaryUploadedFile

from rivya_app.core import clock
from rivya_app.library import actions
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import Membership
from tests.library.conftest import picture


def put(member: Membership, side: int = 64, *, name: str = "", content: bytes = b"") -> StoredFile:
    """A picture of `side` by `side` pixels (or `content`), uploaded by the member."""
    content = content or picture(side, side)
    with TemporaryUploadedFile(name or f"mug-{side}.png", "", 0, None) as sent:
        sent.write(content)
        sent.flush()
        sent.size = len(content)
        return actions.upload(member=member, sent=sent, token=uuid.uuid4(), model=None)


def age(file: StoredFile, days: float) -> datetime:
    """As if the file had been put here `days` ago; returns when."""
    then = clock.now() - timedelta(days=days)
    StoredFile.objects.filter(pk=file.pk).update(created_at=then, changed_at=then)
    return then
