"""Makes the bytes that leave for Rivya: without camera, place and program notes, and upright.

Our own copy is never changed. Pixels and sound stay what they are wherever a format allows it:
pictures lose parts of their container, films and sounds are packed anew without being encoded
again. Only a picture that must be turned is saved anew.
"""

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
from av.stream import Disposition
from PIL import Image, ImageOps, JpegImagePlugin

from rivya_app.library import picture_bytes
from rivya_app.library.signatures import HEAD, Format, format_of
from rivya_app.library.troubles import Trouble

_ORIENTATION = 0x0112
_UPRIGHT = (None, 0, 1)
_KEPT_INFO = frozenset({"transparency", "duration", "loop", "background", "disposal"})
# Tried in this order until the turned picture fits the limit. 95 is as good as a phone's own.
JPEG_QUALITIES = (95, 90, 85)

# How a recording is packed, by its type; "ipod" is FFmpeg's name for an MP4 of sound alone.
_CONTAINERS = {
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-matroska": "matroska",
    "audio/mp4": "ipod",
    "audio/webm": "webm",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/ogg": "ogg",
    "audio/aac": "adts",
    "audio/flac": "flac",
}
_OPTIONS = {
    "mp4": {"movflags": "+faststart"},
    "mov": {"movflags": "+faststart"},
    "ipod": {"movflags": "+faststart"},
    "mp3": {"id3v2_version": "0", "write_id3v1": "0"},
}

Progress = Callable[[], None]


def cleaned(
    path: Path,
    folder: Path,
    *,
    mime_type: str,
    most_bytes: int | None = None,
    on_progress: Progress = lambda: None,
) -> Path:
    """The file to send: `path` itself where nothing has to go, else a new one in `folder`.

    `on_progress` is called now and then. Raises Trouble: not_cleaned where the notes cannot be
    taken out, too_large where the result has more than `most_bytes`, no_space.
    """
    target = folder / "cleaned"
    with _cleaning():
        with path.open("rb") as file:
            found = format_of(file.read(HEAD))
        if found is None:
            raise Trouble("not_cleaned")
        if found.kind == "image":
            result = _clean_picture(path, target, found, most_bytes)
        else:
            result = _clean_recording(path, target, found, mime_type, on_progress)
    if most_bytes is not None and result.stat().st_size > most_bytes:
        raise Trouble("too_large")
    return result


@contextmanager
def _cleaning() -> Iterator[None]:
    """Hostile bytes bring every kind of exception; all of them mean that we cannot promise it."""
    try:
        yield
    except (Trouble, MemoryError):
        raise
    except Exception as error:
        is_full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        raise Trouble("no_space" if is_full else "not_cleaned") from error


# --- Pictures -----------------------------------------------------------------------------------


def _clean_picture(path: Path, target: Path, found: Format, most_bytes: int | None) -> Path:
    with Image.open(path, formats=[found.decoder]) as image:
        if _must_be_turned(image) or found.mime_type not in picture_bytes.KNOWN:
            return _saved_anew(image, target, found, most_bytes)
    return target if picture_bytes.without_notes(path, target, found.mime_type) else path


def _must_be_turned(image: Image.Image) -> bool:
    """A moving picture is left as it lies: turning would keep only its first frame."""
    is_moving = getattr(image, "is_animated", False) and image.format not in ("MPO", "JPEG")
    return image.getexif().get(_ORIENTATION) not in _UPRIGHT and not is_moving


def _saved_anew(image: Image.Image, target: Path, found: Format, most_bytes: int | None) -> Path:
    """Decode, turn, encode. No notes are carried over; the colour profile is."""
    ways = list(_ways_to_save(image, found))
    profile = image.info.get("icc_profile")
    # The frames of a GIF are read from its file while it is saved, and it has no turn to take.
    upright = image if found.decoder == "GIF" else ImageOps.exif_transpose(image)
    upright.info = {k: v for k, v in upright.info.items() if k in _KEPT_INFO}
    for options in ways:
        upright.save(target, found.decoder, icc_profile=profile, **options)
        if most_bytes is None or target.stat().st_size <= most_bytes:
            break
    return target


def _ways_to_save(image: Image.Image, found: Format) -> Iterator[dict[str, Any]]:
    """Best first. PNG and lossless WebP lose nothing; the others are saved as they came."""
    if found.decoder == "JPEG":
        sampling = JpegImagePlugin.get_sampling(image)
        for quality in JPEG_QUALITIES:
            yield {"quality": quality, "subsampling": sampling}
    elif found.decoder == "WEBP" and not _is_lossless_webp(image):
        for quality in JPEG_QUALITIES:
            yield {"quality": quality, "method": 4}
    elif found.decoder == "WEBP":
        yield {"lossless": True, "exact": True}
    elif found.decoder == "AVIF":
        yield {"quality": JPEG_QUALITIES[0]}
    else:
        yield {"save_all": True} if found.decoder == "GIF" else {}


def _is_lossless_webp(image: Image.Image) -> bool:
    with Path(str(getattr(image, "filename", ""))).open("rb") as file:
        head = file.read(1 << 16)
    return b"VP8L" in head


# --- Films and sounds ---------------------------------------------------------------------------


def _clean_recording(
    path: Path, target: Path, found: Format, mime_type: str, on_progress: Progress
) -> Path:
    """Copy sound and moving pictures packet by packet into an empty container of the same type.

    Left behind: titles, places, times, chapters, covers, subtitles and the data tracks in which
    cameras keep their positions. The turn of a film belongs to its stream and stays.
    """
    container = _CONTAINERS[mime_type]
    options = _OPTIONS.get(container, {})
    with (
        path.open("rb") as file,
        av.open(file, mode="r", format=found.decoder, metadata_errors="ignore") as source,
        av.open(str(target), mode="w", format=container, options=options) as out,
    ):
        tracks = {s.index: out.add_stream_from_template(s) for s in source.streams if _is_kept(s)}
        if not tracks:
            raise Trouble("not_cleaned")
        for packet in source.demux([source.streams[index] for index in tracks]):
            if packet.dts is None:  # the end of a track
                continue
            packet.stream = tracks[packet.stream.index]
            out.mux(packet)
            on_progress()
    return target


def _is_kept(stream: Any) -> bool:
    is_cover = bool(stream.disposition & Disposition.attached_pic)
    return stream.type in ("video", "audio") and not is_cover
