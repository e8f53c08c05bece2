"""Where a member wants to be told, as a table of fields made of the kinds they may be told of."""

from datetime import time
from typing import Any

from babel.dates import format_time
from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from rivya_app.core.text import reader_locale
from rivya_app.notices import ways
from rivya_app.notices.actions import Choices
from rivya_app.notices.models import Mail, Notice
from rivya_app.workspaces.models import Membership


def _hour_words(hour: int) -> str:
    return format_time(time(hour), "short", locale=reader_locale())


_hour = lazy(_hour_words, str)


class SettingsForm(forms.Form):
    """`mail-<kind>` and `browser-<kind>` for each kind of the member's table."""

    wants_mail = forms.BooleanField(label=_("Send me e-mail"), required=False)
    digest_hour = forms.TypedChoiceField(
        label=_("The daily e-mail comes at"),
        help_text=_("In your own time zone, which is set on your profile."),
        coerce=int,
        choices=[(hour, _hour(hour)) for hour in range(24)],
    )

    def __init__(self, member: Membership, data: Any = None) -> None:
        postbox = ways.postbox_of(member)
        self.groups = ways.groups_for(member)
        chosen = ways.of(member)
        shown = {"wants_mail": postbox.wants_mail, "digest_hour": postbox.digest_hour}
        super().__init__(data, initial=shown)
        for way in self._ways():
            label = Notice.Kind(way.kind).label
            choice = chosen[way.kind]
            self.fields[f"mail-{way.kind}"] = forms.ChoiceField(
                label=_("By e-mail: %(kind)s") % {"kind": label},
                choices=Mail.choices,
                initial=choice.mail,
            )
            self.fields[f"browser-{way.kind}"] = forms.BooleanField(
                label=_("In the browser: %(kind)s") % {"kind": label},
                required=False,
                initial=choice.browser,
            )

    def _ways(self) -> list[ways.Way]:
        return [way for group in self.groups for way in group.ways]

    @property
    def choices(self) -> Choices:
        """The cleaned input."""
        clean = self.cleaned_data
        return Choices(
            wants_mail=clean["wants_mail"],
            digest_hour=clean["digest_hour"],
            by_kind={
                way.kind: ways.Choice(clean[f"mail-{way.kind}"], clean[f"browser-{way.kind}"])
                for way in self._ways()
            },
        )
