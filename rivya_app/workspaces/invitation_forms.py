"""Input of a person who takes a place that was offered to them."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.core.sealed import Secret
from rivya_app.workspaces.invitations import Newcomer
from rivya_app.workspaces.models import Invitation, User


class NewcomerForm(forms.Form):
    """A name and a password, for an address without an account."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password1 = forms.CharField(
        label=gettext_lazy("Password"), max_length=256, strip=False, widget=forms.PasswordInput
    )
    password2 = forms.CharField(
        label=gettext_lazy("The same once more"),
        max_length=256,
        strip=False,
        widget=forms.PasswordInput,
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].initial = invitation.name
        self._email = invitation.email

    def clean(self) -> dict[str, Any]:
        """The same twice, and not one that is easily guessed."""
        clean = super().clean() or {}
        first, second = clean.get("password1"), clean.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("The two passwords differ."))
        elif first:
            self._require_strength(first, clean.get("name", ""))
        return clean

    def _require_strength(self, password: str, name: str) -> None:
        try:
            validate_password(password, User(email=self._email, name=name))
        except ValidationError as error:
            self.add_error("password1", error)

    @property
    def newcomer(self) -> Newcomer:
        """The cleaned input."""
        clean = self.cleaned_data
        return Newcomer(name=clean["name"], password=Secret(clean["password1"]))
