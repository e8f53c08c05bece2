"""Input about a person."""

import zoneinfo
from functools import lru_cache

from django import forms
from django.utils.translation import gettext_lazy as _

from rivya_app.workspaces.actions import Preferences
from rivya_app.workspaces.models import User

_REGIONS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


@lru_cache(maxsize=1)
def time_zones() -> list[tuple[str, str]]:
    """(name, words) of the zones people live in, UTC first."""
    names = sorted(name for name in zoneinfo.available_timezones() if name.startswith(_REGIONS))
    return [(name, name.replace("_", " ")) for name in ["UTC", *names]]


class ProfileForm(forms.Form):
    """How a person is called and how they like to read."""

    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        required=False,
        choices=[("", _("As my browser")), *User.Language.choices],
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)
    theme = forms.ChoiceField(label=_("Theme"), choices=User.Theme.choices)

    @property
    def preferences(self) -> Preferences:
        """The cleaned input."""
        clean = self.cleaned_data
        return Preferences(
            name=clean["name"],
            language=clean["language"],
            time_zone=clean["time_zone"],
            theme=clean["theme"],
        )


def profile_of(user: User) -> dict[str, str]:
    """What the form shows at first."""
    return {
        "name": user.name,
        "language": user.language,
        "time_zone": user.time_zone,
        "theme": user.theme,
    }
