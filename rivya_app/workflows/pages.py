"""What the pages about workflows show, gathered for their templates. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from rivya_app.chat import access as chat
from rivya_app.chat.models import Turn
from rivya_app.chat.paths import path_of
from rivya_app.chat.subjects import state_of
from rivya_app.gateway import access as gateway
from rivya_app.gateway import kinds, workflow_words
from rivya_app.gateway.models import Workflow
from rivya_app.gateway.refusals import Reader
from rivya_app.generations.cards import JobCard, cards_for
from rivya_app.generations.live import live_for
from rivya_app.generations.models import Generation
from rivya_app.library.forms import offered
from rivya_app.workflows import access, answers
from rivya_app.workflows.dry_run import Checked
from rivya_app.workflows.facts import Known, known_of, month_spent
from rivya_app.workflows.forms import WorkflowForm
from rivya_app.workflows.models import TrialRun
from rivya_app.workflows.trial_form import TrialForm
from rivya_app.workspaces.models import Membership

ICONS = {
    "image": "image",
    "video": "clapperboard",
    "audio": "audio-lines",
    "chat": "message-circle",
}
MOST_OFFERED = 24  # files of the library on the form of a trial


@dataclass(frozen=True, slots=True)
class Card:
    """One workflow on the list. Amounts are credits."""

    flow: Workflow
    sentence: str
    icon: str
    standing: answers.Standing
    model_name: str
    spent: Decimal
    last: Generation | None
    last_asked: datetime | None  # of a workflow of conversations

    @property
    def url(self) -> str:
        return reverse("workflows:show", args=[self.flow.public_id])


def index_page(member: Membership) -> dict[str, Any]:
    order = list(Workflow.Moment.values)
    rows = sorted(gateway.workflows(member), key=lambda flow: order.index(flow.moment))
    in_use = [flow for flow in rows if flow.archived_at is None]
    known = known_of(member, in_use)
    return {
        "cards": _cards(known, member),
        "archived": [flow for flow in rows if flow.archived_at],
        "may_change": access.may_change(member),
    }


def _cards(known: Sequence[Known], member: Membership) -> list[Card]:
    flows = [one.flow for one in known]
    spent, last = month_spent(flows, member.workspace), access.newest_jobs(flows)
    asked = access.newest_questions(flows)
    return [
        Card(
            flow=one.flow,
            sentence=workflow_words.sentence_of(one.flow),
            icon=ICONS[kinds.kind_made_by(one.flow.moment)],
            standing=answers.standing_of(one),
            model_name=_model_name(one),
            spent=spent.get(one.flow.pk, Decimal(0)),
            last=last.get(one.flow.pk),
            last_asked=asked.get(one.flow.pk),
        )
        for one in known
    ]


def _model_name(known: Known) -> str:
    card = known.card or known.cheapest
    return card.name if card else known.flow.default_model_id


def show_page(member: Membership, public_id: UUID) -> dict[str, Any]:
    """One workflow with its eight answers and its last run on trial."""
    flow = gateway.workflow_named(member, public_id)
    known = known_of(member, [flow])[0]
    may_change = access.may_change(member)
    run = access.newest_trial(flow)
    trial = _trial_card(member, run)
    live_url = reverse("workflows:show-live", args=[flow.public_id])
    return {
        "flow": flow,
        "sentence": workflow_words.sentence_of(flow),
        "standing": answers.standing_of(known),
        "answers": answers.answers_of(known, may_change=may_change),
        "may_change": may_change,
        "may_try": access.may_try(member, flow) and access.is_tried(flow),
        "is_chat": known.facts.is_chat,
        "spent": month_spent([flow], flow.workspace).get(flow.pk, Decimal(0)),
        "last": access.newest_jobs([flow]).get(flow.pk),
        "last_asked": access.newest_questions([flow]).get(flow.pk),
        "trial": trial,
        "talk_trial": _talk_card(member, run),
        "has_player": bool(trial and trial.job.media_kind != kinds.IMAGE),
        "live": live_for([trial], live_url) if trial else None,
    }


def _trial_card(member: Membership, run: TrialRun | None) -> JobCard | None:
    job = run.generation if run else None
    return cards_for([job], Reader(member))[0] if job else None


@dataclass(frozen=True, slots=True)
class TalkCard:
    """A question that was asked on trial, without its words: those are whoever asked's."""

    turn: Turn
    url: str  # "" where the reader may not open the conversation

    @property
    def state(self) -> str:
        return state_of(self.turn)


def _talk_card(member: Membership, run: TrialRun | None) -> TalkCard | None:
    turn = run.turn if run else None
    if turn is None:
        return None
    is_theirs = chat.may_read(member, turn.conversation)
    return TalkCard(turn, path_of(turn.conversation) if is_theirs else "")


def form_page(form: WorkflowForm) -> dict[str, Any]:
    return {
        "form": form,
        "flow": form.flow,
        "models": form.models,
        "sentence": workflow_words.SENTENCES[form.typed_flow.moment],
    }


def trial_page(
    member: Membership, known: Known, form: TrialForm, checked: Checked | None
) -> dict[str, Any]:
    """The form of a trial; with what was checked, once it was sent."""
    return {
        "flow": known.flow,
        "form": form,
        "model": form.model,
        "controls": form.controls,
        "checked": checked,
        "price": checked.price if checked else None,
        "offered": SimpleLazyObject(lambda: _offered(member, form)),
        "chosen_ids": form.references.chosen_ids,
    }


def talk_trial_page(known: Known, form: forms.Form, checked: Checked | None) -> dict[str, Any]:
    """The same for a question to the assistant."""
    return {
        "flow": known.flow,
        "form": form,
        "model": known.card or known.cheapest,
        "is_chat": True,
        "checked": checked,
        "price": checked.price if checked else None,
    }


def _offered(member: Membership, form: TrialForm) -> list[Any]:
    """What is chosen first, then what the library has for the model."""
    if form.model is None or not form.references.takes_any:
        return []
    chosen = form.references.chosen
    others = [file for file in offered(member, form.model.model) if file not in chosen]
    return [*chosen, *others][:MOST_OFFERED]
