"""Whether the bytes in storage are still those a row speaks of. Reads, and changes nothing."""

import hashlib

from rivya_app.library import blobs
from rivya_app.library.models import StoredFile


def is_unchanged(file: StoredFile, sha256: str) -> bool:
    """Whether the stored bytes have this checksum now, read as a whole; False where none are left.

    Takes as long as reading the file, so it has no place inside a transaction.
    """
    if not file.is_stored or not sha256:
        return False
    try:
        return sha256_of(file.storage_name) == sha256
    except FileNotFoundError:
        return False


def sha256_of(name: str) -> str:
    """The checksum of what lies under this name in storage. Raises FileNotFoundError."""
    digest = hashlib.sha256()
    with blobs.open_blob(name) as content:
        for chunk in content.chunks():
            digest.update(chunk)
    return digest.hexdigest()
