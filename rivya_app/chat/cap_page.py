"""The page on which a member sets what the assistant may cost them in a month."""

from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from rivya_app.chat import caps
from rivya_app.credits import limit_words, limits
from rivya_app.gateway import access as gateway
from rivya_app.gateway.models import Workflow
from rivya_app.workspaces.models import Membership


class CapForm(forms.Form):
    """Empty takes the cap away, as the button beside it does."""

    amount = forms.DecimalField(
        label=_("Credits a month"),
        help_text=_("Leave it empty for no cap of your own."),
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
        required=False,
        error_messages={
            "invalid": _("Write a number, such as 40 or 12.50."),
            "min_value": _("It cannot be below 0."),
            "max_decimal_places": _("Two places behind the point are the most."),
        },
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
    )

    def __init__(self, data: QueryDict | None, *, member: Membership) -> None:
        amount = caps.use_of(member).amount
        shown = amount.normalize() if amount else amount
        super().__init__(data, initial={"amount": None if shown is None else f"{shown:f}"})
        if data is not None and "remove" in data:
            self.data = QueryDict("amount=")

    def wanted(self) -> Decimal | None:
        """The checked amount. Call it only where `is_valid()` said yes."""
        amount: Decimal | None = self.cleaned_data["amount"]
        return amount


def page_of(member: Membership) -> dict[str, Any]:
    """What is used this month, and the owner's limits that count beside the cap."""
    use = caps.use_of(member)
    key = gateway.workflow(member.workspace, Workflow.Moment.CHAT).api_key
    bounds = limits.hard_limits_for(member, None, key)
    return {
        "use": use,
        "bounds": [(capfirst(limit_words.whose(one, member)), one) for one in bounds],
    }
