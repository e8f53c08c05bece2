"""Takes what camera, place and program wrote out of a picture file, without touching its pixels.

Knows three containers (JPEG, PNG, WebP) as pieces of bytes. Kept are the picture itself and what
its colours need: the ICC profile, or a product's blue becomes another blue.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path

Piece = bytes | slice  # new bytes, or a part of the file as it is
Bytes = mmap.mmap

_STEP = 1 << 20  # bytes copied at a time


class NotWellFormed(ValueError):
    """The container does not follow its own rules, so nothing can be said of its parts."""


def without_notes(path: Path, target: Path, mime_type: str) -> bool:
    """Write the picture at `path` to `target` without its notes; False where it carries none.

    Then nothing is written. Raises NotWellFormed, KeyError for another type than the three.
    """
    walk = _WALKS[mime_type]
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            pieces = _joined(list(walk(data)))
        except IndexError as error:
            raise NotWellFormed("the file ends too early") from error
        if pieces == [slice(0, len(data))]:
            return False
        with target.open("wb") as out:
            for piece in pieces:
                for part in _parts(data, piece):
                    out.write(part)
    return True


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbouring parts as one, so that an untouched file is a single part."""
    joined: list[Piece] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if isinstance(piece, slice) and isinstance(last, slice) and last.stop == piece.start:
            joined[-1] = slice(last.start, piece.stop)
        else:
            joined.append(piece)
    return joined


def _parts(data: Bytes, piece: Piece) -> Iterator[bytes]:
    if isinstance(piece, bytes):
        yield piece
        return
    for start in range(piece.start, piece.stop, _STEP):
        yield data[start : min(start + _STEP, piece.stop)]


def _number(data: Bytes, at: int, size: int, order: str = "big") -> int:
    found = data[at : at + size]
    if len(found) < size:
        raise NotWellFormed("the file ends too early")
    return int.from_bytes(found, "big" if order == "big" else "little")


# --- JPEG ---------------------------------------------------------------------------------------

_SOS, _EOI, _COMMENT = 0xDA, 0xD9, 0xFE
_APPLICATION = range(0xE0, 0xF0)
# Size and shape (JFIF), colour profile, and how colours were coded (Adobe).
_KEPT_APPLICATION = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}


def _jpeg(data: Bytes) -> Iterator[Piece]:
    """What follows the end mark goes too: phones hang a film, with its place, behind the still."""
    yield slice(0, 2)
    at = 2
    while True:
        if data[at] != 0xFF:
            raise NotWellFormed("no marker where one must be")
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == _EOI:
            yield slice(at, at + 2)
            return
        end = at + 2 + _number(data, at + 2, 2)
        if marker == _SOS:
            end = _end_of_scan(data, end)
        if _is_kept_in_jpeg(data, at, marker):
            yield slice(at, end)
        at = end


def _is_kept_in_jpeg(data: Bytes, at: int, marker: int) -> bool:
    if marker in _APPLICATION:
        name = _KEPT_APPLICATION.get(marker)
        return name is not None and data[at + 4 : at + 4 + len(name)] == name
    return marker != _COMMENT


def _end_of_scan(data: Bytes, at: int) -> int:
    """Where the next true marker stands: neither a stuffed FF 00 nor a restart."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0:
            raise NotWellFormed("the picture has no end")
        following = data[at + 1]
        if following == 0x00 or 0xD0 <= following <= 0xD7:
            at += 2
        elif following == 0xFF:
            at += 1
        else:
            return at


# --- PNG ----------------------------------------------------------------------------------------

_PNG_HEAD = 8
_KEPT_IN_PNG = frozenset(
    b"IHDR PLTE tRNS IDAT IEND acTL fcTL fdAT "
    b"gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs".split()
)


def _png(data: Bytes) -> Iterator[Piece]:
    yield slice(0, _PNG_HEAD)
    at = _PNG_HEAD
    while True:
        end = at + 12 + _number(data, at, 4)
        name = data[at + 4 : at + 8]
        if end > len(data):
            raise NotWellFormed("a chunk ends behind the file")
        if name in _KEPT_IN_PNG:
            yield slice(at, end)
        if name == b"IEND":
            return
        at = end


# --- WebP ---------------------------------------------------------------------------------------

_WEBP_HEAD = 12
_KEPT_IN_WEBP = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ICCP", b"ALPH", b"ANIM", b"ANMF"})
_EXIF_AND_XMP = 0b0000_1100  # in the flags of VP8X


def _webp(data: Bytes) -> Iterator[Piece]:
    """Its size stands in front and its list of contents in VP8X; both must tell the truth."""
    end_of_all = min(8 + _number(data, 4, 4, "little"), len(data))
    parts = list(_webp_parts(data, end_of_all))
    size = sum(len(p) if isinstance(p, bytes) else p.stop - p.start for p in parts)
    if size == len(data) - _WEBP_HEAD and not any(isinstance(p, bytes) for p in parts):
        yield slice(0, len(data))
        return
    yield b"RIFF" + (size + 4).to_bytes(4, "little") + b"WEBP"
    yield from parts


def _webp_parts(data: Bytes, end_of_all: int) -> Iterator[Piece]:
    at = _WEBP_HEAD
    while at + 8 <= end_of_all:
        size = _number(data, at + 4, 4, "little")
        end = at + 8 + size + size % 2
        name = data[at : at + 4]
        if at + 8 + size > len(data):
            raise NotWellFormed("a chunk ends behind the file")
        flags = data[at + 8] if name == b"VP8X" else 0
        if flags & _EXIF_AND_XMP:
            yield data[at : at + 8] + bytes([flags & ~_EXIF_AND_XMP]) + data[at + 9 : end]
        elif name in _KEPT_IN_WEBP:
            yield slice(at, min(end, len(data)))
        at = end


_WALKS = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}
KNOWN = frozenset(_WALKS)
