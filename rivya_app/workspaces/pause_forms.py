"""Why sending is paused, as a person types it."""

from django import forms
from django.utils.translation import gettext_lazy as _


class PauseForm(forms.Form):
    """Everybody who waits reads the reason."""

    reason = forms.CharField(
        label=_("Why"),
        help_text=_("Everybody who waits reads it."),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
