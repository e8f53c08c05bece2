"""Names, hints, order and shapes of the parameters Rivya's models use. Data, and its look-up.

A key or an option that is not listed is shown as Rivya wrote it, made readable.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from django.utils.html import escape
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Words: TypeAlias = "str | _StrPromise"

# A parameter of one of these names chooses who speaks, so the model reads its text aloud.
VOICE_KEYS = frozenset({"voice", "voice_id", "default_voice", "dialogue"})
# A list of {voice, text} lines, whatever type Rivya gives it; and whose options are its voices.
LINES_KEYS = frozenset({"dialogue"})
VOICES_OF_LINES = ("default_voice", "voice", "voice_id")
LONG_TEXT_KEYS = frozenset({"negative_prompt", "previous_text", "next_text", "lyrics"})
LONG_TEXT_TYPES = frozenset({"textarea", "longtext", "long_text", "multiline"})

# By key in snake case, whichever way a model writes it; in the order in which they are shown.
LABELS: dict[str, Words] = {
    "dialogue": _("Lines"),
    "voice": _("Voice"),
    "voice_id": _("Voice"),
    "default_voice": _("Voice for lines without one"),
    "model": _("Version"),
    "mode": _("Mode"),
    "aspect_ratio": _("Shape"),
    "image_size": _("Shape"),
    "size": _("Shape"),
    "duration": _("Length in seconds"),
    "duration_seconds": _("Length in seconds"),
    "n_frames": _("Length in seconds"),
    "resolution": _("Resolution"),
    "image_resolution": _("Resolution"),
    "quality": _("Quality"),
    "instrumental": _("Without singing"),
    "sound": _("With sound"),
    "audio_setting": _("Sound"),
    "loop": _("Plays in a loop"),
    "multi_shots": _("Several shots"),
    "speed": _("Speaking speed"),
    "stability": _("Steadiness of the voice"),
    "similarity_boost": _("Closeness to the original voice"),
    "style": _("Expressiveness"),
    "negative_prompt": _("What to leave out"),
    "previous_text": _("Text before this"),
    "next_text": _("Text after this"),
    "language_code": _("Language code"),
    "prompt_influence": _("How closely to follow the prompt"),
    "cfg_scale": _("How closely to follow the prompt"),
    "enable_prompt_expansion": _("Let the model enrich the prompt"),
    "enable_translation": _("Translate the prompt"),
    "google_search": _("Look things up on the web"),
    "seed": _("Seed"),
    "seeds": _("Seed"),
    "timestamps": _("With the time of each word"),
    "watermark": _("Watermark text"),
    "water_mark": _("Watermark text"),
    "remove_watermark": _("Without watermark"),
    "nsfw_checker": _("Check for unsafe content"),
    "output_format": _("File format"),
    "upload_method": _("Where Rivya keeps the result"),
}
_ORDER = {key: place for place, key in enumerate(LABELS)}

HINTS: dict[str, Words] = {
    "dialogue": _("What is said, line by line. Empty lines are left out."),
    "seed": _("The same number with the same prompt gives a similar result."),
    "seeds": _("The same number with the same prompt gives a similar result."),
    "negative_prompt": _("Things that must not appear, separated by commas."),
    "previous_text": _("What was said just before, so that the tone carries on."),
    "next_text": _("What is said just after, so that the tone leads there."),
    "language_code": _("Two letters, such as en or hi. Left empty, the model finds out."),
    "stability": _("Higher is calmer and more even; lower is livelier."),
    "multi_shots": _("Cuts between several views instead of one."),
    "enable_translation": _("The prompt is put into English before it is used."),
    "google_search": _("Facts such as flags or places are looked up before drawing."),
    "audio_setting": _("New sound, or the sound of the reference video."),
}

OPTIONS: dict[str, Words] = {
    "auto": pgettext_lazy("shape or setting", "Automatic"),
    "basic": _("Basic"),
    "high": _("High"),
    "square": _("Square"),
    "square_hd": _("Square, large"),
    "portrait_4_3": _("Portrait 3:4"),
    "portrait_3_2": _("Portrait 2:3"),
    "portrait_16_9": _("Portrait 9:16"),
    "landscape_4_3": _("Landscape 4:3"),
    "landscape_3_2": _("Landscape 3:2"),
    "landscape_16_9": _("Landscape 16:9"),
    "landscape_21_9": _("Landscape 21:9"),
    "landscape": _("Landscape"),
    "portrait": _("Portrait"),
    "std": _("Standard"),
    "pro": _("Professional"),
    "normal": pgettext_lazy("a model's mode", "Normal"),
    "fun": _("Playful"),
    "spicy": _("Daring"),
    "origin": _("As in the reference"),
    "s3": _("First store"),
    "oss": _("Second store"),
    "png": "PNG",
    "jpg": "JPEG",
    "jpeg": "JPEG",
    "webp": "WebP",
    "true": _("Yes"),
    "false": _("No"),
}

# Voices that Rivya names by their maker's id; the names are the maker's own public ones.
VOICES: dict[str, str] = {
    "TX3LPaxmHKxFdv7VOQHJ": "Liam",
    "cgSgspJ2msm6clMCkdW9": "Jessica",
    "pNInz6obpgDQGcFmaJgB": "Adam",
    "BIvP0GN1cAtSRTxNHnWS": "Ellen",
    "aMSt68OGf4xUZAnLpTU8": "Juniper",
}

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_VOICE_ID = re.compile(r"[A-Za-z0-9]{20}")
_SOUND_FORMAT = re.compile(r"(mp3|opus|pcm|ulaw|alaw)_(\d{4,5})(?:_(\d{2,3}))?")
_SOUND_NAMES = {"mp3": "MP3", "opus": "Opus", "pcm": "PCM", "ulaw": "µ-law", "alaw": "A-law"}
_VERSION = re.compile(r"V(\d)(?:_(\d))?(PLUS|ALL)?")


def snake(key: str) -> str:
    """`aspectRatio` and `aspect_ratio` are one parameter to a reader."""
    return _HUMP.sub("_", key).lower()


def label(key: str) -> Words:
    """What to call the parameter `key` on the screen."""
    name = snake(key)
    return LABELS.get(name) or name.replace("_", " ").strip()[:80].capitalize() or key[:80]


def place(key: str) -> int:
    """Where the parameter stands among others; unknown ones come after those we know."""
    return _ORDER.get(snake(key), len(_ORDER))


def hint(key: str, description: str) -> Words:
    """A line of help, or "". Rivya's own description stands in for what we have no name for.

    It is English in every language, so it stays away from a parameter that we name ourselves. It is
    escaped here, because Django prints help texts as they are.
    """
    name = snake(key)
    if name in LABELS:
        return HINTS.get(name, "")
    return escape(description[:200])


def option(value: str) -> Words:
    """What to call one option of a select; short codes such as 4:3 or 2K stay as they are."""
    known = OPTIONS.get(value.lower()) or VOICES.get(value)
    if known:
        return known
    if _VOICE_ID.fullmatch(value):
        return _("Voice %(start)s…%(end)s") % {"start": value[:4], "end": value[-4:]}
    return _sound_format(value) or _version(value) or value[:200]


def shown(key: str, value: Any) -> str:
    """A chosen value in words, for lists of settings."""
    if snake(key) in LINES_KEYS and isinstance(value, list):
        return " / ".join(_line(line) for line in value if isinstance(line, Mapping))
    return str(option(value)) if isinstance(value, str) else str(value)


def _line(line: Mapping[str, Any]) -> str:
    voice, text = line.get("voice"), str(line.get("text", ""))
    return f"{option(str(voice))}: {text}" if voice else text


def _sound_format(value: str) -> str:
    """`mp3_44100_128` as people write it."""
    found = _SOUND_FORMAT.fullmatch(value)
    if not found:
        return ""
    codec, rate, kilobits = found.groups()
    words = f"{_SOUND_NAMES[codec]}, {int(rate) / 1000:g} kHz"
    return f"{words}, {kilobits} kbit/s" if kilobits else words


def _version(value: str) -> str:
    """`V4_5PLUS` as people write it."""
    found = _VERSION.fullmatch(value)
    if not found:
        return ""
    major, minor, extra = found.groups()
    number = f"{major}.{minor}" if minor else major
    return f"V{number} {extra.capitalize()}" if extra else f"V{number}"
