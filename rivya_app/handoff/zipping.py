"""A package as one zip: never in memory, the same bytes every time, resumable, and verified.

The order is fixed, times are those of the packing and nothing is compressed (media do not get
smaller), so the length and the mark of the whole are known before the first byte is read.

Going on in the middle: the member that holds the first wanted byte is read from its start, so that
whoever sends its last byte has hashed all of it. Members before it are not read again where their
CRC, which the end of a zip lists, is remembered from an earlier transfer; otherwise they are read
and left out of what is sent. Both give the same bytes; the second costs one reading of the disk.
"""

import contextlib
import hashlib
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from zipfile import ZIP_STORED

from django.core.cache import cache
from redis.exceptions import RedisError
from zipstream import ZipStream, ZipStreamInfo

from rivya_app.handoff import changed_bytes, manifest
from rivya_app.handoff.models import Package, PackedFile
from rivya_app.library import blobs

logger = logging.getLogger(__name__)

PIECE = 256 * 1024
_CRC_KEPT = 30 * 24 * 3600  # seconds
_FIRST_ZIP_YEAR, _LAST_ZIP_YEAR = 1980, 2107
_LIMIT_32 = 0x7FFFFFFF  # zipstream.ng.ZIP64_LIMIT, with the room it leaves
_HAS_DESCRIPTOR = 1 << 3


class Changed(Exception):
    """Bytes in storage are not those that were packed. `name` is the file's place in the zip."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the zip: a text that is made here, or bytes that lie in storage."""

    name: str
    size: int  # bytes
    sha256: str
    text: bytes = b""
    storage_name: str = ""

    def pieces(self) -> Iterator[bytes]:
        """Its bytes, hashed on the way. Raises Changed, at the latest in place of an end."""
        digest, size = hashlib.sha256(), 0
        for piece in self._read():
            size += len(piece)
            if size > self.size:
                raise Changed(self.name)
            digest.update(piece)
            yield piece
        if size != self.size or digest.hexdigest() != self.sha256:
            raise Changed(self.name)

    def _read(self) -> Iterator[bytes]:
        if not self.storage_name:
            yield self.text
            return
        try:
            with blobs.open_blob(self.storage_name) as file:
                while piece := file.read(PIECE):
                    yield piece
        except FileNotFoundError:
            raise Changed(self.name) from None


class Zip:
    """The zip of one package that is ready."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self._moment = _zip_time(package.built_at or package.created_at)

    @cached_property
    def members(self) -> list[Member]:
        """What goes in, in its order: the texts first, so that a half-read zip explains itself."""
        texts = [
            Member(name, len(text), hashlib.sha256(text).hexdigest(), text=text)
            for name, text in manifest.texts(self.package)
        ]
        rows = PackedFile.objects.filter(item__package=self.package).exclude(storage_name="")
        return texts + [
            Member(row.name, row.size or 0, row.sha256, storage_name=row.storage_name)
            for row in rows.order_by("item__position", "pk")
        ]

    @cached_property
    def length(self) -> int:
        """Bytes of the whole."""
        return len(self._stream())

    @cached_property
    def etag(self) -> str:
        """Changes exactly when a byte of the zip would."""
        digest = hashlib.sha256(repr(self._moment).encode())
        for member in self.members:
            digest.update(f"\n{member.name}\0{member.size}\0{member.sha256}".encode())
        return f'"{digest.hexdigest()[:40]}"'

    def check(self) -> None:
        """Compare what lies in storage with what was packed, by name and size. Raises Changed.

        In object storage that is a question for each file, so there only the hashes speak.
        """
        if not blobs.is_on_disk():
            return
        for member in self.members:
            if member.storage_name and _size_of(member) != member.size:
                self._report(member.name)
                raise Changed(member.name)

    def chunks(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` to before `end`, in pieces. Raises Changed in place of an end."""
        left = (self.length if end is None else end) - start
        stream, known = self._stream(), self._known_crcs() if start else {}
        position = stream.skip(start, known)
        try:
            for piece in stream.finalize():
                wanted = piece[max(0, start - position) :][:left]
                position += len(piece)
                if wanted:
                    left -= len(wanted)
                    yield wanted
                if not left:
                    return
        except Changed as changed:
            self._report(changed.name)
            raise
        finally:
            _remember(stream.learned)

    def _stream(self) -> "_Stream":
        return _Stream(self.members, self._moment)

    def _known_crcs(self) -> dict[str, int]:
        keys = {_key(member.sha256): member.sha256 for member in self.members}
        try:
            found = cache.get_many(keys)
        except RedisError:
            return {}
        return {keys[key]: crc for key, crc in found.items()}

    def _report(self, name: str) -> None:
        logger.error("package %s: the bytes of %s changed in storage", self.package.public_id, name)
        changed_bytes.note(package_id=self.package.pk, name=name)


