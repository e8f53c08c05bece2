"""From a scene to the bytes of a file: the one door of this package."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from rivya_app.simulator.media import clip, sound
from rivya_app.simulator.media.still import draw_still


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
    reference: Path | None = None


def render(scene: Scene, extension: str) -> bytes:
    """The finished file."""
    if scene.category == "audio":
        return sound.encoded(
            sound.piece(scene.audio_style, scene.prompt, scene.seed, scene.seconds),
            extension,
            rate=scene.audio_rate,
            kilobits=scene.audio_kilobits,
            codec=scene.audio_codec,
        )
    reference = _reference_picture(scene.reference)
    if scene.category == "video":
        return clip.encoded(
            scene.prompt, scene.seed, scene.size, scene.seconds, reference, sound=scene.with_sound
        )
    return _encode(draw_still(scene.prompt, scene.seed, scene.size, reference), extension)


def _reference_picture(path: Path | None) -> Image.Image | None:
    """The reference as a picture: the first frame where it is a clip; None if it cannot be read."""
    if path is None or not path.exists():
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
