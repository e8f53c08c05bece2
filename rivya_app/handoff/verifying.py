"""Proves a package's zip against its manifest. Whatever is in the file, it is only read.

Nothing is extracted, nothing is held in memory but the manifest, and nothing is read beyond what
the manifest says: a hostile zip costs its own size and no more.
"""

import hashlib
import json
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from zipfile import ZipInfo

from rivya_app.handoff import manifest

MOST_FILES = 20_000
MOST_LIST_BYTES = 16 * 1024 * 1024  # of the list at the end of the zip
MOST_MANIFEST_BYTES = 32 * 1024 * 1024
# Media hardly get smaller, so a zip that unfolds to more than this many times itself is no package.
MOST_UNFOLDING = 20
_SMALL = 64 * 1024 * 1024  # bytes that any zip may unfold to
_PIECE = 256 * 1024
_PLAIN = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_SHA256 = re.compile(r"[0-9a-f]{64}")
_END, _END_64_PLACE, _END_64 = b"PK\x05\x06", b"PK\x06\x07", b"PK\x06\x06"
_END_SIZE, _LONGEST_COMMENT = 22, 65_535
OnBytes = Callable[[int], object]


class NotAPackage(Exception):
    """The file cannot be checked at all. Its text says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold, and for which name in the zip."""

    what: str
    name: str

    def __str__(self) -> str:
        return f"{self.what}: {shown(self.name)}"


@dataclass(slots=True)
class Report:
    """What was found in one zip. `document` is its manifest.json."""

    document: dict[str, Any]
    text_sha256s: dict[str, str]  # of the manifest and what goes with it, by name
    findings: list[Finding] = field(default_factory=list)
    checked_count: int = 0
    byte_count: int = 0

    @property
    def is_whole(self) -> bool:
        return not self.findings

    @property
    def package_id(self) -> str:
        return str(_mapping(self.document.get("package")).get("id", ""))


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as the manifest promises it."""

    name: str
    sha256: str
    size: int


def verify(
    path: Path, *, on_start: OnBytes | None = None, on_bytes: OnBytes | None = None
) -> Report:
    """Check every file of the zip. `on_start` hears the bytes to read, `on_bytes` of each piece.

    Raises NotAPackage, and OSError where the file itself cannot be read.
    """
    with path.open("rb") as file:
        _expect_short_list(file, path.stat().st_size)
        try:
            with zipfile.ZipFile(file) as archive:
                return _verify(archive, path.stat().st_size, on_start, on_bytes)
        except (zipfile.BadZipFile, struct.error, UnicodeDecodeError, ValueError) as error:
            raise NotAPackage(f"This is no zip that can be read: {shown(str(error))}") from None
        except (NotImplementedError, RuntimeError, EOFError):
            raise NotAPackage("This zip is encrypted or made in an unknown way.") from None


def shown(name: str) -> str:
    """A name out of a stranger's file, harmless on a terminal."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name)[:200]


# --- The list of the zip --------------------------------------------------------------------------


def _expect_short_list(file: IO[bytes], size: int) -> None:
    """The library reads the whole list into memory, so its length is looked at before."""
    start = max(0, size - _END_SIZE - _LONGEST_COMMENT)
    file.seek(start)
    tail = file.read(_END_SIZE + _LONGEST_COMMENT)
    place = tail.rfind(_END)
    if place < 0 or len(tail) - place < _END_SIZE:
        raise NotAPackage("This is no zip.")
    count, length = struct.unpack_from("<HL", tail, place + 10)
    if count == 0xFFFF or length == 0xFFFFFFFF:
        count, length = _large_list(file, start + place)
    file.seek(0)
    if count > MOST_FILES or length > MOST_LIST_BYTES:
        raise NotAPackage("This zip lists more files than a package ever has.")


def _large_list(file: IO[bytes], end: int) -> tuple[int, int]:
    """Count and bytes from the record that very large zips have before their end."""
    file.seek(max(0, end - 20))
    place = file.read(20)
    if len(place) < 20 or not place.startswith(_END_64_PLACE):
        return 0xFFFF, 0xFFFFFFFF
    file.seek(min(struct.unpack_from("<Q", place, 8)[0], end))
    record = file.read(56)
    if len(record) < 56 or not record.startswith(_END_64):
        raise NotAPackage("This is no zip that can be read.")
    count, length = struct.unpack_from("<QQ", record, 32)
    return count, length


# --- Its files ------------------------------------------------------------------------------------


