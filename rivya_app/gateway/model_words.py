"""Rivya's words about a model, and the changes of its list, as a person reads them. Data."""

from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from rivya_app.core.text import credit_words
from rivya_app.gateway.models import CatalogueChange

_STATUS = {
    "available": lambda: _("Ready to use"),
    "coming_soon": lambda: _("Coming soon"),
    "studio_only": lambda: _("Only in Studio"),
}
_INPUT = {
    "available_text": lambda: _("A text is enough."),
    "available_url_input": lambda: _("A text is enough; public links are taken too."),
    "partial_requires_files": lambda: _("A text is enough; some uses need reference files."),
    "requires_files_api": lambda: _("Needs reference files."),
}
_BILLING = {
    "FIXED": lambda: _("fixed price"),
    "METERED": lambda: _("by length or use"),
    "TOKEN_BASED": lambda: _("by the length of question and answer"),
}
_INPUTS = {
    "text": lambda: _("text"),
    "file": lambda: _("files"),
    "url": lambda: _("links"),
}
_DETAILS = {
    "params": lambda: _("settings"),
    "reference_media": lambda: _("reference rules"),
    "file_kinds": lambda: _("reference rules"),
    "max_prompt_length": lambda: _("prompt limit"),
    "display_name": lambda: _("name"),
    "category": lambda: _("kind"),
    "supported_modes": lambda: _("uses"),
    "supported_api_inputs": lambda: _("inputs"),
    "notices": lambda: _("remarks"),
}


def status(api_status: str) -> str:
    """The readiness in two or three words; a word we do not know stays as it is."""
    known = _STATUS.get(api_status)
    return known() if known else api_status or _("Not stated")


def input_status(word: str) -> str:
    """What it needs to begin, in a sentence; a word we do not know stays as it is."""
    known = _INPUT.get(word)
    return known() if known else word


def billing(word: str) -> str:
    """How it is paid for."""
    known = _BILLING.get(word)
    return known() if known else word


def inputs(words: tuple[str, ...]) -> str:
    """What can be given to it, separated by commas."""
    return ", ".join(_INPUTS[word]() if word in _INPUTS else word for word in words)


def change(found: CatalogueChange) -> str:
    """One difference of the list, in a sentence."""
    if found.kind == CatalogueChange.Kind.PRICE:
        facts = {"before": price(found.before), "after": price(found.after)}
        return _("Price: %(before)s before, %(after)s now.") % facts
    if found.kind == CatalogueChange.Kind.READINESS:
        facts = {"before": _readiness(found.before), "after": _readiness(found.after)}
        return _("Readiness: %(before)s before, %(after)s now.") % facts
    if found.kind == CatalogueChange.Kind.DETAILS:
        return _("Changed: %(details)s.") % {"details": _details(found.after)}
    words = {
        CatalogueChange.Kind.ADDED: _("New on the list."),
        CatalogueChange.Kind.GONE: _("No longer on the list."),
        CatalogueChange.Kind.RETURNED: _("On the list again."),
    }
    return words.get(CatalogueChange.Kind(found.kind), "")


def price(stored: str) -> str:
    """The two parts a change keeps of a price: credits and billing kind."""
    amount, _space, kind = stored.partition(" ")
    try:
        credits_shown = credit_words(Decimal(amount))
    except InvalidOperation:
        credits_shown = _("not stated")
    return f"{credits_shown}, {billing(kind)}" if kind else credits_shown


def _readiness(stored: str) -> str:
    ready, _slash, needs = stored.partition("/")
    return f"{status(ready)} ({input_status(needs).rstrip('.।')})" if needs else status(ready)


def _details(stored: str) -> str:
    keys = [key for key in stored.split(", ") if key]
    return ", ".join(dict.fromkeys(_DETAILS[k]() if k in _DETAILS else k for k in keys))
