"""The forms for keys. What was typed as a secret is never rendered again."""

from django import forms
from django.utils.translation import gettext_lazy as _

from rivya_app.core.inputs import DayInput
from rivya_app.core.sealed import Secret
from rivya_app.gateway import key_words
from rivya_app.gateway.actions import KeyNotAccepted
from rivya_app.gateway.models import ApiKey


class SecretForm(forms.Form):
    """A secret alone, for a key that is there already."""

    secret = forms.CharField(
        label=_("API key"),
        max_length=400,
        help_text=_("Paste it once. It is sealed at once and never shown again."),
        widget=forms.PasswordInput(
            render_value=False, attrs={"autocomplete": "off", "spellcheck": "false"}
        ),
    )

    def clean_secret(self) -> Secret:
        """Hidden from here on, also from tracebacks."""
        return Secret(self.cleaned_data["secret"])

    def explain(self, refusal: KeyNotAccepted) -> None:
        """Put the reason to the field it is about."""
        said = key_words.words(refusal.code, refusal.scopes)
        name = key_words.field_of(refusal.code)
        self.add_error(name if name in self.fields else None, said)


class KeyForm(SecretForm):
    """Purpose, environment and secret of a key."""

    field_order = ("purpose", "environment", "secret")
    purpose = forms.SlugField(
        label=_("Purpose"),
        max_length=80,
        help_text=_("One key per use, such as production-image-workflow."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    environment = forms.ChoiceField(
        label=_("Environment"), choices=ApiKey.Environment.choices, initial="production"
    )


class ExpiryForm(forms.Form):
    """When a key ends at Rivya, where the owner knows it."""

    ends_on = forms.DateField(
        label=_("It ends on"),
        required=False,
        help_text=_("As Rivya’s own page of keys says; leave it empty where it does not end."),
        widget=DayInput(),
    )
