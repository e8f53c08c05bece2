"""From a task to the scene that is to be made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

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
        references = self._references(task.params)
        size = _size_of(references[0]) if references else None
        if category == "image":
            pixels = image_size(params, size)
            return Scene("image", prompt, seed, pixels, references=references)
        return Scene(
            "video",
            prompt,
            seed,
            clip_size(params, size),
            clip_seconds(params),
            clip_has_sound(model.id, params),
            references=references,
        )

    def _references(self, params: dict[str, Any]) -> tuple[Path, ...]:
        files = self._shelf.referenced(params)
        return tuple(self._shelf.path(file) for file in files if file.media != "audio")


def _size_of(path: Path) -> tuple[int, int] | None:
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
        lines=_lines(params, prompt),
        audio_style=style,
        audio_rate=rate,
        audio_kilobits=kilobits,
        audio_codec=codec,
    )


def _lines(params: dict[str, Any], prompt: str) -> tuple[tuple[str, str], ...]:
    """Who says what: the dialogue, or the whole prompt by one voice."""
    usual = str(params.get("voice") or params.get("default_voice") or "")
    dialogue = params.get("dialogue")
    if not isinstance(dialogue, list):
        return ((usual, prompt),)
    return tuple((str(line.get("voice") or usual), str(line["text"])) for line in dialogue)


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
