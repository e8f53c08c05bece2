"""Input about the people of a workspace, and about the workspace itself."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from rivya_app.workspaces import role_words
from rivya_app.workspaces.forms import time_zones
from rivya_app.workspaces.invitations import Wanted
from rivya_app.workspaces.models import Membership, Role, User, Workspace
from rivya_app.workspaces.team_words import REFUSALS
from rivya_app.workspaces.workspace_settings import WantedSettings


class _Refusable(forms.Form):
    """A form that can be told which rule refused what it holds."""

    def refuse(self, code: str, field: str | None = None) -> None:
        self.add_error(field, ValidationError(REFUSALS[code]))


class RolesForm(_Refusable):
    """What somebody may do; at least one role."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=Role.choices,
        error_messages={"required": _("Choose at least one role.")},
    )

    @property
    def role_choices(self) -> list[role_words.RoleChoice]:
        """The boxes, ticked as they were sent or as it is now."""
        return role_words.choices(self["roles"].value() or ())


class InviteForm(RolesForm):
    """Who is invited, to do what, and in which language they are written to."""

    field_order = ("email", "roles", "name", "language")

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    language = forms.ChoiceField(
        label=_("Language of the letter"), choices=User.Language.choices, initial="en"
    )

    @property
    def wanted(self) -> Wanted:
        """The cleaned input."""
        clean = self.cleaned_data
        return Wanted(
            email=clean["email"],
            roles=tuple(clean["roles"]),
            name=clean["name"],
            language=clean["language"],
        )


class HeirForm(_Refusable):
    """Who goes on with the work of somebody who leaves."""

    heir = forms.ChoiceField(label=_("Who goes on with what is open?"))

    def __init__(self, *args: Any, heirs: Iterable[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["heir"].choices = [  # type: ignore[attr-defined]
            (str(one.public_id), f"{one} ({role_words.named(one.roles)})") for one in heirs
        ]


class SettingsForm(_Refusable):
    """The workspace as a whole."""

    name = forms.CharField(label=_("Name of the workspace"), max_length=120)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=time_zones,
        help_text=_("Months of limits and reports begin at midnight there."),
    )
    requires_two_steps = forms.BooleanField(
        label=_("Everybody needs two-step sign-in"),
        required=False,
        help_text=_(
            "Whoever has not turned it on is asked to before anything of the workspace opens."
        ),
    )

    @property
    def wanted(self) -> WantedSettings:
        """The cleaned input."""
        clean = self.cleaned_data
        return WantedSettings(
            name=clean["name"],
            time_zone=clean["time_zone"],
            requires_two_steps=clean["requires_two_steps"],
        )


def settings_of(workspace: Workspace) -> dict[str, Any]:
    """What the form shows at first."""
    return {
        "name": workspace.name,
        "time_zone": workspace.time_zone,
        "requires_two_steps": workspace.requires_two_steps,
    }
