"""A workflow as an owner types it, checked field by field. Its models follow what is typed."""

from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.gateway import access, kinds, workflow_words
from rivya_app.gateway.cards import ModelCard
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.gateway.workflow_actions import WantedWorkflow, id_of
from rivya_app.workspaces.access import members_with
from rivya_app.workspaces.models import Membership, Role

REFRESH = "refresh"
ALL, ONLY, KEPT = "all", "only", "kept"
STREAMED, WHOLE = "streamed", "whole"
_SAME = ("name", "sentence", "reference", "reference_kinds", "completion", "at_low_credits")


class WorkflowForm(forms.Form):
    """A new workflow, or one that is there (`flow`), whose moment then stays."""

    form_token = forms.UUIDField(widget=forms.HiddenInput)
    moment = forms.ChoiceField(
        label=gettext_lazy("Which product moment is it?"),
        choices=[(moment, words) for moment, words in workflow_words.SENTENCES.items()],
        widget=forms.RadioSelect,
    )
    sentence = forms.CharField(
        label=gettext_lazy("In your own words"),
        help_text=gettext_lazy("One sentence. Left empty, that of the moment stands."),
        max_length=300,
        required=False,
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        help_text=gettext_lazy(
            "As forms and reports call it. Left empty, as the moment is called."
        ),
        max_length=120,
        required=False,
    )
    model_id = forms.CharField(label=gettext_lazy("Model"), max_length=120, required=False)
    which = forms.ChoiceField(
        label=gettext_lazy("Which models may be used?"), widget=forms.RadioSelect
    )
    reference = forms.ChoiceField(
        label=gettext_lazy("Does it take reference files?"),
        choices=Workflow.Reference.choices,
        widget=forms.RadioSelect,
    )
    reference_kinds = forms.MultipleChoiceField(
        label=gettext_lazy("Of which kinds?"),
        choices=[(kind, kinds.LABELS[kind]) for kind in kinds.KINDS],
        required=False,
    )
    completion = forms.ChoiceField(
        label=gettext_lazy("How do we learn that it is over?"),
        choices=Workflow.Completion.choices,
        widget=forms.RadioSelect,
    )
    is_streamed = forms.TypedChoiceField(
        label=gettext_lazy("How does the answer come?"),
        choices=[
            (STREAMED, gettext_lazy("Word by word, as it is written")),
            (WHOLE, gettext_lazy("All at once, when the whole of it is there")),
        ],
        coerce=lambda word: word == STREAMED,
        widget=forms.RadioSelect,
    )
    api_key = forms.ChoiceField(label=gettext_lazy("Key that pays"), required=False)
    owner = forms.ChoiceField(label=gettext_lazy("Who answers for its usage"), required=False)
    at_low_credits = forms.ChoiceField(
        label=gettext_lazy("When credits are too few"),
        choices=Workflow.AtLowCredits.choices,
        widget=forms.RadioSelect,
    )

    def __init__(
        self, data: QueryDict | None = None, *, member: Membership, flow: Workflow | None = None
    ) -> None:
        first = _values_of(flow) if flow else _first_values(member)
        super().__init__(_filled(data, first), initial=first)
        self.member, self.flow = member, flow
        if flow:
            del self.fields["moment"]
        self._keys = {str(key.public_id): key for key in self._offered_keys()}
        self._people = {str(one.public_id): one for one in self._offered_people()}
        self._offer("api_key", self._keys, _("No key yet"))
        self._offer("owner", self._people, _("Nobody yet"))
        self._choice("which").choices = self._which_choices()
        self.typed_flow = self._typed_flow()
        self.models = access.models_of(self.typed_flow)
        self.model = self._chosen_model()

    @property
    def is_refresh(self) -> bool:
        """Whether a button was pressed that only shows the form anew."""
        return REFRESH in self.data

    @property
    def is_chat(self) -> bool:
        return kinds.kind_made_by(self.typed_flow.moment) == kinds.CHAT

    def stay_silent(self) -> None:
        """Show what is typed so far without judging it: the person is not done."""
        self._errors = ErrorDict()

    def _offered_keys(self) -> list[ApiKey]:
        """Those in use, and the one that is chosen now."""
        chosen = self.flow.api_key_id if self.flow else None
        rows = access.keys_of(self.member)
        return [key for key in rows if key.state == ApiKey.State.ACTIVE or key.pk == chosen]

    def _offered_people(self) -> list[Membership]:
        """Everybody of the team, and who is named now."""
        found = list(members_with(self.member.workspace, *Role.values))
        named = self.flow.owner if self.flow else None
        return found if named is None or named in found else [*found, named]

    def _offer(self, name: str, rows: dict[str, Any], nothing: str) -> None:
        self._choice(name).choices = [
            ("", nothing),
            *((key, str(row)) for key, row in rows.items()),
        ]

    def _choice(self, name: str) -> forms.ChoiceField:
        return cast(forms.ChoiceField, self.fields[name])

    def _which_choices(self) -> list[tuple[str, str]]:
        kept = self.flow.allowed_model_ids if self.flow else []
        choices = [(ALL, _("All of its kind, new ones too")), (ONLY, _("Only the one chosen here"))]
        if len(kept) > 1:
            words = _("The %(count)d that are permitted already") % {"count": len(kept)}
            choices.append((KEPT, words))
        return choices

    def _value(self, name: str) -> str:
        return str(self[name].value() or "")

    def _typed_flow(self) -> Workflow:
        """What is typed so far, as a workflow that asks for its models."""
        moment = self.flow.moment if self.flow else self._value("moment")
        known = moment if moment in Workflow.Moment.values else Workflow.Moment.LISTING_IMAGES
        is_kept = self._value("which") == KEPT and self.flow
        return Workflow(
            workspace=self.member.workspace,
            moment=known,
            allowed_model_ids=self.flow.allowed_model_ids if is_kept and self.flow else [],
            reference=self._value("reference"),
            reference_kinds=list(self["reference_kinds"].value() or []),
        )

    def _chosen_model(self) -> ModelCard | None:
        """The one typed; of those listed, or one that has gone."""
        wanted = self._value("model_id")
        listed = next((card for card in self.models if card.model_id == wanted), None)
        return listed or access.model_of(self.typed_flow, wanted)

    @property
    def lost(self) -> ModelCard | None:
        """The chosen model where it is not among those listed for this kind."""
        is_listed = self.model and any(one.model_id == self.model.model_id for one in self.models)
        return None if is_listed else self.model

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        # What this very form made by an earlier press is no other.
        mine = self.flow.public_id if self.flow else self._id_to_be()
        others = access.workflows(self.member).filter(archived_at=None).exclude(public_id=mine)
        if name and name.casefold() in {str(other).casefold() for other in others}:
            raise forms.ValidationError(_("Another workflow is called so. Choose another name."))
        return name

    def _id_to_be(self) -> UUID:
        token = self.cleaned_data.get("form_token")
        return id_of(self.member, token) if token else uuid4()

    def clean_model_id(self) -> str:
        wanted = str(self.cleaned_data["model_id"])
        if not wanted:
            return ""
        if self.model is None:
            raise forms.ValidationError(_("This model is not on Rivya's list. Choose another."))
        if not self.model.is_choosable:
            raise forms.ValidationError(self.model.why_not)
        return wanted

    def clean_api_key(self) -> ApiKey | None:
        return self._keys.get(self.cleaned_data["api_key"])

    def clean_owner(self) -> Membership | None:
        return self._people.get(self.cleaned_data["owner"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("which") == ONLY and cleaned.get("model_id") == "":
            self.add_error("model_id", _("Choose the model that alone may be used."))
        if cleaned.get("reference") == Workflow.Reference.NONE:
            cleaned["reference_kinds"] = []
        return cleaned

    def wanted(self) -> WantedWorkflow:
        """The checked workflow. Call it only where `is_valid()` said yes."""
        cleaned = self.cleaned_data
        only = [cleaned["model_id"]] if cleaned["which"] == ONLY else []
        return WantedWorkflow(
            **{name: cleaned[name] for name in _SAME},
            moment=self.typed_flow.moment,
            default_model_id=cleaned["model_id"],
            allowed_model_ids=only or self.typed_flow.allowed_model_ids,
            api_key=cleaned["api_key"],
            owner=cleaned["owner"],
            is_streamed=cleaned["is_streamed"],
        )

    @property
    def token(self) -> UUID:
        return cast(UUID, self.cleaned_data["form_token"])


def _filled(data: QueryDict | None, first: dict[str, Any]) -> QueryDict | None:
    """What was typed; a form of a moment that streams nothing has no such choice on it."""
    if data is None or "is_streamed" in data:
        return data
    filled = data.copy()
    filled["is_streamed"] = first["is_streamed"]
    return filled


def _first_values(member: Membership) -> dict[str, Any]:
    in_use = access.keys_of(member).filter(state=ApiKey.State.ACTIVE).order_by("created_at")
    key = in_use.first()
    return {
        "api_key": str(key.public_id) if key else "",
        "owner": str(member.public_id),
        "form_token": uuid4(),
        "moment": Workflow.Moment.LISTING_IMAGES,
        "which": ALL,
        "reference": Workflow.Reference.OPTIONAL,
        "reference_kinds": [kinds.IMAGE],
        "completion": Workflow.Completion.POLLING,
        "at_low_credits": Workflow.AtLowCredits.WAIT,
        "is_streamed": STREAMED,
    }


def _values_of(flow: Workflow) -> dict[str, Any]:
    allowed = flow.allowed_model_ids
    alone = allowed == [flow.default_model_id]
    return {
        **{name: getattr(flow, name) for name in _SAME},
        "form_token": uuid4(),
        "is_streamed": STREAMED if flow.is_streamed else WHOLE,
        "model_id": flow.default_model_id,
        "which": (ONLY if alone else KEPT if len(allowed) > 1 else ALL),
        "api_key": str(flow.api_key.public_id) if flow.api_key else "",
        "owner": str(flow.owner.public_id) if flow.owner else "",
    }
