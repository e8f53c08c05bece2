"""Turns what a person typed into a `Question` or a `WantedConversation`, with an error beside the
field that is wrong."""

from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.chat import access
from rivya_app.chat.actions import Question, WantedConversation
from rivya_app.chat.models import Conversation, Turn
from rivya_app.core.text import credit_number, id_in
from rivya_app.gateway import access as gateway
from rivya_app.gateway.access import first_choice
from rivya_app.gateway.chat_models import ChatModel, chat_model_of, chat_models_of
from rivya_app.gateway.models import Workflow
from rivya_app.library.forms import ReferencesForm
from rivya_app.workspaces.models import Membership

MOST_CHARACTERS = 100_000  # where the model states no limit of its own
MOST_CONTEXT = 20_000

_EFFORTS = {
    "minimal": gettext_lazy("Minimal"),
    "low": gettext_lazy("Low"),
    "medium": gettext_lazy("Medium"),
    "high": gettext_lazy("High"),
    "xhigh": gettext_lazy("Very high"),
}


class LinesField(forms.CharField):
    """Text of several lines, as it was typed: browsers send each line's end as two characters."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class QuestionForm(forms.Form):
    """A question to one model. Its pictures are a second form, `self.references`."""

    form_token = forms.UUIDField(widget=forms.HiddenInput)
    again_of = forms.UUIDField(widget=forms.HiddenInput, required=False)
    context = LinesField(
        label=gettext_lazy("What the assistant is told first"),
        max_length=MOST_CONTEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )
    question = LinesField(
        label=gettext_lazy("Your question"),
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    effort = forms.ChoiceField(label=gettext_lazy("Reasoning"), required=False)
    is_searching = forms.BooleanField(label=gettext_lazy("Search the web"), required=False)

    def __init__(
        self,
        data: QueryDict | None = None,
        files: Any = None,
        *,
        member: Membership,
        model: ChatModel | None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial={"form_token": uuid4(), **(initial or {})})
        self.member = member
        self.model = model
        self._fit_fields()
        self.references = ReferencesForm(
            data,
            files,
            member=member,
            model=model.card if model else None,
            start=self.initial.get("references", ()),
        )

    def _fit_fields(self) -> None:
        """Only what the model can do is offered."""
        efforts = self.model.effort_words if self.model else ()
        if efforts:
            words = [(word, _EFFORTS.get(word, word)) for word in efforts]
            choice = cast(forms.ChoiceField, self.fields["effort"])
            choice.choices = [("", _("Usual")), *words]
        else:
            del self.fields["effort"]
        if not (self.model and self.model.abilities.searches_web):
            del self.fields["is_searching"]

    @property
    def limit(self) -> int:
        """Characters the model takes, the context among them."""
        return (self.model.card.prompt_limit if self.model else None) or MOST_CHARACTERS

    def is_valid(self) -> bool:
        """Both forms are judged, so that no error waits behind another."""
        own = super().is_valid()
        return self.references.is_valid() and own

    def stay_silent(self) -> None:
        """Show what was typed so far without judging it: the person is not done."""
        self._errors = forms.utils.ErrorDict()
        self.references.stay_silent()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        parts = [cleaned.get("context", ""), cleaned.get("question", "")]
        length = len("\n\n".join(part for part in parts if part))
        if length > self.limit:
            self.add_error("question", _too_long(length, self.limit))
        return cleaned

    def asked(self, again_of: Turn | None = None) -> Question:
        """The checked question. Call it only where `is_valid()` said yes."""
        cleaned = self.cleaned_data
        return Question(
            text=cleaned["question"],
            form_token=cleaned["form_token"],
            context=cleaned["context"],
            files=tuple(self.references.chosen),
            effort=cleaned.get("effort", ""),
            is_searching=cleaned.get("is_searching", False),
            again_of=again_of,
        )


def _too_long(length: int, most: int) -> str:
    return _(
        "This has %(length)s characters with what is told first; the model takes at most %(most)s."
    ) % {"length": credit_number(length), "most": credit_number(most)}


class NewConversationForm(QuestionForm):
    """The first question, with the workflow and the model of the conversation.

    `about` names what it is opened about, `continues` the conversation it goes on from.
    """

    workflow = forms.ChoiceField(label=gettext_lazy("Workflow"), required=False)
    model_id = forms.CharField(label=gettext_lazy("Model"), max_length=120)
    about = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)
    continues = forms.CharField(widget=forms.HiddenInput, required=False, max_length=36)

    def __init__(
        self,
        data: QueryDict | None = None,
        files: Any = None,
        *,
        member: Membership,
        initial: dict[str, Any] | None = None,
    ) -> None:
        start = initial or {}
        source: Any = data if data is not None else start
        self.flows = flows_of(member)
        self.flow = self._flow_of(str(source.get("workflow") or ""))
        self.models = chat_models_of(self.flow)
        wanted = str(source.get("model_id") or "") or first_choice(self.flow)
        chosen = chat_model_of(self.flow, wanted)
        self.wanted_model_id = wanted
        super().__init__(data, files, member=member, model=chosen, initial=start)
        self.initial["model_id"] = wanted
        self.continued = continued(member, str(source.get("continues") or ""))
        if len(self.flows) < 2:
            del self.fields["workflow"]
        else:
            choice = cast(forms.ChoiceField, self.fields["workflow"])
            choice.choices = [(str(flow.public_id), str(flow)) for flow in self.flows]
            self.initial["workflow"] = str(self.flow.public_id)

    def _flow_of(self, public_id: str) -> Workflow:
        chosen = (flow for flow in self.flows if str(flow.public_id) == public_id)
        return next(chosen, self.flows[0])

    def clean_model_id(self) -> str:
        if self.model is None:
            raise forms.ValidationError(_("This model answers no questions here. Choose another."))
        if not self.model.card.is_choosable:
            raise forms.ValidationError(self.model.card.why_not)
        return self.model.model_id

    def wanted(self) -> WantedConversation:
        """Call it only where `is_valid()` said yes."""
        return WantedConversation(
            workflow=self.flow,
            model_id=self.cleaned_data["model_id"],
            about=self.cleaned_data["about"],
            continues=self.continued,
        )


def flows_of(member: Membership) -> list[Workflow]:
    """Every workflow of conversations that is in use, the usual one first."""
    usual = gateway.workflow(member.workspace, Workflow.Moment.CHAT)
    rows = gateway.workflows(member).filter(moment=Workflow.Moment.CHAT, archived_at=None)
    return [usual, *rows.exclude(pk=usual.pk).order_by("-is_main", "name", "id")]


def continued(member: Membership, public_id: str) -> Conversation | None:
    """The conversation to go on from; None where none is named, or it is not the member's own."""
    if not id_in(public_id):
        return None
    try:
        return access.own_conversation(member, UUID(public_id))
    except Http404:
        return None
