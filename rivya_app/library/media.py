"""Looks at bytes we were sent: their kind by signature, whether they open, how large they are.

Everything here treats the file as hostile: only known formats are opened, only with the decoder of
that format, and no more than one picture of it is decoded.
"""

import contextlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from PIL import Image, ImageOps

from rivya_app.library.signatures import HEAD, Format, format_of
from rivya_app.library.troubles import Trouble

MOST_PIXELS = 50_000_000  # about 200 MB when decoded
MOST_SIDE = 32_000
THUMBNAIL_SIDE = 640  # pixels, the longer side
MOST_PACKETS = 500  # looked at for a first picture or sound
_TURNED = frozenset({5, 6, 7, 8})  # EXIF orientations that swap width and height
_ORIENTATION = 0x0112

# Pillow only warns of a picture that is somewhat too large; here that is a refusal.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file is. Sizes in pixels as shown, duration in seconds, thumbnail as WebP bytes."""

    kind: str
    mime_type: str
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    thumbnail: bytes | None = None


def examine(path: Path, *, expected_kind: str = "") -> Facts:
    """Open the file at `path` as what it says it is; any kind will do where none is expected.

    Raises Trouble: wrong_kind, broken_media or too_many_pixels.
    """
    with path.open("rb") as file:
        found = format_of(file.read(HEAD))
    if found is None:
        raise Trouble("wrong_kind")
    facts = _picture(path, found) if found.kind == "image" else _recording(path, found)
    if expected_kind and facts.kind != expected_kind:
        raise Trouble("wrong_kind")
    return facts


@contextlib.contextmanager
def _decoding() -> Iterator[None]:
    """Decoders meet hostile bytes with every kind of exception; to us all of them say: damaged."""
    try:
        yield
    except (Trouble, MemoryError):
        raise
    except Exception as error:
        raise Trouble("broken_media") from error


# --- Pictures -----------------------------------------------------------------------------------


def _picture(path: Path, found: Format) -> Facts:
    with _decoding():
        with _opened(path, found) as image:
            _limit(image.width, image.height)
            image.verify()
        with _opened(path, found) as image:
            image.load()
            width, height = image.size
            is_turned = image.getexif().get(_ORIENTATION) in _TURNED
            thumbnail = _thumbnail(image)
    if is_turned:
        width, height = height, width
    return Facts("image", found.mime_type, width, height, thumbnail=thumbnail)


def _opened(path: Path, found: Format) -> Image.Image:
    try:
        return Image.open(path, formats=[found.decoder])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Trouble("too_many_pixels") from None


def _limit(width: int, height: int) -> None:
    if width * height > MOST_PIXELS or max(width, height) > MOST_SIDE:
        raise Trouble("too_many_pixels")
    if min(width, height) < 1:
        raise Trouble("broken_media")


def _thumbnail(image: Image.Image) -> bytes:
    orientation = image.getexif().get(_ORIENTATION)
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    small = ImageOps.exif_transpose(image) if orientation else image
    has_alpha = "A" in small.getbands() or "transparency" in small.info
    small = small.convert("RGBA" if has_alpha else "RGB")
    out = io.BytesIO()
    small.save(out, "WEBP", quality=80, method=3)
    return out.getvalue()


# --- Films and sound ----------------------------------------------------------------------------


def _recording(path: Path, found: Format) -> Facts:
    # An open file and a named container: a playlist or a reference to another file is not followed.
    with (
        _decoding(),
        path.open("rb") as file,
        av.open(file, mode="r", format=found.decoder, metadata_errors="ignore") as container,
    ):
        if container.streams.video and found.kind == "video":
            return _film(container, found)
        return _sound(container, found)


def _film(container: Any, found: Format) -> Facts:
    stream = container.streams.video[0]
    _limit(stream.codec_context.width, stream.codec_context.height)
    frame = _first_frame(container, stream)
    image = frame.to_image()
    turn = int(getattr(frame, "rotation", 0) or 0) % 360
    if turn:
        image = image.rotate(turn, expand=True)
    width, height = image.size
    return Facts(
        "video", found.mime_type, width, height, _duration(container, stream), _thumbnail(image)
    )


def _sound(container: Any, found: Format) -> Facts:
    if not container.streams.audio:
        raise Trouble("broken_media")
    stream = container.streams.audio[0]
    _first_frame(container, stream)
    mime_type = found.sound_mime_type or found.mime_type
    return Facts("audio", mime_type, duration=_duration(container, stream))


def _first_frame(container: Any, stream: Any) -> Any:
    for number, packet in enumerate(container.demux(stream)):
        for frame in packet.decode():
            return frame
        if number >= MOST_PACKETS:
            break
    raise Trouble("broken_media")


def _duration(container: Any, stream: Any) -> float | None:
    if container.duration:
        return round(container.duration / av.time_base, 3)
    if stream.duration and stream.time_base:
        return round(float(stream.duration * stream.time_base), 3)
    return None
