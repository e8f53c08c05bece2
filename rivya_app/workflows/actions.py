"""Running a workflow once for real; the same form again is one job, or one question."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from rivya_app.briefs.recipes import Recipe
from rivya_app.chat import actions as chat
from rivya_app.chat import price as chat_price
from rivya_app.chat.actions import Question, WantedConversation
from rivya_app.chat.models import Turn
from rivya_app.core.text import credit_words
from rivya_app.gateway import access as gateway
from rivya_app.gateway import kinds
from rivya_app.gateway.chat_models import ChatModel
from rivya_app.gateway.media_models import MediaModel, as_media_model
from rivya_app.gateway.models import Workflow
from rivya_app.generations import actions as generations
from rivya_app.generations.models import Generation
from rivya_app.generations.price import UnitPrice, unit_price
from rivya_app.library import uses
from rivya_app.workflows import access
from rivya_app.workflows.models import TrialRun
from rivya_app.workspaces import audit
from rivya_app.workspaces.models import Membership


class PriceMoved(Exception):
    """It costs something else now than what was on the button. `price` is what it costs now."""

    def __init__(self, price: Decimal) -> None:
        super().__init__(str(price))
        self.price = price


class ModelGone(Exception):
    """The workflow's model cannot be used any more."""


@dataclass(frozen=True, slots=True)
class WantedTrial:
    """A trial as it was checked: `price` is what stood on the button, `job_id` who it will be."""

    token: UUID
    job_id: UUID
    price: Decimal
    recipe: Recipe
    body: dict[str, Any]


@transaction.atomic(durable=True)
def run_trial(*, member: Membership, flow: Workflow, wanted: WantedTrial) -> Generation:
    """Make one real job of a workflow and remember that it is a trial.

    Raises PermissionDenied, ModelGone, PriceMoved, generations.NoKey, ledger.NotEnoughCredits,
    ledger.OverLimit, uses.FileGone; nothing is kept then.
    """
    _require_trier(member, flow)
    flow = locked(flow)
    earlier = access.trial_with(flow, wanted.token)
    if earlier is not None and earlier.generation is not None:
        return earlier.generation
    model = _model(flow, wanted)
    price = _price(model, wanted)
    uses.lock(wanted.recipe.references)
    generation = generations.request(
        member=member,
        workflow=flow,
        title=_("Trial: %(workflow)s") % {"workflow": flow},
        media_kind=kinds.kind_made_by(flow.moment),
        model=model,
        body=wanted.body,
        price=price.expected,
        settings_mark=price.mark,
        references=wanted.recipe.references,
        identity=generations.Identity(public_id=wanted.job_id),
    )
    TrialRun.objects.create(workflow=flow, generation=generation, token=wanted.token)
    _note(member, flow, generation.model_id, generation.estimated_credits)
    return generation


@dataclass(frozen=True, slots=True)
class WantedQuestion:
    """A question on trial as it was checked: `price` is what stood on the button."""

    token: UUID
    model: ChatModel
    text: str
    price: Decimal


def run_talk_trial(*, member: Membership, flow: Workflow, wanted: WantedQuestion) -> Turn:
    """Ask one real question in a conversation of the member's, and remember that it is a trial.

    Two transactions, because a conversation begins in one of its own: a press after a crash
    between them finds the question by the form's token, and remembers it then. Raises
    PermissionDenied, PriceMoved and what `chat.actions.begin` raises; nothing is kept then.
    """
    _require_trier(member, flow)
    now = chat_price.expected(flow.workspace, wanted.model).hold
    if now != wanted.price:
        raise PriceMoved(now)
    title = _("Trial: %(workflow)s") % {"workflow": flow}
    turn = chat.begin(
        member=member,
        wanted=WantedConversation(flow, wanted.model.model_id, title, f"workflow:{flow.public_id}"),
        question=Question(wanted.text, form_token=wanted.token),
    )
    _remember(member, flow, turn)
    return turn


@transaction.atomic(durable=True)
def _remember(member: Membership, flow: Workflow, turn: Turn) -> None:
    values = {"turn": turn}
    _run, is_new = TrialRun.objects.get_or_create(
        workflow=flow, token=turn.form_token, defaults=values
    )
    if is_new:
        _note(member, flow, turn.model_id, turn.estimated_credits)


def _require_trier(member: Membership, flow: Workflow) -> None:
    if not access.may_try(member, flow) or not access.is_tried(flow):
        raise PermissionDenied


def locked(flow: Workflow) -> Workflow:
    """The same workflow under its lock, which lets other jobs that name it be recorded."""
    rows = Workflow.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("workspace", "api_key").get(pk=flow.pk)


def _model(flow: Workflow, wanted: WantedTrial) -> MediaModel:
    card = gateway.model_of(flow, wanted.recipe.model_id)
    if card is None or not card.is_choosable:
        raise ModelGone
    return as_media_model(card)


def _price(model: MediaModel, wanted: WantedTrial) -> UnitPrice:
    price = unit_price(model.card, wanted.recipe.params)
    if price.expected != wanted.price:
        raise PriceMoved(price.expected)
    return price


def _note(member: Membership, flow: Workflow, model_id: str, amount: Decimal) -> None:
    facts = {"model": model_id, "credits": credit_words(amount)}
    audit.note(flow.workspace, "workflow.tried", member=member, subject=str(flow), facts=facts)
