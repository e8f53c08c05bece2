"""What a person reads of a check: its name, the rule with its number, and what to do about it."""

from collections.abc import Callable
from dataclasses import dataclass

from babel.numbers import format_decimal
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rivya_app.core.text import size_words
from rivya_app.handoff.checks import FAIL, PASS, WARN, Finding

Value = float | int | str | None

RESULTS: dict[str, Promise] = {
    PASS: gettext_lazy("Passes"),
    WARN: gettext_lazy("Please look"),
    FAIL: gettext_lazy("Fails"),
}
_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WebP",
    "image/gif": "GIF",
    "image/avif": "AVIF",
}


@dataclass(frozen=True, slots=True)
class CheckWords:
    """`title` and `rule` for every result; `change` only where something is to be done."""

    title: str
    result: str
    rule: str
    change: str


def words_of(finding: Finding) -> CheckWords:
    """In the language that is active. Raises KeyError for a code that no check has."""
    title, rule, change = _WORDS[finding.code]
    is_well = finding.result == PASS
    return CheckWords(
        title=str(title),
        result=str(RESULTS[finding.result]),
        rule=rule(finding),
        change="" if is_well else str(change),
    )


def _percent(share: Value) -> str:
    """Whole percents, cut off and not rounded: 97.9 is not yet 98."""
    return str(int(float(share or 0) * 100 + 1e-6))


def _pixels(count: Value) -> str:
    return format_decimal(int(count or 0), locale="en")


def _format(mime_type: Value) -> str:
    return _FORMATS.get(str(mime_type), str(mime_type))


def _white_edge(finding: Finding) -> str:
    return _("The outermost edge must be at least %(limit)s %% white; here %(value)s %%.") % {
        "limit": _percent(finding.limit),
        "value": _percent(finding.value),
    }


def _white_ground(finding: Finding) -> str:
    return _("The ground must be at least %(limit)s %% white; here %(value)s %%.") % {
        "limit": _percent(finding.limit),
        "value": _percent(finding.value),
    }


def _product_fill(finding: Finding) -> str:
    limit = _percent(finding.limit)
    if finding.value is None:
        return _(
            "The product must fill at least %(limit)s %% of the frame's width or height; here it "
            "cannot be told from its ground."
        ) % {"limit": limit}
    return _(
        "The product must fill at least %(limit)s %% of the frame's width or height; "
        "here %(value)s %%."
    ) % {"limit": limit, "value": _percent(finding.value)}


def _sides(finding: Finding) -> str:
    return _(
        "Each side must come from at least %(limit)s pixels of the approved picture; "
        "here %(value)s."
    ) % {"limit": _pixels(finding.limit), "value": _pixels(finding.value)}


def _upscaled(finding: Finding) -> str:
    if finding.result == PASS:
        return _("The picture must not be enlarged; it is not.")
    factor = format_decimal(float(finding.value or 1), "0.0#", locale="en")
    return _("The picture must not be enlarged; here every side is %(value)s times as long.") % {
        "value": factor
    }


def _file_size(finding: Finding) -> str:
    return _("The file may have at most %(limit)s; here %(value)s.") % {
        "limit": size_words(int(finding.limit or 0)),
        "value": size_words(int(finding.value or 0)),
    }


def _file_format(finding: Finding) -> str:
    return _("The file must be %(limit)s; here it is %(value)s.") % {
        "limit": _format(finding.limit),
        "value": _format(finding.value),
    }


def _text_areas(finding: Finding) -> str:
    count = int(finding.value or 0)
    if not count:
        return _("Nothing in the picture looks like text.")
    return ngettext(
        "%(count)s place in the picture looks like text.",
        "%(count)s places in the picture look like text.",
        count,
    ) % {"count": count}


def _origin_tag(finding: Finding) -> str:
    if finding.result == PASS:
        return _("The file says that a model made it. This was read back from the file.")
    return _("This file is %(value)s, which cannot carry the mark that a model made it.") % {
        "value": _format(finding.value)
    }


_WORDS: dict[str, tuple[Promise, Callable[[Finding], str], Promise]] = {
    "white_edge": (
        gettext_lazy("White edge"),
        _white_edge,
        gettext_lazy(
            "Choose a part in which the product touches no side, or ask for a draft on pure white."
        ),
    ),
    "white_ground": (
        gettext_lazy("White ground"),
        _white_ground,
        gettext_lazy("Ask for a draft on a pure white ground, without shadow or tint."),
    ),
    "product_fill": (
        gettext_lazy("Size of the product"),
        _product_fill,
        gettext_lazy("Choose a narrower part around the product and look at it yourself."),
    ),
    "sides": (
        gettext_lazy("Enough pixels"),
        _sides,
        gettext_lazy("Choose a larger part, or make the draft anew in a higher resolution."),
    ),
    "upscaled": (
        gettext_lazy("Not enlarged"),
        _upscaled,
        gettext_lazy("Look at it in full size. If it is blurred, choose a larger part."),
    ),
    "file_size": (
        gettext_lazy("File size"),
        _file_size,
        gettext_lazy("Choose a part with less detail in it."),
    ),
    "format": (
        gettext_lazy("File format"),
        _file_format,
        gettext_lazy("Pack the file for this channel again."),
    ),
    "text_areas": (
        gettext_lazy("Text in the picture"),
        _text_areas,
        gettext_lazy(
            "Look at the marked places: letters may be wrong, and many shops allow no text. "
            "A pattern can look like text too."
        ),
    ),
    "origin_tag": (
        gettext_lazy("Mark of AI origin"),
        _origin_tag,
        gettext_lazy("Say so where you publish it, or use a JPEG cut, which carries the mark."),
    ),
}
