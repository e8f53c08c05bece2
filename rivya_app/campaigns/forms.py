"""A campaign as a manager types it, checked field by field."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.briefs.models import Brief
from rivya_app.campaigns import checklist_rows, format_rows
from rivya_app.core.inputs import DayInput
from rivya_app.gateway import kinds
from rivya_app.gateway.access import model_of, models_of, workflow_for
from rivya_app.gateway.cards import ModelCard
from rivya_app.reviews import checklist
from rivya_app.workspaces.access import MAY_DECIDE, MAY_SUBMIT, members_with
from rivya_app.workspaces.campaigns import ChangedMeanwhile, WantedCampaign
from rivya_app.workspaces.models import Campaign, Membership

REFRESH = "refresh"
_PLAIN = ("name", "starts_on", "ends_on", "brand_notes", "budget", "makers_may_approve")
_MODELS = ("still_model_id", "video_model_id")


class CampaignForm(forms.Form):
    """Its checklist (`self.items`) and its video formats (`self.formats`) are rows of their own."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    starts_on = forms.DateField(label=gettext_lazy("Starts"), required=False, widget=DayInput())
    ends_on = forms.DateField(label=gettext_lazy("Ends"), required=False, widget=DayInput())
    channels = forms.MultipleChoiceField(
        label=gettext_lazy("Where its pictures are shown"),
        choices=Brief.Channel.choices,
        required=False,
    )
    brand_notes = forms.CharField(
        label=gettext_lazy("Brand notes"),
        help_text=gettext_lazy(
            "Colours, mood, words to use or avoid. They stand beside the form of a brief and go "
            "into the text for the model, which is best in English."
        ),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    budget = forms.DecimalField(
        label=gettext_lazy("Budget in credits"),
        help_text=gettext_lazy(
            "What is held and what is spent, together. Left empty, only the account’s balance "
            "limits it."
        ),
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
        required=False,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
    )
    submitters = forms.MultipleChoiceField(
        label=gettext_lazy("Who may submit briefs"), required=False
    )
    deciders = forms.MultipleChoiceField(
        label=gettext_lazy("Who decides on drafts"), required=False
    )
    makers_may_approve = forms.BooleanField(
        label=gettext_lazy("People may approve what they made themselves"), required=False
    )
    still_model_id = forms.ChoiceField(label=gettext_lazy("Model for pictures"), required=False)
    video_model_id = forms.ChoiceField(label=gettext_lazy("Model for videos"), required=False)
    seen_at = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        member: Membership,
        campaign: Campaign | None = None,
    ) -> None:
        super().__init__(data, initial=_values_of(campaign) if campaign else None)
        self.campaign = campaign
        home = member.workspace
        self._people: dict[str, Membership] = {}
        self._offer("submitters", members_with(home, *MAY_SUBMIT))
        self._offer("deciders", members_with(home, *MAY_DECIDE))
        for name, kind in zip(_MODELS, (kinds.IMAGE, kinds.VIDEO), strict=True):
            self._offer_models(name, member, kind)
        self.video_model = self._chosen_video_model(member)
        items = checklist_rows.posted(data) if data is not None else checklist.items_of(campaign)
        self.items = checklist_rows.rows_of(items)
        known = campaign.video_formats if campaign else {}
        self._formats = format_rows.posted(data) if data is not None else known
        self.formats = format_rows.rows_for(self._formats, self.video_model, is_judged=False)

    @property
    def is_refresh(self) -> bool:
        """Whether a button was pressed that only shows the form anew."""
        return bool({REFRESH, *checklist_rows.BUTTONS}.intersection(self.data))

    @property
    def has_formats(self) -> bool:
        """Whether any is set, or wrong."""
        return bool(self._formats)

    @property
    def has_all_usual(self) -> bool:
        """Whether every usual item is in the list."""
        return {item.code for item in checklist.USUAL} <= {row.item.code for row in self.items}

    def _offer(self, name: str, people: Iterable[Membership]) -> None:
        """Those of the role, and whoever is named already."""
        named = getattr(self.campaign, name).select_related("user") if self.campaign else []
        offered = {str(one.public_id): one for one in (*people, *named)}
        self._people |= offered
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101  (for the types)
        field.choices = [(key, str(person)) for key, person in offered.items()]

    def _offer_models(self, name: str, member: Membership, kind: str) -> None:
        """What can be chosen now, and what was chosen before even where it cannot be any more."""
        flow = workflow_for(member.workspace, kind)
        usual = model_of(flow, flow.default_model_id)
        first = _("As the workflow says")
        if usual and usual.is_choosable:
            first = _("As the workflow says (%(name)s)") % {"name": usual.name}
        choices = [("", first)]
        cards = [card for card in models_of(flow) if card.is_choosable]
        choices += [(card.model_id, f"{card.name} · {card.price_words}") for card in cards]
        kept = getattr(self.campaign, name) if self.campaign else ""
        if kept and kept not in dict(choices):
            lost = model_of(flow, kept)
            why = lost.why_not if lost else _("It is not on Rivya's list.")
            choices.append((kept, f"{lost.name if lost else kept}: {why}"))
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (for the types)
        field.choices = choices

    def _chosen_video_model(self, member: Membership) -> ModelCard | None:
        """The model whose lengths and shapes are offered; None leaves them to be typed."""
        chosen = self["video_model_id"].value() or ""
        flow = workflow_for(member.workspace, kinds.VIDEO)
        return model_of(flow, str(chosen)) if chosen else None

    def stay_silent(self) -> None:
        """Show what is typed so far without judging it: the person is not done."""
        self._errors = ErrorDict()

    def clean_name(self) -> str:
        return str(self.cleaned_data["name"]).strip()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("It cannot end before it starts."))
        self.items, is_right = checklist_rows.judged([row.item for row in self.items])
        if not self.items:
            self.add_error(None, _("Keep at least one item in the checklist."))
        elif not is_right:
            self.add_error(None, _("Look at the checklist: an item is too long or twice there."))
        self.formats = format_rows.rows_for(self._formats, self.video_model, is_judged=True)
        if format_rows.has_errors(self.formats):
            self.add_error(None, _("Look at the video formats: the model does not take one."))
        return cleaned

    def wanted(self) -> WantedCampaign:
        """The checked campaign. Call it only where `is_valid()` said yes."""
        cleaned = self.cleaned_data
        known = {cell.name for row in self.formats for cell in row.cells}
        formats = {
            channel: {part: value for part, value in parts.items() if f"{part}-{channel}" in known}
            for channel, parts in self._formats.items()
        }
        return WantedCampaign(
            **{name: cleaned[name] for name in (*_PLAIN, *_MODELS)},
            channels=tuple(cleaned["channels"]),
            submitters=tuple(self._people[key] for key in cleaned["submitters"]),
            deciders=tuple(self._people[key] for key in cleaned["deciders"]),
            checklist=checklist_rows.as_data(row.item for row in self.items),
            video_formats={channel: parts for channel, parts in formats.items() if parts},
        )

    @property
    def seen(self) -> datetime | None:
        """When the campaign had last been changed as the form was shown."""
        try:
            return datetime.fromisoformat(str(self.cleaned_data.get("seen_at") or ""))
        except ValueError:
            return None

    def explain_taken(self) -> None:
        self.add_error("name", _("Another campaign is called so. Choose another name."))

    def explain_change(self, refusal: ChangedMeanwhile, changed_at: datetime) -> None:
        """What was typed is kept; sent again it takes the place of the other change."""
        words = _(
            "%(name)s changed this campaign while you had it open. Look at what changed, or send "
            "this again: then yours holds."
        )
        self.add_error(None, words % {"name": refusal.change.member})
        typed = cast(QueryDict, self.data).copy()
        typed["seen_at"] = changed_at.isoformat()
        self.data = typed


def _values_of(campaign: Campaign) -> dict[str, Any]:
    values = {name: getattr(campaign, name) for name in (*_PLAIN, *_MODELS, "channels")}
    for name in ("submitters", "deciders"):
        people = getattr(campaign, name).values_list("public_id", flat=True)
        values[name] = [str(public_id) for public_id in people]
    if campaign.budget is not None and campaign.budget == int(campaign.budget):
        values["budget"] = int(campaign.budget)
    return {**values, "seen_at": campaign.changed_at.isoformat()}
