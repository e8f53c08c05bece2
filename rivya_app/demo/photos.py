"""Photographs as people would upload them, taken of pictures the workspace has already."""

import io
from uuid import NAMESPACE_URL, uuid5

from django.core.files.uploadedfile import TemporaryUploadedFile
from PIL import Image

from rivya_app.library import actions, blobs
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import Membership

_MARGIN = 0.06  # of each side: a photograph is never framed as the picture was
_QUALITY = 88


def upload(member: Membership, product: str, name: str) -> StoredFile:
    """Upload a photograph of a product a picture was made of before; once for each name."""
    token = uuid5(NAMESPACE_URL, f"demo:photo:{member.pk}:{name}")
    with _sent(_photo(_picture_of(member, product)), name) as sent:
        return actions.upload(member=member, sent=sent, token=token, model=None)


def _picture_of(member: Membership, product: str) -> StoredFile:
    stored = StoredFile.objects.filter(
        workspace=member.workspace, title=product, kind="image", state=StoredFile.State.STORED
    )
    return stored.order_by("pk")[0]


def _photo(file: StoredFile) -> bytes:
    out = io.BytesIO()
    with blobs.as_path(file.storage_name) as path, Image.open(path) as picture:
        width, height = picture.size
        left, top = round(width * _MARGIN), round(height * _MARGIN)
        framed = picture.convert("RGB").crop((left, top, width - left, height - top))
        framed.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _sent(content: bytes, name: str) -> TemporaryUploadedFile:
    """As the product's upload handler leaves a file that was posted."""
    sent = TemporaryUploadedFile(name, "image/jpeg", len(content), None)
    sent.write(content)
    sent.seek(0)
    return sent
