"""What is typed at the desk: a note, and the reason for letting credits go."""

from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_NOTE = 2000
LONGEST_REASON = 300


class NoteForm(forms.Form):
    """`token` is made with the form, so that a second press writes nothing twice."""

    token = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    text = forms.CharField(
        label=_("Note"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stays for ever, with your name. Owners and support read it."),
    )


class ReasonForm(forms.Form):
    """Why a job ends here."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Kept with it, with your name."),
    )


class UnsureForm(ReasonForm):
    """The same where Rivya's truth is not known: the second confirmation is a tick of its own."""

    is_understood = forms.BooleanField(
        label=_("I know that Rivya may have run this job and charged for it."),
    )
