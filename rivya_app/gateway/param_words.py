"""Names and hints of the parameters Rivya's models use, and of their options. Data only.

A key or an option that is not listed is shown as Rivya wrote it, made readable.
"""

import re
from typing import TYPE_CHECKING, TypeAlias

from django.utils.html import escape
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Words: TypeAlias = "str | _StrPromise"

# A parameter of one of these names chooses who speaks, so the model reads its text aloud.
VOICE_KEYS = frozenset({"voice", "voice_id", "default_voice", "dialogue"})

LABELS: dict[str, Words] = {
    "aspect_ratio": _("Shape"),
    "image_size": _("Shape"),
    "size": _("Shape"),
    "resolution": _("Resolution"),
    "image_resolution": _("Resolution"),
    "quality": _("Quality"),
    "output_format": _("File format"),
    "negative_prompt": _("What to leave out"),
    "seed": _("Seed"),
    "seeds": _("Seed"),
    "google_search": _("Look things up on the web"),
    "duration": _("Length in seconds"),
    "sound": _("With sound"),
    "mode": _("Mode"),
    "watermark": _("Watermark text"),
    "water_mark": _("Watermark text"),
    "remove_watermark": _("Without watermark"),
    "enable_translation": _("Translate the prompt"),
    "enable_prompt_expansion": _("Let the model enrich the prompt"),
    "nsfw_checker": _("Check for unsafe content"),
    "cfg_scale": _("How closely to follow the prompt"),
    "multi_shots": _("Several shots"),
}

HINTS: dict[str, Words] = {
    "seed": _("The same number with the same prompt gives a similar picture."),
    "seeds": _("The same number with the same prompt gives a similar picture."),
    "negative_prompt": _("Things that must not appear, separated by commas."),
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
    "png": "PNG",
    "jpg": "JPEG",
    "jpeg": "JPEG",
    "webp": "WebP",
}

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def label(key: str) -> Words:
    """What to call the parameter `key` on the screen."""
    snake = _HUMP.sub("_", key).lower()
    return LABELS.get(snake) or snake.replace("_", " ").strip().capitalize() or key


def hint(key: str, description: str) -> Words:
    """A line of help, or "". Rivya's own description stands in for what we have no name for.

    It is English in every language, so it stays away from a parameter that we name ourselves. It is
    escaped here, because Django prints help texts as they are.
    """
    snake = _HUMP.sub("_", key).lower()
    if snake in LABELS:
        return HINTS.get(snake, "")
    return escape(description[:200])


def option(value: str) -> Words:
    """What to call one option of a select; short codes such as 4:3 or 2K stay as they are."""
    return OPTIONS.get(value.lower()) or value
