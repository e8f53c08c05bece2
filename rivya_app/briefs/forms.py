"""Turns what a seller typed into a `WantedBrief`, with an error beside the field that is wrong."""

from typing import Any, cast
from uuid import uuid4

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from rivya_app.briefs import prompts
from rivya_app.briefs.actions import WantedBrief
from rivya_app.briefs.models import Brief
from rivya_app.gateway import catalogue
from rivya_app.gateway.controls import ControlsForm
from rivya_app.workspaces.models import Campaign, Membership, User

MOST_DRAFTS = 4
_WANTED = WantedBrief.__slots__


class BriefForm(forms.Form):
    """The brief itself. The chosen model's own controls are a second form, `self.controls`."""

    form_token = forms.UUIDField(widget=forms.HiddenInput)
    product = forms.CharField(label=gettext_lazy("What do you sell?"), max_length=120)
    points = forms.CharField(
        label=gettext_lazy("What should the picture show?"),
        help_text=gettext_lazy("One point a line: material, colour, size, what matters to buyers."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    audience = forms.CharField(label=gettext_lazy("Who is it for?"), max_length=200, required=False)
    channel = forms.ChoiceField(
        label=gettext_lazy("Where will it be shown?"), choices=Brief.Channel.choices
    )
    style = forms.ChoiceField(label=gettext_lazy("Style"), choices=Brief.Style.choices)
    language = forms.ChoiceField(
        label=gettext_lazy("Language of any lettering"), choices=User.Language.choices
    )
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

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.model = catalogue.find(self._chosen_model_id(member))
        campaigns = member.workspace.campaigns.filter(is_archived=False)
        if campaigns:
            cast(forms.ModelChoiceField, self.fields["campaign"]).queryset = campaigns
        else:
            del self.fields["campaign"]
        model_id = self.model.model_id if self.model else ""
        self.initial["model_id"] = model_id
        params = self.model.params if self.model else ()
        self.controls = ControlsForm(params, data=self.data if self.is_bound else None)

    def _chosen_model_id(self, member: Membership) -> str:
        """As typed; before that, as the caller suggests."""
        return str(self.data.get("model_id") or self.initial.get("model_id") or "")

    def is_valid(self) -> bool:
        """Both forms, so that every wrong field is named at once."""
        controls_are_valid = self.controls.is_valid()
        return super().is_valid() and controls_are_valid

    def stay_silent(self) -> None:
        """Show what is typed so far without judging it: the person is not done."""
        self._errors = ErrorDict()
        self.controls.stay_silent()

    def clean_model_id(self) -> str:
        if self.model is None:
            raise forms.ValidationError(_("This model is not on Rivya's list. Choose another."))
        if not self.model.is_choosable:
            raise forms.ValidationError(str(self.model.why_not))
        return self.model.model_id

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["prompt"] = cleaned.get("prompt") or self.suggested_prompt(cleaned)
        limit = self.model.prompt_limit if self.model else None
        if limit and len(cleaned["prompt"]) > limit:
            self.add_error(
                "prompt",
                _("The text is %(length)d characters long; this model reads at most %(limit)d.")
                % {"length": len(cleaned["prompt"]), "limit": limit},
            )
        return cleaned

    @staticmethod
    def suggested_prompt(values: Any) -> str:
        """The text we would send for these values, which may be incomplete."""
        parts = ("product", "points", "audience", "channel", "style", "language")
        return prompts.suggest(**{part: str(values.get(part) or "") for part in parts})

    def wanted(self) -> WantedBrief:
        """The checked brief. Call it only where `is_valid()` said yes."""
        cleaned = self.cleaned_data
        values: dict[str, Any] = {name: cleaned[name] for name in _WANTED if name in cleaned}
        return WantedBrief(**{**values, "params": self.controls.wire_params()})


def first_values(model_id: str) -> dict[str, Any]:
    """What a new form starts from. However often this one form is sent, its token is one brief."""
    return {
        "form_token": uuid4(),
        "channel": Brief.Channel.MARKETPLACE,
        "style": Brief.Style.STUDIO,
        "language": (get_language() or "en")[:2],
        "draft_count": 2,
        "model_id": model_id,
    }
