"""Template tags for what every page shows: icons, credits, times, pictures. No domain words."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import lucide
from babel.dates import format_timedelta
from babel.units import format_unit
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from rivya_app.core import clock, doors
from rivya_app.core.text import (
    credit_number,
    credit_words,
    date_words,
    day_words,
    moment_words,
    reader_locale,
    size_words,
    unit_length,
    up_to_words,
)

register = template.Library()

THUMBNAIL_SIDE = 640  # px, the longest side of a stored thumbnail


@register.simple_tag
@lru_cache(maxsize=1024)  # drawn anew, the icons were a fifth of what a long page takes
def icon(name: str, css: str = "") -> SafeString:
    """An inline icon that says nothing to a screen reader: its word stands beside it.

    Raises lucide.IconDoesNotExist.
    """
    markup = lucide._render_icon(  # noqa: SLF001  (the package's own Jinja and Django tags call it)
        str(name), 18, **{"class": f"icon {css}".strip(), "aria-hidden": "true"}
    )
    return mark_safe(markup)  # noqa: S308  (made from the package's own files)


@register.simple_tag(takes_context=True)
def open_url(context: template.Context, route_name: str) -> str:
    """The address of a page for `member`; "" where it is not theirs or there is no such page."""
    return doors.address_for(context.get("member"), route_name)


@register.filter("credits")
def credits_shown(amount: Decimal | int | None) -> str:
    """5, 5.50, 1,234; an unknown amount is a dash."""
    return "–" if amount is None else credit_number(amount)


@register.filter("credit_words")
def credits_in_words(amount: Decimal | int | None) -> str:
    """1 credit, 5 credits; an unknown amount is a dash."""
    return "–" if amount is None else credit_words(amount)


@register.simple_tag
def when(moment: datetime | None) -> SafeString | str:
    """A past moment as "2 min. ago", with the exact time in the reader's zone on hover."""
    if moment is None:
        return "–"
    words = format_timedelta(
        moment - clock.now(), add_direction=True, format=unit_length(), locale=reader_locale()
    )
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        moment.isoformat(),
        moment_words(moment),
        words,
    )


@register.simple_tag
def exact_time(moment: datetime | None) -> str:
    """The moment in full, in the reader's zone and language."""
    return moment_words(moment) if moment else "–"


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
        format_unit(number, f"duration-{unit}", unit_length(), "0", locale=reader_locale())
        for number, unit in parts[:2]
    )


@register.inclusion_tag("components/_picture.html")
def picture(
    file: Any, alt: str = "", sizes: str = "100vw", full: bool = False, still: bool = False
) -> dict[str, Any]:
    """One stored file at its true proportions, played where it can be.

    `full` gives it the whole stage; `still` shows what stands for it and plays nothing, for the
    inside of a link. `file` is a StoredFile, or has its names; width and height may be None.
    """
    return {
        "file": file,
        "alt": alt,
        "sizes": sizes,
        "full": full,
        "still": still,
        "sources": _sources(file) if file.kind == "image" else "",
    }


def _sources(file: Any) -> str:
    """The picture's sizes for `srcset`; the file itself where nothing smaller is sharp enough."""
    width, height = file.width or 0, file.height or 0
    if not width or not file.thumbnail_url:
        return ""
    small = max(1, round(width * min(1, THUMBNAIL_SIDE / max(width, height))))
    return f"{file.thumbnail_url} {small}w, {file.web_url} {file.web_width}w"


@register.simple_tag
def wave(peaks: list[int]) -> SafeString:
    """Path data that draws `peaks` (0 to 100) as bars, 4 units wide each and 64 high in all."""
    bars = (
        f"M{4 * number + 2} {32 - high}v{2 * high}"
        for number, high in enumerate(max(1, round(peak * 0.3)) for peak in peaks)
    )
    return mark_safe("".join(bars))  # noqa: S308  (made of numbers)


@register.filter
def initials(name: str) -> str:
    """The first letters of the first and the last word of a name."""
    words = str(name).split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.filter
def number_in(mapping: Any, key: str) -> Any:
    """`mapping[key]`, or None where there is none."""
    return mapping.get(key) if hasattr(mapping, "get") else getattr(mapping, key, None)


@register.filter
def up_to(count: int, most: int = 999) -> str:
    """A number that was counted up to `most`: 17, 999+."""
    return up_to_words(count, most)


@register.filter
def size(count: int | None) -> str:
    """Bytes as people count them: 940 kB, 3.4 MB."""
    return size_words(count)


@register.filter
def day(moment: datetime | None) -> str:
    """The day alone, in the reader's zone and language: 22 Nov 2026."""
    return day_words(moment) if moment else "–"


@register.filter
def calendar_day(one: date | None) -> str:
    """A day of the calendar, the same in every zone: 22 Nov, with its year where it is another."""
    return date_words(one) if one else "–"
