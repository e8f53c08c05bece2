"""From a scene to the bytes of a file: the one door of this package."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from rivya_app.simulator.media import clip, sound, speech
from rivya_app.simulator.media.still import draw_still

_CELL = 640  # pixels of one reference among several


@dataclass(frozen=True)
class Scene:
    """What is asked for: enough to make the same bytes again."""

    category: str
    """``image``, ``video`` or ``audio``."""
    prompt: str
    seed: int
    size: tuple[int, int] = (1024, 1024)
    seconds: float = 5.0
    with_sound: bool = False
    audio_style: str = "music"
    """``music``, ``speech`` or ``effect``."""
    audio_rate: int = 44100
    audio_kilobits: int = 128
    audio_codec: str = ""
    """Empty: the usual one of the file type."""
    lines: tuple[tuple[str, str], ...] = ()
    """For speech: the voice and its words, one after the other."""
    references: tuple[Path, ...] = ()


def render(scene: Scene, extension: str) -> bytes:
    """The finished file."""
    if scene.category == "audio":
        return sound.encoded(
            _track(scene),
            extension,
            rate=scene.audio_rate,
            kilobits=scene.audio_kilobits,
            codec=scene.audio_codec,
        )
    found = map(_reference_picture, scene.references)
    references = [picture for picture in found if picture is not None]
    if scene.category == "video":
        return clip.encoded(
            scene.prompt, scene.seed, scene.size, scene.seconds, references, sound=scene.with_sound
        )
    sheet = contact_sheet(references) if references else None
    return _encode(draw_still(scene.prompt, scene.seed, scene.size, sheet), extension)


def _track(scene: Scene) -> sound.Samples[float]:
    if scene.audio_style == "speech":
        return speech.spoken(scene.lines, scene.seed, scene.seconds)
    return sound.piece(scene.audio_style, scene.seed, scene.seconds)


def contact_sheet(pictures: list[Image.Image]) -> Image.Image:
    """All references side by side in rows, so that each can be seen in what is made of them."""
    if len(pictures) == 1:
        return pictures[0]
    columns = math.ceil(math.sqrt(len(pictures)))
    rows = math.ceil(len(pictures) / columns)
    sheet = Image.new("RGB", (columns * _CELL, rows * _CELL), (250, 248, 244))
    for n, picture in enumerate(pictures):
        at = (n % columns * _CELL, n // columns * _CELL)
        sheet.paste(ImageOps.fit(picture, (_CELL, _CELL)), at)
    return sheet


def _reference_picture(path: Path) -> Image.Image | None:
    """The reference as a picture: the first frame where it is a clip; None if it cannot be read."""
    if not path.exists():
        return None
    try:
        with Image.open(path) as picture:
            picture.draft("RGB", (2048, 2048))
            return picture.convert("RGB")
    except (OSError, ValueError):
        return clip.first_frame(path)


def _encode(picture: Image.Image, extension: str) -> bytes:
    out = io.BytesIO()
    if extension == "png":
        picture.save(out, "PNG", compress_level=1)
    elif extension == "webp":
        picture.save(out, "WEBP", quality=88, method=1)
    else:
        picture.save(out, "JPEG", quality=92)
    return out.getvalue()
