"""Which files a task will give: their number, format and pixel size, from model and params."""

from __future__ import annotations

from typing import Any, Final

from rivya_app.simulator.catalogue import Model

_IMAGE_FORMAT: Final = {"seedream-4-0": "jpg", "seedream-4-5": "png", "seedream-5-lite": "webp"}
_LANDSCAPE: Final = {"landscape": "16:9", "portrait": "9:16", "auto": "", "Auto": ""}
_AREA_SIDE: Final = {"1K": 1024, "2K": 2048, "4K": 4096, "basic": 1024, "high": 2048}
# Long side of a clip: quick to make, yet sharp on a page. ASSUMED: no page names pixel sizes.
_CLIP_SIDE: Final = {"480p": 640, "720p": 960, "1080p": 1280}


def extensions(model: Model, params: dict[str, Any]) -> list[str]:
    params = model.filled(params)
    if model.category == "image":
        return [_image_extension(model, params)]
    if model.category == "video":
        return ["mp4"]
    count = 2 if model.id == "suno-music" else 1
    return [_audio_extension(str(params.get("output_format", "mp3")))] * count


def _image_extension(model: Model, params: dict[str, Any]) -> str:
    wanted = params.get("output_format")
    if wanted:
        return "jpg" if wanted == "jpeg" else str(wanted)
    return _IMAGE_FORMAT.get(model.id, "png")


def _audio_extension(wanted: str) -> str:
    family = wanted.partition("_")[0]
    return {"mp3": "mp3", "opus": "ogg"}.get(family, "wav")


def ratio(params: dict[str, Any], reference: tuple[int, int] | None, default: str) -> float:
    """Width to height; auto takes the reference's, or the default."""
    word = _ratio_word(params)
    if not word:
        return reference[0] / reference[1] if reference else _as_ratio(default)
    return _as_ratio(word)


def _ratio_word(params: dict[str, Any]) -> str:
    for key in ("aspect_ratio", "aspectRatio", "imageSize", "size", "image_size"):
        if key in params:
            word = str(params[key])
            return _LANDSCAPE.get(word, word)
    return ""


def _as_ratio(word: str) -> float:
    if word.startswith("square"):
        return 1.0
    if "_" in word:
        side, long, short = word.split("_")
        wide = float(long) / float(short)
        return wide if side == "landscape" else 1 / wide
    wide_part, _, high_part = word.partition(":")
    return float(wide_part) / float(high_part)


def image_size(params: dict[str, Any], reference: tuple[int, int] | None) -> tuple[int, int]:
    """Pixels of a picture: the area of a square of the asked side, in steps of 8."""
    key = params.get("resolution") or params.get("image_resolution") or params.get("quality")
    side = _AREA_SIDE.get(str(key), 1024)
    shape = ratio(params, reference, "1:1") ** 0.5
    return _step(side * shape, 8), _step(side / shape, 8)


def clip_size(params: dict[str, Any], reference: tuple[int, int] | None) -> tuple[int, int]:
    """Pixels of a clip: the long side by resolution, even numbers."""
    key = params.get("resolution") or params.get("quality") or "720p"
    side = _CLIP_SIDE.get(str(key), 960)
    shape = ratio(params, reference, "16:9")
    if shape >= 1:
        return side, _step(side / shape, 2)
    return _step(side * shape, 2), side


def clip_seconds(params: dict[str, Any]) -> float:
    return float(params.get("duration", params.get("n_frames", 5)))


def clip_has_sound(model_id: str, params: dict[str, Any]) -> bool:
    if "sound" in params:
        return str(params["sound"]) == "true"
    return model_id.startswith(("veo", "sora", "happyhorse"))


def _step(value: float, step: int) -> int:
    return max(step, round(value / step) * step)
