"""Looks at bytes we were sent: their kind by signature, whether they open, how large they are.

Everything here treats the file as hostile: only known formats are opened, only with the decoder of
that format, and no more of it is decoded than one picture or sound needs.
"""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from rivya_app.library import pictures, recordings
from rivya_app.library.errors import Trouble
from rivya_app.library.signatures import HEAD, Format, format_of

THUMBNAIL_SIDE = 640  # pixels, the longer side
_SECONDS = 60.0  # for one film or sound, reading its packets to the end included


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file is. Sizes in pixels as shown, duration in seconds, thumbnail as WebP bytes."""

    kind: str
    mime_type: str
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    thumbnail: bytes | None = None


def examine(path: Path, *, expected_kind: str | None = None) -> Facts:
    """Open the file at `path` as what it says it is; None where any kind will do.

    Raises Trouble: wrong_kind, broken_media or too_many_pixels.
    """
    with path.open("rb") as file:
        found = format_of(file.read(HEAD))
    if found is None:
        raise Trouble("wrong_kind")
    with pictures.decoding():
        facts = _picture(path, found) if found.kind == "image" else _recording(path, found)
    if expected_kind is not None and facts.kind != expected_kind:
        raise Trouble("wrong_kind")
    return facts


def _picture(path: Path, found: Format) -> Facts:
    with pictures.opened(path, found) as image:
        image.verify()
    with pictures.opened(path, found) as image:
        image.load()
        width, height = pictures.shown_size(image)
        thumbnail = _webp(pictures.scaled(image, THUMBNAIL_SIDE))
    return Facts("image", found.mime_type, width, height, thumbnail=thumbnail)


def _recording(path: Path, found: Format) -> Facts:
    with recordings.opened(path, found, seconds=_SECONDS) as container:
        film = recordings.film_of(container) if found.kind == "video" else None
        if film is not None:
            return _film(container, film, found)
        return _sound(container, found)


def _film(container: Any, stream: Any, found: Format) -> Facts:
    pictures.limit(stream.codec_context.width, stream.codec_context.height)
    frame = recordings.good_frame(container, stream)
    width, height = recordings.shown_size(frame, stream)
    thumbnail = _webp(recordings.picture_of(frame, stream, side=THUMBNAIL_SIDE))
    seconds = recordings.length(container)
    return Facts("video", found.mime_type, width, height, seconds, thumbnail)


def _sound(container: Any, found: Format) -> Facts:
    recordings.first_frame(container, recordings.sound_of(container))
    mime_type = found.sound_mime_type or found.mime_type
    return Facts("audio", mime_type, duration=recordings.length(container))


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=80, method=3)
    return out.getvalue()
