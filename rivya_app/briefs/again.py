"""What a finished draft offers next: the same again at its price now, or with changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rivya_app.briefs import access, recipes
from rivya_app.briefs.models import Brief, Draft
from rivya_app.briefs.recipes import Recipe
from rivya_app.briefs.wishes import wishes_for
from rivya_app.core.buttons import Action
from rivya_app.credits import gate_rules
from rivya_app.gateway.access import model_of
from rivya_app.gateway.cards import ModelCard
from rivya_app.generations.cards import Again
from rivya_app.generations.price import UnitPrice, unit_price
from rivya_app.workspaces.models import Membership


@dataclass(frozen=True, slots=True)
class Offer:
    """`same` is None where the model or a file of it cannot be used any more."""

    same: Again | None
    change: Action


def offers(brief: Brief, drafts: Iterable[Draft], asker: Membership) -> dict[int, Offer]:
    """By position, for those whose newest attempt is over. Drafts by position and attempt.

    `asker` is who would press; where an owner must say yes to them first, the button says so.
    """
    newest = {draft.position: draft for draft in drafts}
    over = {place: draft for place, draft in newest.items() if not draft.generation.is_open}
    if not over:
        return {}
    asked = recipes.of_jobs(draft.generation for draft in over.values())
    kind_at = {draft.generation_id: draft.generation.media_kind for draft in over.values()}
    prices = _prices(brief, asked, kind_at)
    wanted = wishes_for([draft.generation for draft in over.values()])
    rules = gate_rules.rules_over(asker)

    def needs_yes(job_id: int) -> bool:
        price = prices[job_id]
        if price is None:
            return False
        models = [asked[job_id].model_id]
        return bool(gate_rules.first_of(rules, asker, price.expected, brief.campaign, models))

    return {
        place: _offer(
            draft,
            asked[draft.generation_id],
            prices[draft.generation_id],
            wish_count=len(wanted.get(draft.generation_id, [])),
            needs_yes=needs_yes(draft.generation_id),
        )
        for place, draft in over.items()
    }


def _offer(
    draft: Draft, recipe: Recipe, price: UnitPrice | None, *, wish_count: int, needs_yes: bool
) -> Offer:
    change = _change(draft, wish_count)
    if price is None or not all(file.is_stored for file in recipe.references):
        return Offer(None, change)
    words = _("Same again, %(price)s; asks the owner") if needs_yes else _("Same again, %(price)s")
    words %= {"price": price.range_words}
    # Its number makes a double press one attempt.
    return Offer(Again(change.url, words, name="attempt", value=str(draft.attempt + 1)), change)


def _change(draft: Draft, wish_count: int) -> Action:
    url = reverse("briefs:new-attempt", args=[draft.brief.public_id, draft.position])
    if not wish_count:
        return Action(_("Change and try again"), url)
    words = ngettext(
        "Next attempt, from %(count)d note", "Next attempt, from %(count)d notes", wish_count
    )
    return Action(words % {"count": wish_count}, url, primary=True)


def _prices(
    brief: Brief, asked: Mapping[int, Recipe], kind_at: Mapping[int, str]
) -> dict[int, UnitPrice | None]:
    """By job; what several share is asked for once. None where the model cannot be used."""
    flows = {kind: access.pays_for(brief, kind) for kind in set(kind_at.values())}
    models: dict[tuple[str, str], ModelCard | None] = {}
    known: dict[tuple[str, str, str], UnitPrice | None] = {}
    prices = {}
    for job_id, recipe in asked.items():
        kind = kind_at[job_id]
        if (kind, recipe.model_id) not in models:
            models[kind, recipe.model_id] = model_of(flows[kind], recipe.model_id)
        model = models[kind, recipe.model_id]
        key = (kind, recipe.model_id, repr(sorted(recipe.params.items(), key=str)))
        if key not in known:
            is_usable = model is not None and model.is_choosable
            known[key] = unit_price(model, recipe.params) if model and is_usable else None
        prices[job_id] = known[key]
    return prices
