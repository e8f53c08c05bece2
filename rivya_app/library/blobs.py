"""Where bytes lie. Names come from the content, so writing twice is harmless."""

import contextlib
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
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


def discard(name: str, *, unless_written_after: datetime) -> bool:
    """Remove the bytes under `name`; returns whether they are gone.

    The caller has seen that no row needs them. Whoever puts the same bytes into storage again
    marks them as written anew, before making a row: such bytes stay (the clean-up looks again).
    """
    folder = _folder(default_storage)
    if folder is None:
        return _discard_object(name, unless_written_after)
    path, aside = folder / name, folder / _INCOMING / uuid.uuid4().hex
    try:
        if _written_at(path) > unless_written_after:
            return False
        aside.parent.mkdir(parents=True, exist_ok=True)
        path.replace(aside)  # from here on nobody can mark them any more, only write them anew
        if _written_at(aside) > unless_written_after and not path.exists():
            aside.replace(path)
            return False
    except FileNotFoundError:
        return True
    aside.unlink(missing_ok=True)
    return True


def _discard_object(name: str, unless_written_after: datetime) -> bool:
    try:
        if default_storage.get_modified_time(name) > unless_written_after:
            return False
    except FileNotFoundError:
        return True
    default_storage.delete(name)
    return True


def names_written_before(moment: datetime) -> Iterator[str]:
    """The names of everything in storage that was last written before `moment`."""
    homes, _loose = default_storage.listdir("")
    for home in homes:
        if home != _INCOMING:
            yield from _old_names(home, moment)


def _old_names(folder: str, moment: datetime) -> Iterator[str]:
    folders, files = default_storage.listdir(folder)
    for each in files:
        name = f"{folder}/{each}"
        with contextlib.suppress(FileNotFoundError):  # removed while we look
            if default_storage.get_modified_time(name) < moment:
                yield name
    for each in folders:
        yield from _old_names(f"{folder}/{each}", moment)


def _written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def put(name: str, path: Path) -> int:
    """Put one more file into storage; returns its bytes. Raises Trouble("no_space")."""
    size = path.stat().st_size
    try:
        with path.open("rb") as file:
            _put(name, File(file), size)
    except OSError as error:
        raise Trouble("no_space") from error
    return size


@contextlib.contextmanager
def as_path(name: str) -> Iterator[Path]:
    """The file as one on this host's disk, for what cannot read from elsewhere.

    Raises FileNotFoundError.
    """
    folder = _folder(default_storage)
    if folder is not None:
        yield folder / name
        return
    with tempfile.NamedTemporaryFile(prefix="blob-") as copy, default_storage.open(name) as file:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


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
    if _is_marked(target, size):
        return
    with _temporary(folder) as temporary:
        with temporary.open("wb") as out:
            for chunk in content.chunks():
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.replace(target)


def _is_marked(target: Path, size: int) -> bool:
    """Whether these bytes lie here already; they are marked as written now, see `discard`."""
    try:
        os.utime(target)
        return target.stat().st_size == size
    except FileNotFoundError:
        return False


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
