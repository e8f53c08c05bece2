"""What the forms of a new brief and of a new attempt share: a model, its controls, its files."""

from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _

from rivya_app.gateway.cards import ModelCard
from rivya_app.gateway.controls import ControlsForm
from rivya_app.gateway.models import Workflow
from rivya_app.library.forms import ReferencesForm


class ModelForm(forms.Form):
    """Judges what depends on the workflow and the chosen model. The controls and the references are
    forms of their own; whoever inherits sets all four in `__init__` and calls `judge_text`."""

    flow: Workflow
    model: ModelCard | None
    controls: ControlsForm
    references: ReferencesForm

    def is_valid(self) -> bool:
        """All three forms, so that everything wrong is named at once."""
        others = [self.controls.is_valid(), self.references.is_valid()]
        return super().is_valid() and all(others)

    def stay_silent(self) -> None:
        """Show what is typed so far without judging it: the person is not done."""
        self._errors = ErrorDict()
        self.controls.stay_silent()
        self.references.stay_silent()

    def clean_model_id(self) -> str:
        if self.model is None:
            raise forms.ValidationError(_("This model is not on Rivya's list. Choose another."))
        if not self.model.is_choosable:
            raise forms.ValidationError(str(self.model.why_not))
        return self.model.model_id

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.model and self.model.needs_references and not self.references.chosen:
            self.add_error("model_id", _("This model needs a reference file. Add one below."))
        for problem in self.reference_problems():
            self.add_error("workflow" if "workflow" in self.fields else None, problem)
        return cleaned

    def reference_problems(self) -> list[str]:
        """What the workflow, and not its model, has against the files that are chosen."""
        given = {file.kind for file in self.references.chosen}
        if self.flow.reference == Workflow.Reference.REQUIRED and not given:
            return [_("This workflow always needs a reference file. Add one.")]
        if self.flow.reference == Workflow.Reference.NONE and given:
            return [_("This workflow takes no reference files. Remove them.")]
        if self.flow.reference_kinds and given - set(self.flow.reference_kinds):
            return [_("This workflow takes no reference files of this kind.")]
        return []

    def judge_text(self, text: str) -> None:
        """Hold the prompt against the model's limit, in characters."""
        limit = self.model.prompt_limit if self.model else None
        if limit and len(text) > limit:
            words = _("The text is %(length)d characters long; this model reads at most %(limit)d.")
            self.add_error("prompt", words % {"length": len(text), "limit": limit})
