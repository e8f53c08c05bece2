"""Numbers and amounts in the reader's language."""

from decimal import Decimal
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal
from django.utils.translation import get_language, ngettext


def reader_locale() -> Locale:
    """Babel's name for the language that is active, English where it has none."""
    try:
        return Locale.parse((get_language() or "en").replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


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