def _verify(
    archive: zipfile.ZipFile, size: int, on_start: OnBytes | None, on_bytes: OnBytes | None
) -> Report:
    infos = archive.infolist()
    texts = _texts(archive, infos)
    document = _document(texts[manifest.JSON_NAME])
    listed = list(_listed(document))
    report = Report(document, {name: _sha256_of(text) for name, text in texts.items()})
    report.findings += [*_odd_names(infos), *_missing_and_extra(infos, listed)]
    total = sum(each.size for each in listed)
    if total > max(_SMALL, MOST_UNFOLDING * size):
        raise NotAPackage("Its manifest promises far more than this file can hold.")
    if on_start:
        on_start(total)
    by_name = {info.filename: info for info in infos}
    for each in listed:
        if each.name in by_name:
            _check(archive, by_name[each.name], each, report, on_bytes)
    return report


def _texts(archive: zipfile.ZipFile, infos: list[ZipInfo]) -> dict[str, bytes]:
    """The manifest and what is made of it. Raises NotAPackage without manifest.json."""
    wanted = {manifest.JSON_NAME, manifest.CSV_NAME, manifest.README_NAME}
    found = {
        info.filename: _bounded(archive, info, MOST_MANIFEST_BYTES)
        for info in infos
        if info.filename in wanted
    }
    if manifest.JSON_NAME not in found:
        raise NotAPackage("There is no manifest.json in it, so this is no package.")
    return found


def _bounded(archive: zipfile.ZipFile, info: ZipInfo, most: int) -> bytes:
    _expect_readable(info)
    with archive.open(info) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise NotAPackage(f"{shown(info.filename)} is larger than it ever is.")
    return content


def _expect_readable(info: ZipInfo) -> None:
    if info.flag_bits & _ENCRYPTED or info.compress_type not in _PLAIN:
        raise NotAPackage("This zip is encrypted or made in an unknown way.")


def _document(text: bytes) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise NotAPackage("Its manifest.json cannot be read.") from None
    if not isinstance(document, dict) or document.get("format") != manifest.FORMAT:
        raise NotAPackage("Its manifest.json is of another kind than this command knows.")
    return document


def _listed(document: dict[str, Any]) -> Iterator[Listed]:
    """Every file of the manifest. Raises NotAPackage for one that is no promise."""
    for item in _sequence(document.get("items")):
        for entry in _sequence(_mapping(item).get("files")):
            file = _mapping(entry)
            name, sha256, size = file.get("name"), file.get("sha256"), file.get("size")
            is_promise = isinstance(name, str) and isinstance(size, int) and size >= 0
            if not is_promise or not _SHA256.fullmatch(str(sha256)):
                raise NotAPackage("Its manifest.json lists a file without name, size or checksum.")
            yield Listed(str(name), str(sha256), int(size or 0))


def _odd_names(infos: list[ZipInfo]) -> Iterator[Finding]:
    counted = Counter(info.filename for info in infos)
    for name, count in counted.items():
        if count > 1:
            yield Finding("named more than once", name)
        if _leads_out(name):
            yield Finding("leads out of the folder", name)


def _leads_out(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or name.startswith(("/", "\\")) or ":" in parts[0] or "\x00" in name


def _missing_and_extra(infos: list[ZipInfo], listed: list[Listed]) -> Iterator[Finding]:
    texts = {manifest.JSON_NAME, manifest.CSV_NAME, manifest.README_NAME}
    there = {info.filename for info in infos if not info.is_dir()}
    promised = {each.name for each in listed}
    yield from (Finding("missing", name) for name in sorted((promised | texts) - there))
    yield from (Finding("not in the manifest", name) for name in sorted(there - promised - texts))
    counted = Counter(each.name for each in listed)
    yield from (Finding("promised twice", name) for name, count in counted.items() if count > 1)


def _check(
    archive: zipfile.ZipFile,
    info: ZipInfo,
    listed: Listed,
    report: Report,
    on_bytes: OnBytes | None,
) -> None:
    """Read no more than the promised size and one byte, and compare."""
    _expect_readable(info)
    if info.file_size != listed.size:
        report.findings.append(Finding("changed (another size)", listed.name))
        return
    digest, left = hashlib.sha256(), listed.size + 1
    try:
        with archive.open(info) as file:
            while left and (piece := file.read(min(_PIECE, left))):
                left -= len(piece)
                digest.update(piece)
                report.byte_count += len(piece)
                if on_bytes:
                    on_bytes(len(piece))
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error):
        report.findings.append(Finding("damaged", listed.name))
        return
    report.checked_count += 1
    if left != 1 or digest.hexdigest() != listed.sha256:
        report.findings.append(Finding("changed", listed.name))


def _sha256_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _sequence(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
