"""A trial of a conversation: the form, the checklist, and one real question of whoever tries it."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.chat import actions as chat
from rivya_app.chat import bodies, caps, price
from rivya_app.chat.models import Turn
from rivya_app.chat.paths import path_of
from rivya_app.core.text import credit_words
from rivya_app.credits.ledger import NotEnoughCredits, OverLimit
from rivya_app.gateway.chat_models import ChatModel, as_chat_model
from rivya_app.gateway.models import Workflow
from rivya_app.workflows import access, actions, dry_run, pages, trials
from rivya_app.workflows.actions import PriceMoved, WantedQuestion
from rivya_app.workflows.dry_run import Checked, Line
from rivya_app.workflows.facts import Known
from rivya_app.workflows.readiness import OK, STOPS
from rivya_app.workspaces.models import Membership

# What is sent to a model is best in English, whoever reads the page.
SAMPLE = "Describe a hand-thrown blue stoneware mug for an online shop, in three short lines."


class TalkForm(forms.Form):
    """Sent first to be checked, then with the price to be run. `token` makes a double press one."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    prompt = forms.CharField(
        label=gettext_lazy("Question"),
        error_messages={"required": gettext_lazy("Write a question.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    price = forms.DecimalField(required=False, max_digits=14, decimal_places=2)

    def __init__(self, data: QueryDict | None, *, known: Known) -> None:
        super().__init__(data, initial={"token": uuid4(), "prompt": SAMPLE})
        self.model = _model_of(known)

    def clean_prompt(self) -> str:
        text = str(self.cleaned_data["prompt"])
        limit = self.model.card.prompt_limit if self.model else None
        if limit and len(text) > limit:
            words = _("The text is %(length)d characters long; this model reads at most %(limit)d.")
            raise forms.ValidationError(words % {"length": len(text), "limit": limit})
        return text

    @property
    def text(self) -> str:
        return str(self.cleaned_data.get("prompt", ""))

    @property
    def form_token(self) -> UUID | None:
        return cast(UUID | None, self.cleaned_data.get("token"))

    @property
    def price_seen(self) -> Decimal | None:
        return cast(Decimal | None, self.cleaned_data.get("price"))


def _model_of(known: Known) -> ChatModel | None:
    """None where it has none, or one that makes media, which its model answer says."""
    card = known.card or known.cheapest
    return as_chat_model(card) if card is not None and card.model.is_chat else None


@dataclass(frozen=True, slots=True)
class TalkTrial:
    """`checked` is None until the form was sent."""

    member: Membership
    known: Known
    form: TalkForm
    checked: Checked | None

    def page(self) -> dict[str, Any]:
        return pages.talk_trial_page(self.known, self.form, self.checked)

    def run(self) -> str:
        """The address of the conversation, begun now or by an earlier press of the same button; ""
        where something stands against it, which the page says then. Raises PermissionDenied."""
        token = self.form.form_token
        earlier = access.trial_with(self.known.flow, token) if token else None
        turn = earlier.turn if earlier else self._asked(token)
        return path_of(turn.conversation) if turn else ""

    def _asked(self, token: UUID | None) -> Turn | None:
        checked, model = self.checked, self.form.model
        if checked is None or token is None or model is None or not checked.is_clear:
            return None
        if checked.amount is None or self.form.price_seen != checked.amount:
            self.form.add_error(None, trials.moved(checked.amount))
            return None
        wanted = WantedQuestion(token, model, self.form.text, checked.amount)
        try:
            return actions.run_talk_trial(member=self.member, flow=self.known.flow, wanted=wanted)
        except PriceMoved as refused:
            self.form.add_error(None, trials.moved(refused.price))
        except (chat.ModelRefused, chat.NoKey, NotEnoughCredits, OverLimit, caps.OverOwnCap):
            self.form.add_error(None, trials.changed())
        return None


def trial(member: Membership, known: Known, data: QueryDict | None) -> TalkTrial:
    form = TalkForm(data, known=known)
    return TalkTrial(member, known, form, check(member, known, form) if form.is_bound else None)


def check(member: Membership, known: Known, form: TalkForm) -> Checked:
    """Hold a sent form against everything that could refuse it. Writes and sends nothing."""
    form.is_valid()
    model = form.model
    usable = model if model and model.card.is_choosable else None
    found = price.expected(known.flow.workspace, usable) if usable else None
    amount = found.hold if found else None
    text = [str(error) for error in form.errors.get("prompt", [])]
    lines = [
        *dry_run.judged(known, may_change=access.may_change(member)),
        dry_run.line(_("Text"), text, dry_run.text_words(form.text, model.card if model else None)),
        dry_run.price_line(found),
        *dry_run.money(member, known, amount),
        *dry_run.gate(member, model.model_id if model else "", amount),
        *_own_cap(member, amount),
    ]
    return Checked(lines, found, amount, _body(known.flow, form))


def _own_cap(member: Membership, amount: Decimal | None) -> list[Line]:
    """Nothing where the member set none."""
    use = caps.use_of(member)
    if amount is None or use.amount is None:
        return []
    left = use.amount - use.used
    words = _("%(left)s are left of your own monthly cap.") % {"left": credit_words(left)}
    return [Line(_("Your own cap"), OK if amount <= left else STOPS, words)]


def _body(flow: Workflow, form: TalkForm) -> str:
    """Laid out for reading; the number of the question is made when it is sent."""
    if form.model is None or not form.text:
        return ""
    turn = Turn(question=form.text, workflow=flow, model_id=form.model.model_id)
    bodies.freeze(turn, form.model, session_id="", file_ids=())
    body = {**json.loads(turn.body), "client_request_id": "…"}
    return json.dumps(body, ensure_ascii=False, indent=2, sort_keys=True)
