"""What the library's pages show, gathered for their templates. Only reads."""

from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.urls import NoReverseMatch, reverse

from rivya_app.core import clock
from rivya_app.gateway import catalogue
from rivya_app.library import access, actions, cleaning, forms, references, shelf, uses
from rivya_app.library.forms import SettingsForm, Tile
from rivya_app.library.models import StoredFile
from rivya_app.rivya_api import types
from rivya_app.workspaces.access import MAY_SUBMIT, owners_of
from rivya_app.workspaces.models import Membership

_FOLDED = ("kind", "origin", "use", "age", "person", "sort")  # filters behind the fold of a phone


def index_page(member: Membership, asked: QueryDict) -> dict[str, Any]:
    """The list as filtered in the URL, and how much is held in all."""
    filters = shelf.Filters.read(asked)
    keep = access.settings_of(member.workspace)
    found = shelf.find(member, filters).prefetch_related("derivatives")
    return {
        "page": shelf.page_of(found, asked.get("page"), keep),
        "filters": filters,
        "is_filtered": filters.is_filtered,
        "filter_count": sum(bool(getattr(filters, name)) for name in _FOLDED),
        "query": filters.query,
        "sums": shelf.sums(member),
        "people": shelf.people(member),
        "kind_choices": shelf.KINDS,
        "origin_choices": shelf.ORIGINS,
        "use_choices": shelf.USES,
        "age_choices": shelf.AGES,
        "sort_choices": shelf.SORTS,
        **settings_part(member),
    }


def settings_part(member: Membership, form: SettingsForm | None = None) -> dict[str, Any]:
    """What was decided about clean-up, what goes at the next run, and who decides."""
    keep = access.settings_of(member.workspace)
    may_decide = member.has_role(*actions.MAY_DECIDE)
    return {
        "keep": keep,
        "owners": owners_of(member.workspace),
        "next_run": cleaning.next_run(member.workspace),
        "settings_form": (form or SettingsForm(instance=keep)) if may_decide else None,
    }


def show_page(member: Membership, public_id: UUID) -> dict[str, Any]:
    """One file: what it is, who needs it, until when it is kept, and what can be done."""
    file = access.file(member, public_id)
    found = list(file.uses.order_by("created_at"))
    needed = {use.pk for use in uses.still_needed(file)}
    keep = access.settings_of(member.workspace)
    due_at = None if found else cleaning.due_at(file, keep)
    return {
        "file": file,
        "uses": [(use, use.pk in needed) for use in found],
        "is_needed": bool(needed),
        "due_at": due_at,
        "is_due": due_at is not None and due_at < clock.now(),
        "owners": owners_of(member.workspace),
        "keep": keep,
        "origin_url": origin_url(file),
        "may_remove": actions.may_remove(member, file),
        "file_reference": f"file:{file.public_id}",
        "may_use": member.has_role(*MAY_SUBMIT) and file.is_stored,
        "format": references.format_words([file.mime_type]) if file.mime_type else "",
    }


def origin_url(file: StoredFile) -> str:
    """The job a result came from; "" for an upload."""
    prefix, _colon, public_id = file.source.partition(":")
    try:
        return reverse("generations:show-job", args=[public_id]) if prefix == "generation" else ""
    except NoReverseMatch:
        return ""


def model_named(model_id: str) -> types.Model | None:
    """The model whose rules hold; None where none is chosen, or it is not on the list."""
    card = catalogue.find(model_id) if model_id else None
    return card.model if card else None


def tile(file: StoredFile, model: types.Model | None) -> dict[str, Any]:
    """One chosen file, as it stands in the brief's form."""
    return {"tile": Tile(file, references.file_problem(model, file) if model else "")}


def choose_page(member: Membership, asked: QueryDict) -> dict[str, Any]:
    """What the library has for a model, to be taken as references."""
    model = model_named(asked.get("model_id", ""))
    found = forms.offered(member, model, asked.get("q", ""))
    chosen = set(asked.getlist("references"))
    return {
        "offered": [Tile(file, "") for file in found],
        "chosen_ids": {str(file.public_id) for file in found} & chosen,
        "q": asked.get("q", ""),
    }


def judgement(member: Membership, asked: QueryDict) -> dict[str, Any]:
    """What the form's script is told when the model or the chosen files change."""
    model = model_named(asked.get("model_id", ""))
    files = access.chosen(member, asked.getlist("references"))
    alone = {str(file.public_id): references.file_problem(model, file) for file in files if model}
    rules = model.reference_rules if model else ()
    together = references.problems_together(rules, model, files) if model and files else []
    return {
        "takes_any": model is not None and bool(references.limits_of(model)),
        "is_required": bool(model and model.is_reference_required),
        "rule": references.rule_words(model),
        "rules": references.for_browser(model),
        "alone": {public_id: problem for public_id, problem in alone.items() if problem},
        "together": together,
    }
