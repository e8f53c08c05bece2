"""Forms of the ways out: a link for people, the passphrase of one, another system's address."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rivya_app.core.sealed import Secret
from rivya_app.handoff.leaving_words import NOT_DONE
from rivya_app.handoff.links import MOST_DAYS, USUAL_DAYS, WantedLink

SHORTEST_PASSPHRASE = 8
# Fields of NOT_DONE codes that are about the address.
_ABOUT_ADDRESS = frozenset(
    {"address", "unknown_name", "https", "credentials", "fragment", "local_name", "private"}
    | {"same_url"}
)


class LinkForm(forms.Form):
    """For whom a link is, how long it works, and what they must know."""

    given_to = forms.CharField(
        label=_("For whom"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Only you see this. It tells links apart."),
    )
    days = forms.IntegerField(
        label=_("Works for, in days"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=USUAL_DAYS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    passphrase = forms.CharField(
        label=_("Passphrase"),
        required=False,
        strip=False,
        min_length=SHORTEST_PASSPHRASE,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Tell it to them by another way than the link. It cannot be read again."),
    )

    def wanted(self) -> WantedLink:
        """What was typed; only of a valid form."""
        typed = self.cleaned_data
        return WantedLink(typed["given_to"], typed["days"], Secret(typed["passphrase"]))

    def explain(self, code: str) -> None:
        """Say which rule refused."""
        self.add_error(None, NOT_DONE[code])


class PassphraseForm(forms.Form):
    """What a link with a passphrase asks for."""

    passphrase = forms.CharField(
        label=_("Passphrase"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )

    def refuse(self, words: Any) -> None:
        """Say why it does not open."""
        self.add_error("passphrase", words)


class DestinationForm(forms.Form):
    """Name and address of another system."""

    name = forms.CharField(
        label=_("Name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput(
            attrs={"autocomplete": "off", "placeholder": "https://", "spellcheck": "false"}
        ),
        help_text=_("A public https address. It is not followed to another one."),
    )

    def explain(self, code: str) -> None:
        """Say which rule refused, at the field it is about."""
        self.add_error("url" if code in _ABOUT_ADDRESS else None, NOT_DONE[code])
