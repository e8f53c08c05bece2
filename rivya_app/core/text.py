"""Numbers and amounts in the reader's language."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import ngettext


def credit_number(amount: Decimal | int) -> str:
    """Credits without needless decimals, grouped: 5, 5.50, 1,200."""
    value = Decimal(amount)
    places = 0 if value == value.to_integral_value() else 2
    return number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True)


def credit_words(amount: Decimal | int) -> str:
    """The same with its noun: 1 credit, 5 credits."""
    count = 1 if abs(Decimal(amount)) == 1 else 2
    return ngettext("%(amount)s credit", "%(amount)s credits", count) % {
        "amount": credit_number(amount)
    }
