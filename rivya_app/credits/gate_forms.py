"""A rule of the gate as an owner types it, and an answer."""

from decimal import Decimal

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from rivya_app.credits.gate_rules import WantedRule
from rivya_app.gateway import catalogue
from rivya_app.workspaces.access import campaigns
from rivya_app.workspaces.models import Membership, Role

HOURS = ((4, _("4 hours")), (24, _("1 day")), (72, _("3 days")), (168, _("7 days")))


class RuleForm(forms.Form):
    """What is left empty holds for everything."""

    above = forms.DecimalField(
        label=_("More than so many credits"),
        help_text=_("What one press costs in all. Left empty, any price."),
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
    )
    roles = forms.MultipleChoiceField(
        label=_("Asked by"),
        help_text=_("Left empty, everybody but owners, who are never asked."),
        choices=[(role.value, role.label) for role in (Role.SELLER, Role.MANAGER)],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    campaign = forms.ChoiceField(label=_("In the campaign"), required=False)
    model_ids = forms.MultipleChoiceField(
        label=_("With one of these models"),
        help_text=_("Left empty, any model."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    valid_hours = forms.TypedChoiceField(
        label=_("An answer is awaited for"),
        help_text=_("After that the ask ends, and whoever asked may ask again."),
        choices=HOURS,
        coerce=int,
        initial=72,
    )

    def __init__(self, data: QueryDict | None = None, *, member: Membership) -> None:
        super().__init__(data)
        open_ones = campaigns(member).filter(is_archived=False)
        self._campaigns = {str(one.public_id): one for one in open_ones}
        names = [(key, one.name) for key, one in self._campaigns.items()]
        self.fields["campaign"].choices = [("", _("Any campaign, or none")), *names]  # type: ignore[attr-defined]
        cards = [card for card in catalogue.listed() if card.is_choosable]
        self.fields["model_ids"].choices = [(card.model_id, card.name) for card in cards]  # type: ignore[attr-defined]

    def wanted(self) -> WantedRule:
        """Of a valid form."""
        typed = self.cleaned_data
        return WantedRule(
            above=typed["above"],
            roles=typed["roles"],
            campaign=self._campaigns.get(typed["campaign"]),
            model_ids=typed["model_ids"],
            valid_hours=typed["valid_hours"],
        )


class AnswerForm(forms.Form):
    """Yes or no, what the page showed, and a word to whoever asked."""

    answer = forms.ChoiceField(choices=[("yes", _("Yes")), ("no", _("No"))])
    seen = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("A word with it"),
        help_text=_("Whoever asked reads it."),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
