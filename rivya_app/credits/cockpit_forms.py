"""What an owner types in about credits, checked field by field."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from rivya_app.core.inputs import DayInput
from rivya_app.credits.differences import Named, kinds_for
from rivya_app.credits.expiries import WantedExpiry
from rivya_app.credits.models import CreditAccount, CreditExpiry, Difference


def _amount(**options: object) -> forms.DecimalField:
    """Credits, from nothing upwards."""
    return forms.DecimalField(
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
        **options,  # type: ignore[arg-type]
    )


class MarksForm(forms.Form):
    """Below which balance, and above which unknown sum, owners are told."""

    low_mark = _amount(
        label=_("Tell owners when fewer credits are left than"),
        help_text=_("Compared with what is left to spend, without what is held for what runs now."),
    )
    unknown_mark = _amount(
        label=_("Tell owners when unknown differences of 30 days come to more than"),
        help_text=_("Differences between Rivya’s balance and our ledger that nobody explained."),
    )

    @classmethod
    def of(cls, account: CreditAccount, data: object = None) -> "MarksForm":
        marks = {"low_mark": account.low_mark, "unknown_mark": account.unknown_mark}
        return cls(data, initial=marks)  # type: ignore[arg-type]


class ExpiryForm(forms.Form):
    """When a plan or a pack ends, from Rivya's own page."""

    kind = forms.ChoiceField(label=_("What ends"), choices=CreditExpiry.Kind.choices)
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        required=False,
        help_text=_("As you call it, such as the plan’s name."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    credits = _amount(
        label=_("Credits that end then"),
        required=False,
        help_text=_("Left empty: whatever is left on that day."),
    )
    ends_on = forms.DateField(
        label=_("Last day"),
        widget=DayInput(),
        help_text=_("The last day on which these credits can be used."),
    )

    def wanted(self) -> WantedExpiry:
        """What was typed, once it is valid."""
        return WantedExpiry(**self.cleaned_data)


class NameForm(forms.Form):
    """Why the balance moved, in the owner's words."""

    kind = forms.ChoiceField(label=_("What it was"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Note"),
        max_length=300,
        required=False,
        help_text=_("Who used them and what for, so that nobody has to ask again."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: object = None, *, difference: Difference) -> None:
        said = {"kind": difference.kind, "note": difference.note}
        super().__init__(data, initial=said)  # type: ignore[arg-type]
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the types)
        field.choices = [(kind.value, kind.label) for kind in kinds_for(difference)]

    def named(self) -> Named:
        """What was said, once it is valid."""
        return Named(self.cleaned_data["kind"], self.cleaned_data["note"])
