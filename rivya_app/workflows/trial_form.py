"""What a workflow is tried with: a text, the settings of its model, files of the library."""

from decimal import Decimal
from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from rivya_app.briefs.model_form import ModelForm
from rivya_app.briefs.recipes import Recipe
from rivya_app.gateway import kinds
from rivya_app.gateway.controls import ControlsForm
from rivya_app.gateway.models import Workflow
from rivya_app.library.forms import ReferencesForm
from rivya_app.workflows.facts import Known
from rivya_app.workspaces.models import Membership

# What is sent to a model is best in English, whoever reads the page.
SAMPLES = {
    kinds.IMAGE: "A hand-thrown blue stoneware mug on a light wooden table, soft daylight",
    kinds.VIDEO: "The camera moves slowly around a blue stoneware mug on a wooden table",
    kinds.AUDIO: "Thrown by hand, glazed in blue, made to be used every day.",
}
EDIT_SAMPLE = "Put the product on a plain white ground. Keep its shape, colours and details."


class TrialForm(ModelForm):
    """Sent first to be checked, then with the price to be run. `token` makes a double press one."""

    token = forms.UUIDField(widget=forms.HiddenInput)
    prompt = forms.CharField(
        label=gettext_lazy("Text for the model"),
        error_messages={"required": gettext_lazy("Say what the model should make.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    price = forms.DecimalField(required=False, max_digits=14, decimal_places=2)

    def __init__(self, data: QueryDict | None = None, *, member: Membership, known: Known) -> None:
        super().__init__(data, initial={"token": uuid4(), "prompt": _sample(known)})
        self.flow = known.flow
        self.model = known.card or known.cheapest
        self.fields["prompt"].required = self.model is None or self.model.needs_prompt
        self.controls = ControlsForm.of_model(self.model, data if self.is_bound else None)
        # Only files that are here already: trying it out must not upload anything.
        self.references = ReferencesForm(data, None, member=member, model=self.model)

    def clean(self) -> dict[str, Any]:
        # Its model is not a field: the checklist says what is wrong with it.
        cleaned = forms.Form.clean(self) or {}
        self.judge_text(cleaned.get("prompt", ""))
        return cleaned

    @property
    def recipe(self) -> Recipe:
        """What would be sent, as far as it is right."""
        return Recipe(
            model_id=self.model.model_id if self.model else "",
            prompt=str(self.cleaned_data.get("prompt", "")) if self.is_bound else "",
            params=self.controls.wire_params_so_far(),
            references=tuple(self.references.chosen),
        )

    @property
    def form_token(self) -> UUID | None:
        return cast(UUID | None, self.cleaned_data.get("token"))

    @property
    def price_seen(self) -> Decimal | None:
        return cast(Decimal | None, self.cleaned_data.get("price"))


def _sample(known: Known) -> str:
    model = known.card or known.cheapest
    if model and not model.needs_prompt:
        return ""
    if known.flow.moment == Workflow.Moment.REFERENCE_EDIT:
        return EDIT_SAMPLE
    return SAMPLES.get(kinds.kind_made_by(known.flow.moment), "")
