"""One video from one approval: ordered with the decision, started when its undo window is over.

The order is frozen on the row and its credits are held in the decision's own transaction. The sweep
starts what is due; whatever starts it, and however often, makes the same job, because the job's
ids come from the decision and are unique.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from rivya_app.briefs import access as briefs
from rivya_app.briefs.actions import add_draft
from rivya_app.briefs.models import Brief
from rivya_app.briefs.recipes import Recipe
from rivya_app.core import clock
from rivya_app.credits import gate, ledger
from rivya_app.credits.models import Ask
from rivya_app.gateway import kinds
from rivya_app.gateway.access import model_of, workflow_for
from rivya_app.gateway.cards import ModelCard
from rivya_app.gateway.media_models import as_media_model
from rivya_app.gateway.models import Workflow
from rivya_app.generations import actions as generations
from rivya_app.generations import price
from rivya_app.generations.models import Status
from rivya_app.library import access as library
from rivya_app.library import references, uses
from rivya_app.library.models import StoredFile
from rivya_app.reviews import asking, gating, telling
from rivya_app.reviews.models import Decision, Review, VideoConcept
from rivya_app.reviews.refusals import ModelRefused, PriceMoved
from rivya_app.workspaces.models import Membership

logger = logging.getLogger(__name__)
State = VideoConcept.State
RETRY = timedelta(seconds=60)  # until what refused it is looked at again
BATCH = 50


@dataclass(frozen=True, slots=True)
class VideoOrder:
    """A video as the approver saw it: `price` is the credits that stood beside the button."""

    model_id: str
    prompt: str
    price: Decimal
    params: dict[str, Any] = field(default_factory=dict)
    press: Decimal = Decimal(0)  # credits of every video that the same press orders


def order(
    review: Review, decision: Decision, wanted: VideoOrder, starts_at: datetime
) -> VideoConcept:
    """Record the video of an approval and hold its credits, or have it wait: for credits, budget or
    an owner's yes.

    Inside the decision's transaction. Raises ModelRefused and PriceMoved: then nothing is decided.
    """
    flow = workflow_for(review.workspace, kinds.VIDEO)
    unit = price.unit_price(_usable(flow, wanted.model_id, review.file), wanted.params)
    if unit.expected != wanted.price:
        raise PriceMoved(unit.expected)
    concept = VideoConcept(
        decision=decision,
        workspace=review.workspace,
        brief=review.brief,
        ordered_by=decision.member,
        workflow=flow,
        still=review.file,
        model_id=wanted.model_id,
        prompt=wanted.prompt,
        params=wanted.params,
        price=unit.expected,
        settings_mark=unit.mark,
        job_id=uuid5(decision.public_id, "job"),
        idempotency_key=uuid5(decision.public_id, "idempotency key"),
        starts_at=starts_at,
    )
    concept.state, concept.trouble = _held(concept, press=wanted.press)
    concept.save(force_insert=True)
    _tell_if_it_waits(concept)
    return concept


def _usable(flow: Workflow, model_id: str, still: StoredFile) -> ModelCard:
    model = model_of(flow, model_id)
    if model is None or not model.is_choosable:
        raise ModelRefused("model_gone")
    if references.file_problem(model.model, still):
        raise ModelRefused("reference_refused")
    if flow.api_key is None:
        raise ModelRefused("no_key")
    return model


def _held(concept: VideoConcept, *, press: Decimal = ledger.ZERO) -> tuple[State, str]:
    """Hold the price, once. The state the concept is in then, and why it waits as a code."""
    key = concept.workflow.api_key
    if key is None:
        return State.NEEDS_LOOK, "no_key"
    if not gating.may_go(concept, press=press):
        return State.NEEDS_YES, "needs_yes"
    payer = ledger.Payer(
        concept.ordered_by, concept.workflow, key, concept.brief.campaign, concept.model_id
    )
    try:
        with transaction.atomic():
            ledger.hold(
                concept.workspace,
                concept.price,
                reference=concept.ledger_reference,
                payer=payer,
                is_beyond_budget=concept.let_through_by_id is not None,
            )
    except ledger.NotEnoughCredits:
        return State.NEEDS_CREDITS, "insufficient_credits"
    except ledger.OverLimit as refusal:
        return State.NEEDS_BUDGET, "over_limit" if refusal.bound.limit_id else "over_budget"
    return State.WAITING, ""


@transaction.atomic(durable=True)
def start(public_id: UUID | str) -> bool:
    """Start a video whose time has come; True where this call made its job.

    What stands in its way is written on the row, and it is tried again later.
    """
    concept = _locked(public_id)
    if concept.is_over or concept.starts_at is None or concept.starts_at > clock.now():
        return False
    brief = briefs.locked(concept.brief)
    state, trouble = _ready(concept)
    if state == State.WAITING:
        _make_job(concept, brief)
        return True
    concept.starts_at = clock.now() + RETRY
    if (state, trouble) == (concept.state, concept.trouble):
        concept.save(update_fields=["starts_at"])  # it waits since it began to wait
        return False
    concept.state, concept.trouble = state, trouble
    _save(concept)
    _tell_if_it_waits(concept)
    return False


def _ready(concept: VideoConcept) -> tuple[State, str]:
    """Whether it can start now: WAITING where it can.

    Brief, file, account: the order of everybody who asks for a job.
    """
    try:
        _usable(concept.workflow, concept.model_id, concept.still)
        uses.lock([concept.still])
    except ModelRefused as refusal:
        return State.NEEDS_LOOK, refusal.code
    except uses.FileGone:
        return State.NEEDS_LOOK, "reference_gone"
    return _held(concept)


def _make_job(concept: VideoConcept, brief: Brief) -> None:
    recipe = Recipe(concept.model_id, concept.prompt, concept.params, (concept.still,))
    model = as_media_model(_usable(concept.workflow, concept.model_id, concept.still))
    concept.generation = generations.request(
        member=concept.ordered_by,
        workflow=concept.workflow,
        title=brief.product,
        media_kind=kinds.VIDEO,
        model=model,
        body=recipe.body(str(brief.public_id)),
        price=concept.price,
        settings_mark=concept.settings_mark,
        campaign=brief.campaign,
        references=recipe.references,
        identity=generations.Identity(concept.job_id, concept.idempotency_key),
    )
    add_draft(brief, concept.generation)
    concept.state, concept.trouble, concept.starts_at = State.STARTED, "", None
    concept.is_review_due = True
    _save(concept)


def cancel(concept: VideoConcept) -> bool:
    """Take back a video that has not started, and give its credits back. False: it has started.

    Inside the caller's transaction, under the concept's lock.
    """
    if concept.state == State.TAKEN_BACK:
        return True
    if concept.state == State.STARTED:
        return False
    if ledger.is_held(concept.ledger_reference):
        ledger.release(concept.ledger_reference)
    gate.withdraw_pending(concept.ask_reference)
    concept.state, concept.trouble, concept.starts_at = State.TAKEN_BACK, "", None
    _save(concept)
    return True


def bring_forward(concept: VideoConcept) -> None:
    """Have the sweep try it now. Inside the caller's transaction, under the concept's lock."""
    if not concept.is_over:
        concept.starts_at = clock.now()
        _save(concept)


def let_through(concept: VideoConcept, member: Membership) -> None:
    """An owner's yes to go beyond the campaign's budget. Inside the caller's transaction."""
    concept.let_through_by, concept.let_through_at = member, clock.now()
    bring_forward(concept)


