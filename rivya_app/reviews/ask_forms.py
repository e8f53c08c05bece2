"""The form that sends results for review."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.library.models import StoredFile
from rivya_app.reviews.models import MOST_UNDO_SECONDS, ReviewSettings
from rivya_app.reviews.queue import today


class AskForm(forms.Form):
    """Which results, with an optional note and the day a decision is wanted by."""

    file = forms.MultipleChoiceField(
        label=gettext_lazy("What to send"),
        error_messages={"required": gettext_lazy("Choose at least one.")},
    )
    note = forms.CharField(
        label=gettext_lazy("Note for the reviewer"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    due_on = forms.DateField(
        label=gettext_lazy("Decision wanted by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, *args: Any, files: Sequence[StoredFile], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(str(file.public_id), str(file)) for file in files]
        self.fields["file"].choices = known  # type: ignore[attr-defined]
        self.fields["due_on"].widget.attrs["min"] = today().isoformat()

    @property
    def wanted(self) -> dict[str, Any]:
        """For `actions.request_review`."""
        found = self.cleaned_data
        return {"file_ids": found["file"], "note": found["note"], "due_on": found["due_on"]}

    def clean_due_on(self) -> Any:
        day = self.cleaned_data["due_on"]
        if day and day < today():
            raise ValidationError(_("This day is over. Choose today or a later one."))
        return day


class SettingsForm(forms.ModelForm):
    """What holds in the workspace where no campaign says otherwise."""

    class Meta:
        model = ReviewSettings
        fields = ("makers_may_approve", "undo_seconds")
        labels = {
            "makers_may_approve": gettext_lazy("People may approve what they made themselves"),
            "undo_seconds": gettext_lazy("Seconds a decision can be taken back"),
        }
        help_texts = {
            "makers_may_approve": gettext_lazy(
                "Off: a second pair of eyes decides. A campaign can say otherwise for its own "
                "drafts."
            ),
            "undo_seconds": gettext_lazy(
                "A video that an approval orders starts, and costs, only after this time. From 0 "
                "to 300."
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["undo_seconds"].widget.attrs.update({"min": 0, "max": MOST_UNDO_SECONDS})
