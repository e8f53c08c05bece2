"""Where bytes lie. Names come from the content, so writing twice is harmless."""

import contextlib
import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile, File
from django.core.files.storage import Storage, default_storage

from rivya_app.library.fetch import Fetched
from rivya_app.library.media import Facts
from rivya_app.library.troubles import Trouble

_LINK_SECONDS = 300
_INCOMING = "incoming"
_ABANDONED_AFTER = 6 * 3600  # seconds; no copy takes nearly as long


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that lies complete under its final name, and what is known of it."""

    storage_name: str
    thumbnail_name: str
    sha256: str
    size: int
    facts: Facts

    def columns(self) -> dict[str, Any]:
        """The values of StoredFile's columns."""
        facts = asdict(self.facts)
        facts.pop("thumbnail")
        return {
            "storage_name": self.storage_name,
            "thumbnail_name": self.thumbnail_name,
            "sha256": self.sha256,
            "size": self.size,
            **facts,
        }


def keep(workspace: str, path: Path, fetched: Fetched, facts: Facts) -> Kept:
    """Put the file and its thumbnail into storage. Raises Trouble("no_space")."""
    name = f"{workspace}/{fetched.sha256[:2]}/{fetched.sha256}"
    thumbnail_name = f"{name}.thumb.webp" if facts.thumbnail else ""
    try:
        with path.open("rb") as file:
            _put(name, File(file), fetched.size)
        if facts.thumbnail:
            _put(thumbnail_name, ContentFile(facts.thumbnail), len(facts.thumbnail))
    except OSError as error:
        raise Trouble("no_space") from error
    return Kept(name, thumbnail_name, fetched.sha256, fetched.size, facts)


def clear_abandoned() -> int:
    """Remove what workers that died left half written on the disk. Returns how many files."""
    folder = _folder(default_storage)
    waiting = folder / _INCOMING if folder else None
    if waiting is None or not waiting.is_dir():
        return 0
    before = time.time() - _ABANDONED_AFTER
    old = [path for path in waiting.iterdir() if path.stat().st_mtime < before]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def is_on_disk() -> bool:
    """Whether files lie on a disk of this host; otherwise in object storage."""
    return _folder(default_storage) is not None


def open_blob(name: str) -> "File[bytes]":
    """Open for reading. Raises FileNotFoundError."""
    return default_storage.open(name, "rb")


def size_of(name: str) -> int:
    """Bytes. Raises FileNotFoundError."""
    return default_storage.size(name)


def link_to(name: str, *, content_type: str, disposition: str) -> str:
    """A link to object storage that works for a few minutes and answers with these headers."""
    parameters = {
        "ResponseContentType": content_type,
        "ResponseContentDisposition": disposition,
        "ResponseCacheControl": f"private, max-age={_LINK_SECONDS}",
    }
    return str(default_storage.url(name, parameters=parameters, expire=_LINK_SECONDS))  # type: ignore[call-arg]


def _put(name: str, content: "File[bytes]", size: int) -> None:
    folder = _folder(default_storage)
    if folder is None:
        default_storage.save(name, content)  # one PUT: object stores show it whole or not at all
        return
    target = folder / name
    if target.is_file() and target.stat().st_size == size:
        return
    with _temporary(folder) as temporary:
        with temporary.open("wb") as out:
            for chunk in content.chunks():
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.replace(target)


@contextlib.contextmanager
def _temporary(folder: Path) -> Iterator[Path]:
    """A name beside the final ones, so that the rename stays on one file system."""
    waiting = folder / _INCOMING
    waiting.mkdir(parents=True, exist_ok=True)
    path = waiting / uuid.uuid4().hex
    try:
        path.touch(mode=0o600)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _folder(storage: Storage) -> Path | None:
    try:
        return Path(storage.path(""))
    except (NotImplementedError, SuspiciousFileOperation):
        return None
