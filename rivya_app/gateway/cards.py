"""What a person is shown of a model: its price in words, its limits, why it cannot be chosen."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rivya_app.gateway import kinds, param_words, reference_words
from rivya_app.gateway.models import CatalogueModel, Workflow
from rivya_app.rivya_api import assumptions, types


@dataclass(frozen=True)
class ModelCard:
    """One model of the list. Words are made when they are read, in the reader's language.

    What follows `row` says for which use it is looked at (gateway/access.py); without that the
    card tells of the model alone.
    """

    row: CatalogueModel
    wanted_kind: str = ""
    is_permitted: bool = True
    reference: str = ""  # as Workflow.Reference; "" asks for nothing
    reference_kinds: tuple[str, ...] = ()  # of which kinds; empty: any

    @cached_property
    def model(self) -> types.Model:
        """The entry as the client reads it; parsed when something first needs it."""
        return _read(self.row)

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
    def media_kind(self) -> str:
        """image, video, audio or chat; another word where Rivya names a category of its own."""
        return kinds.CHAT if self.model.is_chat else kinds.kind_of(self.row.category)

    @property
    def takes_references(self) -> bool:
        chat = self.model.chat
        return chat.takes_images if chat else self.model.takes_references

    @property
    def needs_references(self) -> bool:
        """Whether it makes nothing without a reference file."""
        if self.row.api_input_status:
            by_status = self.row.api_input_status == "requires_files_api"
        else:
            by_status = self.model.requires_files_api
        return by_status or self.model.is_reference_required

    @property
    def reference_file_kinds(self) -> frozenset[str]:
        """Which kinds of reference file it takes; in a conversation pictures alone."""
        if self.model.chat is not None:
            return frozenset({kinds.IMAGE}) if self.model.chat.takes_images else frozenset()
        return frozenset((*self.model.file_kinds, *(r.kind for r in self.model.reference_rules)))

    @property
    def needs_prompt(self) -> bool:
        """Whether a text of its own is required; see rivya_api/assumptions.py."""
        stated = [self.model.raw.get(key) for key in assumptions.PROMPT_REQUIRED_KEYS]
        if False in stated or True in stated:
            return False not in stated
        return not any(p.key in assumptions.PROMPT_MAKING_PARAMS for p in self.params)

    @property
    def is_spoken(self) -> bool:
        """Whether its text is read aloud as it stands, rather than described."""
        return any(param.key in param_words.VOICE_KEYS for param in self.params)

    @property
    def reference_words(self) -> str:
        """Which files it takes, in a sentence; empty where it takes none."""
        return reference_words.sentence(self.model)

    @property
    def is_choosable(self) -> bool:
        return not self._missing

    @property
    def price_words(self) -> str:
        if self.base_credits is None:
            return _("price not stated")
        words = _credits_in_words(self.base_credits)
        return words if self.is_fixed_price else _("from %(credits)s") % {"credits": words}

    @property
    def note(self) -> str:
        """One short remark, or nothing."""
        if not self.is_choosable or not self.takes_references:
            return ""
        if self.needs_references:
            return f"{_('Needs a reference.')} {self.reference_words}"
        return self.reference_words

    @property
    def why_not(self) -> str:
        """Why this model cannot be chosen; empty where it can."""
        return str(_REASONS[self._missing]()) if self._missing else ""

    @property
    def problem(self) -> str:
        """Why it cannot be chosen, as a code; "" where it can."""
        return self._missing

    @cached_property
    def _missing(self) -> str:
        if self.row.gone_at:
            return "gone"
        if self.row.api_status != "available":
            return self.row.api_status if self.row.api_status in _REASONS else "unavailable"
        if self.media_kind not in kinds.KINDS and self.media_kind != self.wanted_kind:
            return "chat" if self.media_kind == kinds.CHAT else "kind_unknown"
        if self.wanted_kind and self.media_kind != self.wanted_kind:
            return f"makes_{self.media_kind}"
        return self._misfit if self.is_permitted else "not_permitted"

    @property
    def _misfit(self) -> str:
        """Where its rules about files contradict those of the use."""
        if self.reference == Workflow.Reference.NONE and self.needs_references:
            return "needs_files"
        if self.reference == Workflow.Reference.REQUIRED:
            taken = self.reference_file_kinds
            return "" if taken & (set(self.reference_kinds) or taken) else "takes_no_files"
        return ""


# Parsing a list of models costs more than showing it. An entry is read anew when it has changed.
_entries: dict[str, types.Model] = {}


def _read(row: CatalogueModel) -> types.Model:
    known = _entries.get(row.model_id)
    if known is None or known.raw != row.payload:
        known = _entries[row.model_id] = types.Model.from_json(row.payload)
    return known


_REASONS = {
    "gone": lambda: _("Rivya no longer lists this model."),
    "coming_soon": lambda: _("Not open for the API yet."),
    "studio_only": lambda: _("Only available in Rivya Studio."),
    "unavailable": lambda: _("Not available through the API now."),
    "chat": lambda: _("This model is for conversations."),
    "kind_unknown": lambda: _("This workspace makes nothing of this kind yet."),
    "makes_image": lambda: _("This model makes pictures."),
    "makes_video": lambda: _("This model makes videos."),
    "makes_audio": lambda: _("This model makes sound."),
    "needs_files": lambda: _("It always needs a reference file; this workflow takes none."),
    "takes_no_files": lambda: _("It takes no reference file of the kind this workflow needs."),
    "not_permitted": lambda: _("The account owner has not permitted this model here."),
}


def card_of(row: CatalogueModel) -> ModelCard:
    return ModelCard(row)


def _credits_in_words(amount: Decimal) -> str:
    places = 0 if amount == int(amount) else 2
    shown = number_format(amount, decimal_pos=places, use_l10n=True, force_grouping=True)
    # 1.50 is plural in every language we speak; only exactly one is not.
    count = 1 if amount == 1 else max(2, int(amount))
    return ngettext("%(count)s credit", "%(count)s credits", count) % {"count": shown}
