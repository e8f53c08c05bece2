"""A model that a brief or a form was about and that cannot be used any more. Reads only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from rivya_app.briefs.access import pays_for
from rivya_app.briefs.models import Brief, Draft
from rivya_app.gateway import access, catalogue
from rivya_app.gateway.cards import ModelCard


@dataclass(frozen=True, slots=True)
class LostModel:
    """What it was called, why it cannot be used, and the nearest one that can."""

    name: str
    why: str
    nearest: ModelCard | None


def lost_model(
    model_id: str, card: ModelCard | None, among: Sequence[ModelCard]
) -> LostModel | None:
    """None while `card`, the model as its workflow may use it, can be chosen."""
    if card is not None and card.is_choosable:
        return None
    why = card.why_not if card else _("It is not on Rivya's list.")
    return LostModel(card.name if card else model_id, why, catalogue.nearest(model_id, among))


def lost_by(brief: Brief, drafts: Iterable[Draft]) -> LostModel | None:
    """The model of a brief that waits for credits or budget, where it went away meanwhile.

    A film that waits beside a picture is not made with it.
    """
    others = {one.position for one in drafts if one.generation.media_kind != brief.media_kind}
    waits = set(brief.waiting_positions) - others
    if not brief.is_waiting or not waits:
        return None
    flow = pays_for(brief, brief.media_kind)
    card = access.model_of(flow, brief.model_id)
    if card is not None and card.is_choosable:
        return None
    return lost_model(brief.model_id, card, access.models_of(flow))