def ask_again(concept: VideoConcept) -> None:
    """Ask the owners once more, where they said nothing in time or were not to answer. Inside the
    caller's transaction, under the concept's lock."""
    if concept.state == State.NEEDS_YES:
        gating.ask_again(concept)
        bring_forward(concept)


@transaction.atomic(durable=True)
def carry_out(asked: Ask) -> None:
    """What an owner's answer means for the video that waits for it. Once.

    A yes holds its credits, and it starts when the decision is final; a no takes it back.
    """
    concept = _locked(asked.reference.partition(":")[2])
    if not gate.take_up(asked) or concept.state != State.NEEDS_YES:
        return
    if asked.state == Ask.State.REFUSED:
        cancel(concept)
    elif asked.state == Ask.State.GRANTED:
        briefs.locked(concept.brief)
        state, trouble = _ready(concept)
        concept.state, concept.trouble = state, trouble
        concept.starts_at = max(clock.now(), concept.decision.undo_until or clock.now())
        _save(concept)
        _tell_if_it_waits(concept)
    else:
        _save(concept)  # nobody answered: it can be asked again, or given up


def of_decision(decision: Decision, *, lock: bool = False) -> VideoConcept | None:
    """The video that this approval ordered."""
    rows = VideoConcept.objects.filter(decision=decision)
    return (rows.select_for_update() if lock else rows).first()


def sweep() -> int:
    """Start what is due and send finished films for review. Returns how many started."""
    due = VideoConcept.objects.filter(starts_at__lte=clock.now()).order_by("starts_at")
    started = 0
    for public_id in list(due.values_list("public_id", flat=True)[:BATCH]):
        started += _unharmed(start, public_id)
    finished = VideoConcept.objects.filter(
        is_review_due=True, generation__finished_at__isnull=False
    )
    for public_id in list(finished.values_list("public_id", flat=True)[:BATCH]):
        _unharmed(send_for_review, public_id)
    return started


def _unharmed(step: Any, public_id: UUID) -> bool:
    """One video's trouble never stops the others."""
    try:
        return bool(step(public_id))
    except Exception:
        logger.exception("video concept %s could not go on", public_id)
        return False


@transaction.atomic(durable=True)
def send_for_review(public_id: UUID) -> bool:
    """The finished film goes to the reviewers by itself, once. False where it must still wait."""
    concept = _locked(public_id)
    job = concept.generation
    if not concept.is_review_due or job is None or job.is_open:
        return False
    files = library.files_for([job.reference])
    if job.status == Status.SUCCEEDED and any(file.state == "pending" for file in files):
        return False
    stored = [file for file in files if file.is_stored]
    if stored:
        asking.ask(concept.ordered_by, stored, note="")
    concept.is_review_due = False
    _save(concept)
    return bool(stored)


def _locked(public_id: UUID | str) -> VideoConcept:
    rows = VideoConcept.objects.select_for_update(of=("self",))
    related = ("workspace", "brief__campaign", "ordered_by", "workflow__api_key", "still")
    return rows.select_related(*related, "workflow__workspace", "decision").get(public_id=public_id)


def _save(concept: VideoConcept) -> None:
    concept.changed_at = clock.now()
    concept.save()


def _tell_if_it_waits(concept: VideoConcept) -> None:
    if concept.state in (State.NEEDS_CREDITS, State.NEEDS_BUDGET):
        telling.video_waits(concept)
