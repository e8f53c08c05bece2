"""From a task to the scene that is to be made of it."""

from __future__ import annotations

from typing import Any

from rivya_app.simulator.catalogue import models
from rivya_app.simulator.faults import without_words
from rivya_app.simulator.files import FileShelf
from rivya_app.simulator.media.render import Scene
from rivya_app.simulator.outputs import clip_has_sound, clip_seconds, clip_size, image_size
from rivya_app.simulator.records import Task

_WORDS_A_SECOND = 2.6
_MUSIC_SECONDS = 30.0


class Scenes:
    def __init__(self, shelf: FileShelf) -> None:
        self._shelf = shelf

    def of(self, task: Task, number: int) -> Scene:
        """The scene of the task's result with that number, counted from 0."""
        prompt, seed = without_words(task.prompt), task.seed + number
        model = models()[task.model]
        params, category = model.filled(task.params), model.category
        if category == "audio":
            return _audio(model.id, params, prompt, seed)
        reference = self._reference(task.params)
        size = _size_of(reference)
        if category == "image":
            pixels = image_size(params, size)
            return Scene("image", prompt, seed, pixels, reference=reference)
        return Scene(
            "video",
            prompt,
            seed,
            clip_size(params, size),
            clip_seconds(params),
            clip_has_sound(model.id, params),
            reference=reference,
        )

    def _reference(self, params: dict[str, Any]) -> Any:
        for item in params.get("referenceMediaItems") or []:
            file = self._shelf.by_url(str(item["url"]))
            if file is not None and file.media in ("image", "video"):
                return self._shelf.path(file)
        return None


def _size_of(path: Any) -> tuple[int, int] | None:
    from PIL import Image

    if path is None:
        return None
    try:
        with Image.open(path) as picture:
            return picture.size
    except OSError:
        return None


def _audio(model_id: str, params: dict[str, Any], prompt: str, seed: int) -> Scene:
    rate, kilobits, codec = _format(str(params.get("output_format", "mp3_44100_128")))
    style, seconds = _style(model_id, params, prompt)
    return Scene(
        "audio",
        prompt,
        seed,
        seconds=seconds,
        audio_style=style,
        audio_rate=rate,
        audio_kilobits=kilobits,
        audio_codec=codec,
    )


def _style(model_id: str, params: dict[str, Any], prompt: str) -> tuple[str, float]:
    if model_id == "suno-music":
        return "music", _MUSIC_SECONDS
    if "sound-effect" in model_id:
        return "effect", float(params.get("duration_seconds", 3))
    pace = _WORDS_A_SECOND * float(params.get("speed", 1))
    return "speech", max(1.5, min(60.0, len(prompt.split()) / pace))


def _format(word: str) -> tuple[int, int, str]:
    """Sampling rate, kbit/s and codec of an ``output_format``."""
    family, rate, *rest = word.split("_")
    codec = {"ulaw": "pcm_mulaw", "alaw": "pcm_alaw"}.get(family, "")
    return int(rate), int(rest[0]) if rest else 128, codec
