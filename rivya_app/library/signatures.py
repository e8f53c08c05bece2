"""The file formats we keep, known by their first bytes. What is not in this table is not kept."""

from collections.abc import Callable
from dataclasses import dataclass

HEAD = 64  # bytes needed to recognise a format


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its kind, the type it is served with, and the one decoder that may open it."""

    kind: str
    mime_type: str
    extension: str
    decoder: str
    sound_mime_type: str = ""  # for a container that holds sound alone


PNG = Format("image", "image/png", "png", "PNG")
JPEG = Format("image", "image/jpeg", "jpg", "JPEG")
WEBP = Format("image", "image/webp", "webp", "WEBP")
GIF = Format("image", "image/gif", "gif", "GIF")
AVIF = Format("image", "image/avif", "avif", "AVIF")
MP4 = Format("video", "video/mp4", "mp4", "mp4", "audio/mp4")
QUICKTIME = Format("video", "video/quicktime", "mov", "mov")
WEBM = Format("video", "video/webm", "webm", "matroska", "audio/webm")
MATROSKA = Format("video", "video/x-matroska", "mkv", "matroska")
M4A = Format("audio", "audio/mp4", "m4a", "mp4")
MP3 = Format("audio", "audio/mpeg", "mp3", "mp3")
WAV = Format("audio", "audio/wav", "wav", "wav")
OGG = Format("audio", "audio/ogg", "ogg", "ogg")
AAC = Format("audio", "audio/aac", "aac", "aac")
FLAC = Format("audio", "audio/flac", "flac", "flac")

_EBML = b"\x1a\x45\xdf\xa3"
_BRANDS = {b"avif": AVIF, b"avis": AVIF, b"M4A ": M4A, b"M4B ": M4A, b"qt  ": QUICKTIME}
_NOT_OPENED = frozenset({b"heic", b"heix", b"mif1", b"msf1"})

_TABLE: tuple[tuple[Callable[[bytes], bool], Format], ...] = (
    (lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"), PNG),
    (lambda head: head.startswith(b"\xff\xd8\xff"), JPEG),
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", WEBP),
    (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WAVE", WAV),
    (lambda head: head[:6] in (b"GIF87a", b"GIF89a"), GIF),
    # One container under two names: its header says which (the DocType element, EBML 0x4282).
    (lambda head: head.startswith(_EBML) and b"matroska" in head, MATROSKA),
    (lambda head: head.startswith(_EBML), WEBM),
    (lambda head: head.startswith(b"OggS"), OGG),
    (lambda head: head.startswith(b"fLaC"), FLAC),
    (lambda head: head.startswith(b"ID3"), MP3),
    (lambda head: head[:1] == b"\xff" and head[1:2] in (b"\xf0", b"\xf1", b"\xf8", b"\xf9"), AAC),
    (lambda head: head[:1] == b"\xff" and head[1:2] in (b"\xfa", b"\xfb", b"\xf2", b"\xf3"), MP3),
)

EXTENSIONS = {
    each.mime_type: each.extension
    for each in (
        PNG,
        JPEG,
        WEBP,
        GIF,
        AVIF,
        MP4,
        QUICKTIME,
        WEBM,
        MATROSKA,
        M4A,
        MP3,
        WAV,
        OGG,
        AAC,
        FLAC,
    )
} | {"audio/webm": "weba"}


def format_of(head: bytes) -> Format | None:
    """The format whose signature the first bytes carry, or None."""
    if head[4:8] == b"ftyp":
        return _by_brand(head[8:12])
    return next((found for matches, found in _TABLE if matches(head)), None)


def _by_brand(brand: bytes) -> Format | None:
    if brand in _NOT_OPENED:
        return None
    return _BRANDS.get(brand, MP4)