class Chunks:
    """The pieces of a zip for an answer that may be closed while another thread makes the next."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces: Any = pieces
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        with self._lock:
            piece: bytes = next(self._pieces)
            return piece

    def close(self) -> None:
        """Ends within one piece."""
        with self._lock:
            self._pieces.close()


class _Stream(ZipStream):  # type: ignore[misc]  # the library has no types
    """The library's stream, with times of ours and members that need not be read again."""

    def __init__(self, members: list[Member], moment: tuple[int, ...]) -> None:
        super().__init__(compress_type=ZIP_STORED, sized=True)
        self._moment = moment
        self._members = {member.name: member for member in members}
        self.learned: dict[str, int] = {}  # CRC-32 of whole members by their SHA-256
        for member in members:
            self.add(member.pieces(), member.name, size=member.size)

    def skip(self, start: int, known: dict[str, int]) -> int:
        """Leave out the first members that end before `start` and whose CRC is known.

        Returns the position of the first byte that is made.
        """
        while self._queue:
            member = self._members[self._queue[0]["arcname"]]
            if member.sha256 not in known:
                break
            info = self._info(member)
            after = info.header_offset + _entry_size(info)
            if after > start:
                break
            self._queue.popleft()
            info.CRC, info.compress_size = known[member.sha256], member.size
            self._filelist.append(info)
            self._pos = after
        return int(self._pos)

    def _info(self, member: Member) -> Any:
        info = ZipStreamInfo(member.name, self._moment)
        info.compress_type = ZIP_STORED
        info.external_attr = 0o600 << 16
        info.file_size = member.size
        info.flag_bits |= _HAS_DESCRIPTOR
        info.header_offset = self._pos
        info.CRC = 0  # until it is known
        return info

    def _gen_file_entry(self, *, arcname: str, iterable: Any, **_rest: Any) -> Iterator[bytes]:
        """As the library does it, but for the time and for what is learned."""
        member = self._members[arcname]
        info = self._info(member)
        for piece in info._file_data(iterable):  # noqa: SLF001
            yield self._track(piece)
        self.learned[member.sha256] = info.CRC
        self._filelist.append(info)


def _entry_size(info: Any) -> int:
    """Bytes of a member with what stands before and after it."""
    is_large = info.file_size * 1.05 > _LIMIT_32
    return len(info.FileHeader(is_large)) + info.file_size + len(info.DataDescriptor(is_large))


def _zip_time(moment: datetime) -> tuple[int, ...]:
    """UTC, in the years and the even seconds a zip can say."""
    utc = moment.astimezone(UTC)
    year = min(max(utc.year, _FIRST_ZIP_YEAR), _LAST_ZIP_YEAR)
    return (year, utc.month, utc.day, utc.hour, utc.minute, utc.second // 2 * 2)


def _size_of(member: Member) -> int | None:
    try:
        return blobs.size_of(member.storage_name)
    except FileNotFoundError:
        return None


def _key(sha256: str) -> str:
    return f"crc32:{sha256}"


def _remember(learned: dict[str, int]) -> None:
    """For whoever goes on later; also what was cut off has learned something."""
    with contextlib.suppress(RedisError):
        if learned:
            cache.set_many({_key(sha256): crc for sha256, crc in learned.items()}, _CRC_KEPT)
