"""Template tags for what every page shows: icons, credits, times, pictures. No domain words."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import lucide
from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal
from babel.units import format_unit
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext

from rivya_app.core import clock

register = template.Library()

THUMBNAIL_SIDE = 640  # px, the longest side of a stored thumbnail


def _locale() -> Locale:
    try:
        return Locale.parse((get_language() or "en").replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An inline icon that says nothing to a screen reader: its word stands beside it.

    Raises lucide.IconDoesNotExist.
    """
    markup = lucide._render_icon(  # noqa: SLF001  (the package's own Jinja and Django tags call it)
        str(name), 18, **{"class": f"icon {css}".strip(), "aria-hidden": "true"}
    )
    return mark_safe(markup)  # noqa: S308  (made from the package's own files)


@register.filter("credits")
def credit_number(number: Decimal | int | None) -> str:
    """Credits in the reader's digits grouping: 5, 5.50, 1,234. An unknown number is a dash."""
    if number is None:
        return "–"
    whole = Decimal(number) == Decimal(number).to_integral_value()
    return format_decimal(number, "#,##0" if whole else "#,##0.00", locale=_plain_grouping())


def _plain_grouping() -> Locale:
    """Thousands in English, lakhs in Hindi, Latin digits in both."""
    return Locale("en", "IN") if _locale().language == "hi" else _locale()


@register.filter
def credit_words(number: Decimal | int | None) -> str:
    """`1 credit`, `5 credits`, `5.50 credits`, in the reader's language."""
    if number is None:
        return "–"
    return ngettext("%(number)s credit", "%(number)s credits", _plural_key(number)) % {
        "number": credit_number(number)
    }


def _plural_key(number: Decimal | int) -> int:
    """A fraction takes the plural, so it is never rounded down to one."""
    value = abs(Decimal(number))
    return int(value) if value == value.to_integral_value() else int(value) + 2


def _exact(moment: datetime) -> str:
    return format_datetime(timezone.localtime(moment), "d MMM y, HH:mm zzz", locale=_locale())


@register.simple_tag
def when(moment: datetime | None) -> SafeString | str:
    """A past moment as "2 min. ago", with the exact time in the reader's zone on hover."""
    if moment is None:
        return "–"
    words = format_timedelta(
        moment - clock.now(), add_direction=True, format="short", locale=_locale()
    )
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        moment.isoformat(),
        _exact(moment),
        words,
    )


@register.simple_tag
def exact_time(moment: datetime | None) -> str:
    """The moment in full, in the reader's zone and language."""
    return _exact(moment) if moment else "–"


@register.simple_tag
def elapsed(since: datetime) -> SafeString:
    """The time since then, "2 min 5 sec"; the page's script keeps it running."""
    seconds = max(0, int((clock.now() - since).total_seconds()))
    return format_html(
        '<time class="clock" datetime="{}" data-since>{}</time>', since.isoformat(), span(seconds)
    )


@register.filter
def span(seconds: float) -> str:
    """A length of time with its two largest units: "42 sec", "2 min 5 sec", "1 hr 3 min"."""
    total = round(seconds)
    parts = [(total // 3600, "hour"), (total // 60 % 60, "minute"), (total % 60, "second")]
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    return " ".join(
        format_unit(number, f"duration-{unit}", "short", "0", locale=_locale())
        for number, unit in parts[:2]
    )


@register.inclusion_tag("components/_picture.html")
def picture(file: Any, alt: str = "", sizes: str = "100vw", full: bool = False) -> dict[str, Any]:
    """One stored file at its true proportions; `full` shows the file itself, not its thumbnail.

    `file` has url, thumbnail_url, kind, width and height (px, either may be None).
    """
    width, height = file.width or 0, file.height or 0
    side = max(width, height, 1)
    return {
        "file": file,
        "alt": alt,
        "sizes": sizes,
        "full": full,
        "thumbnail_width": max(1, round(width * min(1, THUMBNAIL_SIDE / side))),
    }


@register.filter
def initials(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    words = str(name).split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.filter
def number_in(mapping: Any, key: str) -> Any:
    """`mapping[key]`, or None where there is none."""
    return mapping.get(key) if hasattr(mapping, "get") else getattr(mapping, key, None)
