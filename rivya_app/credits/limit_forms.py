"""A limit as an owner types it, checked field by field."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.credits import limit_words
from rivya_app.credits.limit_actions import LimitTaken, WantedLimit
from rivya_app.credits.models import Limit
from rivya_app.gateway.access import keys_of
from rivya_app.gateway.models import ApiKey
from rivya_app.workspaces.access import campaigns, members_with
from rivya_app.workspaces.models import Membership, Role

WORKSPACE = "workspace"
MOST_THRESHOLDS = 6
USUAL = "50, 80, 100"
_KINDS = (
    ("hard", gettext_lazy("Refuse: what would go beyond it waits")),
    ("soft", gettext_lazy("Only warn: nothing is held up")),
)


_COLUMNS = {"campaign": "campaign", "member": "member", "key": "api_key"}


class LimitForm(forms.Form):
    """`limit` is the one that is changed; whose it is, cannot be changed then."""

    whose = forms.ChoiceField(label=gettext_lazy("Whose limit"))
    amount = forms.DecimalField(
        label=gettext_lazy("Credits"),
        help_text=gettext_lazy("What is held and what is spent, together."),
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
    )
    period = forms.ChoiceField(
        label=gettext_lazy("For how long"), choices=Limit.Period.choices, widget=forms.RadioSelect
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("What it does"), choices=_KINDS, widget=forms.RadioSelect
    )
    thresholds = forms.CharField(
        label=gettext_lazy("Tell me at (percent)"),
        help_text=gettext_lazy("Whole numbers, the lowest first, with commas: 50, 80, 100."),
        max_length=60,
        required=False,
    )

    def __init__(
        self, data: QueryDict | None = None, *, member: Membership, limit: Limit | None = None
    ) -> None:
        super().__init__(data, initial=_values_of(limit) if limit else _USUAL_VALUES)
        self.limit = limit
        self._named: dict[str, Any] = {}
        if limit is None:
            self._offer(member)
        else:
            del self.fields["whose"]

    def _offer(self, member: Membership) -> None:
        people = members_with(member.workspace, *Role.values)
        keys = keys_of(member).filter(state=ApiKey.State.ACTIVE)
        groups: list[tuple[str, str, list[tuple[Any, str]]]] = [
            (_("Campaigns"), "campaign", [(one, one.name) for one in campaigns(member)]),
            (_("People"), "member", [(one, str(one)) for one in people]),
            (_("Keys"), "key", [(one, one.purpose) for one in keys]),
        ]
        choices: list[Any] = [(WORKSPACE, _("The whole workspace"))]
        for title, scope, rows in groups:
            offered = [(f"{scope}:{row.public_id}", name) for row, name in rows]
            self._named |= {f"{scope}:{row.public_id}": row for row, _name in rows}
            if offered:
                choices.append((title, offered))
        field = self.fields["whose"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the types)
        field.choices = choices

    def clean_thresholds(self) -> tuple[int, ...]:
        """Empty: nobody is warned beforehand."""
        parts = [part for part in re.split(r"[,\s;%]+", self.cleaned_data["thresholds"]) if part]
        if not all(part.isascii() and part.isdecimal() for part in parts):
            raise forms.ValidationError(_("Write whole numbers with commas, such as 50, 80, 100."))
        found = [int(part) for part in parts]
        if len(found) > MOST_THRESHOLDS:
            raise forms.ValidationError(_("At most six."))
        if any(not 1 <= one <= 100 for one in found):
            raise forms.ValidationError(_("Each lies between 1 and 100."))
        if len(set(found)) < len(found):
            raise forms.ValidationError(_("One of them is there twice."))
        if found != sorted(found):
            raise forms.ValidationError(_("Put the lowest first."))
        return tuple(found)

    def wanted(self) -> WantedLimit:
        """The checked limit. Call it only where `is_valid()` said yes."""
        cleaned = self.cleaned_data
        return WantedLimit(
            period=cleaned["period"],
            amount=cleaned["amount"],
            is_hard=cleaned["kind"] == "hard",
            thresholds=cleaned["thresholds"],
            **self._subject(),
        )

    def _subject(self) -> dict[str, Any]:
        """Whose it is, by the name of its column; empty for the whole workspace."""
        if self.limit:
            return {name: getattr(self.limit, name) for name in _COLUMNS.values()}
        whose = self.cleaned_data["whose"]
        return {_COLUMNS[whose.partition(":")[0]]: self._named[whose]} if ":" in whose else {}

    @property
    def radios(self) -> list[forms.BoundField]:
        return [self["period"], self["kind"]]

    @property
    def confirmed_amount(self) -> str:
        """The amount that was sent before and asked about."""
        return str(self.data.get("sure", ""))

    def explain_taken(self, refusal: LimitTaken) -> None:
        words = _("There is one already: %(limit)s. Change that one, or end it first.")
        field = "whose" if self.limit is None else "period"
        self.add_error(field, words % {"limit": limit_words.in_short(refusal.limit)})


_USUAL_VALUES = {
    "whose": WORKSPACE,
    "period": Limit.Period.MONTH,
    "kind": "hard",
    "thresholds": USUAL,
}


def _values_of(limit: Limit) -> dict[str, Any]:
    is_whole = limit.amount == int(limit.amount)
    return {
        "amount": int(limit.amount) if is_whole else limit.amount,
        "period": limit.period,
        "kind": "hard" if limit.is_hard else "soft",
        "thresholds": ", ".join(map(str, limit.thresholds)),
    }
