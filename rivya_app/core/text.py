"""Numbers, amounts and dates in the reader's language."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from django.utils import timezone
from django.utils.translation import get_language, ngettext

from rivya_app.core import clock

_SIZES = ((10**9, "GB"), (10**6, "MB"), (10**3, "kB"), (0, "B"))


def reader_locale() -> Locale:
    """Babel's name for the language that is active, English where it has none."""
    try:
        return Locale.parse((get_language() or "en").replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


def search_words(typed: str) -> str:
    """What is looked for: at most 100 characters, and none that the database refuses."""
    return typed.replace("\x00", "").strip()[:100]


def id_in(typed: str) -> str:
    """A public id as an address gives it, in its usual spelling; "" for what is none."""
    try:
        return str(UUID(typed))
    except ValueError:
        return ""


def unit_length() -> Literal["long", "short"]:
    """How units of time are written: Hindi's short ones (मि॰, से॰) are known to few readers."""
    return "long" if reader_locale().language == "hi" else "short"


def credit_number(amount: Decimal | int) -> str:
    """Credits without needless decimals, grouped as the reader counts: 5, 5.50, 1,23,456."""
    value = Decimal(amount)
    places = "" if value == value.to_integral_value() else ".00"
    pattern = "#,##,##0" if reader_locale().language == "hi" else "#,##0"
    return format_decimal(value, pattern + places, locale=Locale("en"))


def credit_words(amount: Decimal | int) -> str:
    """The same with its noun: 1 credit, 5 credits."""
    count = 1 if abs(Decimal(amount)) == 1 else 2
    return ngettext("%(amount)s credit", "%(amount)s credits", count) % {
        "amount": credit_number(amount)
    }


def day_words(moment: datetime) -> str:
    """The day in the reader's time zone and language: 22 Nov 2026."""
    return format_date(timezone.localdate(moment), "d MMM y", locale=reader_locale())


def date_words(day: date) -> str:
    """A day of the calendar, which is the same in every time zone: 22 Nov, or 22 Nov 2027 where it
    is not of this year."""
    is_near = day.year == timezone.localdate(clock.now()).year
    return format_date(day, "d MMM" if is_near else "d MMM y", locale=reader_locale())


def moment_words(moment: datetime) -> str:
    """The moment in full, in the reader's time zone and language: 22 Nov 2026, 14:05 IST."""
    return format_datetime(timezone.localtime(moment), "d MMM y, HH:mm zzz", locale=reader_locale())


def up_to_words(count: int, most: int) -> str:
    """17, or "999+" where counting stopped behind `most`."""
    return f"{most}+" if count > most else str(count)


def size_words(count: int | None) -> str:
    """Bytes as people count them, in thousands: 940 kB, 3.4 MB; an unknown size is a dash."""
    if count is None:
        return "–"
    value, unit = next((count / max(step, 1), name) for step, name in _SIZES if count >= step)
    return f"{format_decimal(value, '#,##0.#' if value < 10 else '#,##0', locale='en')} {unit}"
