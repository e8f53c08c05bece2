"""What a person is shown of a model: its price in words, its limits, why it cannot be chosen."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rivya_app.gateway.models import CatalogueModel
from rivya_app.rivya_api import types

TEXT_IS_ENOUGH = frozenset({"available_text", "available_url_input", "partial_requires_files"})


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One model of the list. Words are made when they are read, in the reader's language."""

    row: CatalogueModel
    model: types.Model

    @property
    def model_id(self) -> str:
        return self.row.model_id

    @property
    def name(self) -> str:
        return self.row.display_name

    @property
    def category(self) -> str:
        return self.row.category

    @property
    def base_credits(self) -> Decimal | None:
        """Credits for one run; the whole price only where `billing_type` is FIXED."""
        return self.row.base_credits

    @property
    def billing_type(self) -> str:
        return self.row.billing_type

    @property
    def is_fixed_price(self) -> bool:
        return self.model.is_fixed_price and self.base_credits is not None

    @property
    def prompt_limit(self) -> int | None:
        """Characters; None where Rivya states no limit."""
        return self.row.max_prompt_length

    @property
    def params(self) -> tuple[types.Param, ...]:
        return self.model.params

    @property
    def takes_references(self) -> bool:
        return self.model.takes_references

    @property
    def is_choosable(self) -> bool:
        return not self.why_not

    @property
    def price_words(self) -> str:
        if self.base_credits is None:
            return _("price not stated")
        words = _credits_in_words(self.base_credits)
        return words if self.is_fixed_price else _("from %(credits)s") % {"credits": words}

    @property
    def note(self) -> str:
        """One short remark, or nothing."""
        if self.is_choosable and self.takes_references:
            return _("Also takes reference pictures")
        return ""

    @property
    def why_not(self) -> str:
        """Why this model cannot be chosen; empty where it can."""
        reason = self._missing()
        return str(_REASONS[reason]()) if reason else ""

    def _missing(self) -> str:
        if self.row.gone_at:
            return "gone"
        if self.row.api_status != "available":
            return self.row.api_status if self.row.api_status in _REASONS else "unavailable"
        if self.category != "image":
            return "category"
        if not self._works_with_text():
            return "needs_file"
        return ""

    def _works_with_text(self) -> bool:
        if self.row.api_input_status:
            return self.row.api_input_status in TEXT_IS_ENOUGH
        return not self.model.requires_files_api


_REASONS = {
    "gone": lambda: _("Rivya no longer lists this model."),
    "coming_soon": lambda: _("Not open for the API yet."),
    "studio_only": lambda: _("Only available in Rivya Studio."),
    "unavailable": lambda: _("Not available through the API now."),
    "category": lambda: _("This model does not make pictures."),
    "needs_file": lambda: _("This model needs a reference picture."),
}


def card_of(row: CatalogueModel) -> ModelCard:
    return ModelCard(row, types.Model.from_json(row.payload))


def _credits_in_words(amount: Decimal) -> str:
    places = 0 if amount == int(amount) else 2
    shown = number_format(amount, decimal_pos=places, use_l10n=True, force_grouping=True)
    # 1.50 is plural in every language we speak; only exactly one is not.
    count = 1 if amount == 1 else max(2, int(amount))
    return ngettext("%(count)s credit", "%(count)s credits", count) % {"count": shown}
