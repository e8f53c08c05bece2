"""Turns what a seller typed into a `WantedBrief`, with an error beside the field that is wrong."""

from typing import Any, cast
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from rivya_app.briefs import campaign_starts, from_talk, kind_words, prompts
from rivya_app.briefs.actions import WantedBrief
from rivya_app.briefs.lost import LostModel, lost_model
from rivya_app.briefs.model_form import ModelForm
from rivya_app.briefs.models import Brief
from rivya_app.chat.models import Turn
from rivya_app.gateway import access, kinds
from rivya_app.gateway.cards import ModelCard
from rivya_app.gateway.controls import ControlsForm
from rivya_app.gateway.models import Workflow
from rivya_app.library import uses
from rivya_app.library.forms import ReferencesForm
from rivya_app.workspaces.access import submits_to
from rivya_app.workspaces.models import Campaign, Membership, User

MOST_DRAFTS = 4
_WANTED = WantedBrief.__slots__


class BriefForm(ModelForm):
    """The brief itself. The chosen model's own controls are a second form, `self.controls`, and
    the reference files a third, `self.references`.

    `media_kind` comes first: it decides the workflow, and with it which models there are. Where the
    form is only shown anew (`is_shown_anew`), it follows a campaign or channel that was changed.
    """

    form_token = forms.UUIDField(widget=forms.HiddenInput)
    from_turn = forms.CharField(max_length=36, required=False, widget=forms.HiddenInput)
    media_kind = forms.ChoiceField(
        label=gettext_lazy("What do you want to make?"),
        choices=kind_words.CHOICES,
        required=False,
        widget=forms.RadioSelect,
    )
    product = forms.CharField(label=gettext_lazy("What do you sell?"), max_length=120)
    points = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    audience = forms.CharField(label=gettext_lazy("Who is it for?"), max_length=200, required=False)
    workflow = forms.ChoiceField(label=gettext_lazy("Workflow"), required=False)
    channel = forms.ChoiceField(choices=Brief.Channel.choices)
    style = forms.ChoiceField(label=gettext_lazy("Style"), choices=Brief.Style.choices)
    language = forms.ChoiceField(choices=User.Language.choices)
    draft_count = forms.TypedChoiceField(
        label=gettext_lazy("How many drafts?"),
        choices=[(number, str(number)) for number in range(1, MOST_DRAFTS + 1)],
        coerce=int,
        widget=forms.RadioSelect,
    )
    campaign = forms.ModelChoiceField(
        label=gettext_lazy("Campaign"),
        queryset=Campaign.objects.none(),
        required=False,
        to_field_name="public_id",
        empty_label=gettext_lazy("No campaign"),
    )
    model_id = forms.CharField(label=gettext_lazy("Model"), max_length=120)
    prompt = forms.CharField(
        label=gettext_lazy("Text for the model"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def __init__(
        self, *args: Any, member: Membership, is_shown_anew: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if self.is_bound:
            self.data = _with_usual(cast(QueryDict, self.data))
        self.member = member
        self.kind = self._asked("media_kind") or kinds.IMAGE
        self.kind = self.kind if self.kind in kinds.KINDS else kinds.IMAGE
        self.flows = access.workflows_making(member.workspace, self.kind)
        self.flow = self._flow_of(self._asked("workflow"))
        self.models = access.models_of(self.flow)
        self.is_other_kind = False
        self.lost: LostModel | None = None
        self.open_campaigns = submits_to(member)
        self.chosen_campaign = self._campaign_of(self._asked("campaign"))
        shown = self._shown() if self.is_bound and is_shown_anew else None
        self.model = self._model_after(shown)
        self.initial["model_id"] = self.model.model_id if self.model else ""
        self._fit_fields()
        data = self.data if self.is_bound else None
        starts = campaign_starts.params_for(
            self.chosen_campaign, self.model, self.kind, self._asked("channel")
        )
        start = {**starts, **(self.initial.get("params") or {})}
        self.controls = ControlsForm.of_model(self.model, data, start)
        self.references = ReferencesForm(
            cast(QueryDict | None, data),
            self.files if self.is_bound else None,
            member=member,
            model=self.model,
            start=self.initial.get("references", ()),
        )

    def _asked(self, name: str) -> str:
        """As typed; before that, as the caller suggests."""
        return str(self.data.get(name) or self.initial.get(name) or "")

    def _flow_of(self, public_id: str) -> Workflow:
        """The workflow of this id among those that make the kind, else the usual one."""
        chosen = (flow for flow in self.flows if str(flow.public_id) == public_id)
        return next(chosen, self.flows[0])

    def _campaign_of(self, public_id: str) -> Campaign | None:
        """The campaign of this id among those that are open to the person."""
        is_id = bool(public_id) and len(public_id) <= 36
        try:
            return self.open_campaigns.filter(public_id=public_id).first() if is_id else None
        except ValidationError:
            return None

    def _shown(self) -> campaign_starts.Shown:
        data = cast(QueryDict, self.data)
        return campaign_starts.Shown(
            campaign=self._campaign_of(data.get(campaign_starts.CAMPAIGN_OF, "")),
            channel=data.get(campaign_starts.CHANNEL_OF, ""),
            model=campaign_starts.shown_model(data, self.flow),
        )

    def _model_after(self, shown: campaign_starts.Shown | None) -> ModelCard | None:
        """The chosen model, after the form has followed its campaign and channel."""
        if shown is None:
            return self._chosen_model()
        data = cast(QueryDict, self.data)
        before = self._flow_of(data.get(campaign_starts.WORKFLOW_OF, ""))
        campaign_starts.follow_workflow(data, before, self.flow, shown.campaign, self.kind)
        campaign_starts.follow_channel(data, shown, self.chosen_campaign)
        campaign_starts.follow_model(data, shown, self.chosen_campaign, self.flow, self.kind)
        model = self._chosen_model()
        campaign_starts.follow_params(data, shown, self.chosen_campaign, model, self.kind)
        return model

    def _chosen_model(self) -> ModelCard | None:
        """The model typed or suggested. One of another kind gives way to the usual of this kind."""
        wanted = self.data.get("switch_to") or self._asked("model_id")
        model = next((card for card in self.models if card.model_id == wanted), None)
        model = model or access.model_of(self.flow, wanted)
        if model and model.media_kind in kinds.KINDS and model.media_kind != self.kind:
            self.is_other_kind = True
            usual = campaign_starts.model_for(self.chosen_campaign, self.flow, self.kind)
            return access.model_of(self.flow, usual)
        self.lost = lost_model(wanted, model, self.models) if wanted else None
        return model

    def _fit_fields(self) -> None:
        """Labels and fields that depend on the kind, the model and the workspace."""
        words = kind_words.WORDS[self.kind]
        for name in ("points", "channel", "language"):
            self.fields[name].label = getattr(words, name)
        self.fields["points"].help_text = words.points_help
        self.fields["points"].required = not self._does_without_points()
        if self.kind == kinds.AUDIO:
            del self.fields["style"]
        self._offer_workflows()
        if self.data.get("campaign") or self.open_campaigns.exists():
            choice = cast(forms.ModelChoiceField, self.fields["campaign"])
            choice.queryset = self.open_campaigns
            choice.error_messages["invalid_choice"] = _(
                "This campaign takes no briefs from you. Choose another, or none."
            )
        else:
            del self.fields["campaign"]

    def _offer_workflows(self) -> None:
        """A choice only where there is one."""
        if len(self.flows) < 2:
            del self.fields["workflow"]
            return
        choice = cast(forms.ChoiceField, self.fields["workflow"])
        choice.choices = [(str(flow.public_id), str(flow)) for flow in self.flows]
        choice.error_messages["invalid_choice"] = _(
            "This workflow does not make what you want to make. Choose another."
        )
        self.initial["workflow"] = str(self.flow.public_id)

    def _does_without_points(self) -> bool:
        """Sound whose words are typed whole leaves nothing for us to write."""
        if self.kind != kinds.AUDIO:
            return False
        is_own = self._asked("prompt") and not self.data.get("prompt_is_suggested")
        return bool(is_own) or bool(self.model and not self.model.needs_prompt)

    def clean_media_kind(self) -> str:
        return self.kind

    def clean_from_turn(self) -> Turn | None:
        """None where the member may not read it, or no longer: the brief stands without it."""
        return from_talk.readable(self.member, self.cleaned_data["from_turn"])

    def clean_workflow(self) -> Workflow | None:
        """None where nobody chose: then the main one serves, whichever it is by then."""
        return self.flow if self.cleaned_data["workflow"] else None

    def clean_model_id(self) -> str:
        if self.is_other_kind:
            raise forms.ValidationError(
                _("You changed what to make. Look at the model and its price, then send it again.")
            )
        return super().clean_model_id()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned.setdefault("style", "")  # sound has none
        cleaned["prompt"] = cleaned.get("prompt") or self.suggested_prompt(cleaned)
        self.judge_text(cleaned["prompt"])
        return cleaned

    def suggested_prompt(self, values: Any) -> str:
        """The text we would send for these values, which may be incomplete."""
        if self.model and not self.model.needs_prompt:
            return ""
        parts = ("product", "points", "audience", "channel", "style", "language")
        return prompts.suggest(
            **{part: str(values.get(part) or "") for part in parts},
            media_kind=self.kind,
            is_spoken=bool(self.model and self.model.is_spoken),
            limit=self.model.prompt_limit if self.model else None,
            brand_notes=self.chosen_campaign.brand_notes if self.chosen_campaign else "",
        )

    def wanted(self) -> WantedBrief:
        """The checked brief. Call it only where `is_valid()` said yes."""
        cleaned = self.cleaned_data
        values: dict[str, Any] = {name: cleaned[name] for name in _WANTED if name in cleaned}
        values["params"] = self.controls.wire_params()
        values["references"] = tuple(self.references.chosen)
        return WantedBrief(**values)


def _with_usual(data: QueryDict) -> QueryDict:
    """What was typed, with a style where the form of another kind had none to choose."""
    filled = data.copy()
    filled.setdefault("style", Brief.Style.STUDIO)
    return filled


def first_values(model_id: str, media_kind: str = kinds.IMAGE) -> dict[str, Any]:
    """What a new form starts from. However often this one form is sent, its token is one brief."""
    return {
        "form_token": uuid4(),
        "media_kind": media_kind,
        "channel": Brief.Channel.MARKETPLACE,
        "style": Brief.Style.STUDIO,
        "language": (get_language() or "en")[:2],
        "draft_count": 2,
        "model_id": model_id,
    }


def values_of(brief: Brief) -> dict[str, Any]:
    """What a new form starts from that takes up an earlier brief, settings and all."""
    copied = ("product", "points", "audience", "channel", "language", "draft_count", "prompt")
    return {
        **first_values(brief.model_id, brief.media_kind),
        **{name: getattr(brief, name) for name in copied},
        "style": brief.style or Brief.Style.STUDIO,
        "campaign": brief.campaign.public_id if brief.campaign else None,
        "params": brief.params,
        "references": [str(file.public_id) for file in uses.files_of(brief.reference)],
        "workflow": str(brief.workflow.public_id) if brief.workflow else "",
    }
