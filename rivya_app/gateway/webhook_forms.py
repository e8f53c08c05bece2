"""The form for a new webhook endpoint. Its address is ours to say, so it is no field."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rivya_app.gateway import access
from rivya_app.gateway.endpoints import Wanted
from rivya_app.gateway.models import ApiKey
from rivya_app.gateway.webhook_words import EVENT_LABELS, NOT_DONE
from rivya_app.workspaces.models import Membership


class EndpointForm(forms.Form):
    """Name, events and key of an endpoint. `public_id` makes a form sent twice one endpoint."""

    public_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        initial=_("This workspace"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    event_types = forms.MultipleChoiceField(
        label=_("Events"),
        choices=list(EVENT_LABELS.items()),
        initial=list(EVENT_LABELS),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Jobs are asked about less often only where both are told."),
    )
    api_key = forms.ModelChoiceField(
        queryset=ApiKey.objects.none(),
        to_field_name="public_id",
        label=_("Account of the key"),
        empty_label=None,
    )

    def __init__(self, data: Any = None, *, member: Membership) -> None:
        super().__init__(data)
        keys = access.webhook_keys(member)
        field: Any = self.fields["api_key"]
        field.queryset = access.keys_of(member).filter(pk__in=[key.pk for key in keys])
        if len(keys) == 1:
            field.widget = forms.HiddenInput()
            field.initial = keys[0].public_id

    def wanted(self) -> Wanted:
        """What was typed; only of a valid form."""
        typed = self.cleaned_data
        return Wanted(
            typed["public_id"], typed["name"], tuple(typed["event_types"]), typed["api_key"]
        )

    def explain(self, code: str) -> None:
        """Say why Rivya, or a rule, refused."""
        self.add_error(None, NOT_DONE[code])
