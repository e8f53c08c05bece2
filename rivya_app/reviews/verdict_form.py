"""What a reviewer fills in: the decision, a pin, a reason. Judged here, decided in `actions.py`."""

from decimal import Decimal
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.reviews import checklist, refusal_words, video_offer
from rivya_app.reviews.actions import Kind, Verdict
from rivya_app.reviews.models import Review
from rivya_app.reviews.pins import Place
from rivya_app.reviews.refusals import (
    ChecklistOpen,
    ModelRefused,
    PriceMoved,
    ReviewRefused,
    WordsMissing,
)
from rivya_app.reviews.video_form import VideoForm
from rivya_app.workspaces.models import Membership

VERDICTS = (Kind.APPROVED, Kind.CHANGES_WANTED, Kind.REJECTED)


class VerdictForm(forms.Form):
    """One form with three buttons; which was pressed is `kind`. The video is a form of its own,
    None where none can be made."""

    kind = forms.ChoiceField(choices=[(kind.value, kind.label) for kind in VERDICTS])
    sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)
    ticked = forms.MultipleChoiceField(label=gettext_lazy("What to look at"), required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": None}),
    )

    def __init__(
        self, data: QueryDict | None = None, *, member: Membership, review: Review
    ) -> None:
        super().__init__(data)
        self.items = checklist.items_of(review.campaign)
        self.initial = {"sha256": review.sha256}
        codes = [(item.code, item.code) for item in self.items]
        self.fields["ticked"].choices = codes  # type: ignore[attr-defined]
        self.open_codes: set[str] = set()
        offer = video_offer.usual_order(member, review)
        self.video = VideoForm(data, member=member, review=review, offer=offer) if offer else None

    @property
    def is_approval(self) -> bool:
        return self.data.get("kind") == Kind.APPROVED

    @property
    def checks(self) -> list[dict[str, Any]]:
        """The list for the page: words, hint, whether it is required, ticked, missing."""
        ticked = self["ticked"].value() or []
        return [
            {
                "code": item.code,
                "words": checklist.words_of(item),
                "hint": checklist.hint_of(item),
                "is_required": item.is_required,
                "is_ticked": item.code in ticked,
                "is_open": item.code in self.open_codes,
            }
            for item in self.items
        ]

    def is_valid(self) -> bool:
        is_video_fit = not (self.is_approval and self.video) or self.video.is_valid()
        return super().is_valid() and is_video_fit

    def stay_silent(self) -> None:
        """Show what is typed so far without judging it."""
        self._errors = ErrorDict()
        if self.video:
            self.video.stay_silent()

    def verdict(self) -> Verdict:
        """The decision as it was pressed. Call it only where `is_valid()` said yes."""
        cleaned = self.cleaned_data
        return Verdict(
            kind=cleaned["kind"],
            sha256=cleaned["sha256"],
            note=cleaned["note"],
            ticked=frozenset(cleaned["ticked"]),
            video=self.video.order() if self.is_approval and self.video else None,
        )

    def refuse(self, refusal: ReviewRefused) -> None:
        """Say beside the right field why it was not decided."""
        words = refusal_words.words_of(refusal)
        if isinstance(refusal, ChecklistOpen):
            self.open_codes = {item.code for item in refusal.items}
            self.add_error("ticked", words)
        elif isinstance(refusal, WordsMissing):
            self.add_error("note", words)
        elif isinstance(refusal, ModelRefused) and self.video:
            self.video.add_error("model_id", words)
        elif isinstance(refusal, PriceMoved) and self.video:
            self.video.add_error("price_seen", words)
        else:
            self.add_error(None, words)


class PinForm(forms.Form):
    """A note on a place: percent of the picture's sides, and of a film or a sound the second."""

    x = forms.DecimalField(
        label=gettext_lazy("From the left, in %"), min_value=0, max_value=100, decimal_places=2
    )
    y = forms.DecimalField(
        label=gettext_lazy("From the top, in %"), min_value=0, max_value=100, decimal_places=2
    )
    seconds = forms.FloatField(
        label=gettext_lazy("At second"), min_value=0, max_value=86_400, required=False, initial=0
    )
    pin_note = forms.CharField(
        label=gettext_lazy("What is to change here"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, review: Review) -> None:
        super().__init__(data, auto_id="pin_%s")
        self.initial = {"sha256": review.sha256, "x": 50, "y": 50}
        self.length = review.file.duration
        if review.media_kind == "image":
            del self.fields["seconds"]
        if review.media_kind == "audio":  # a sound has no place but its time
            del self.fields["x"], self.fields["y"]

    def place(self) -> Place:
        """Call it only where `is_valid()` said yes."""
        cleaned = self.cleaned_data
        seconds = cleaned.get("seconds")
        if "x" in self.fields:
            return Place(cleaned["x"], cleaned["y"], seconds)
        share = min(1.0, (seconds or 0) / self.length) if self.length else 0
        return Place(Decimal(round(100 * share, 2)).quantize(Decimal("0.01")), Decimal(50), seconds)


class ReasonForm(forms.Form):
    """Why a decision is reversed."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=4000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def refuse(self, refusal: ReviewRefused) -> None:
        self.add_error("reason", refusal_words.words_of(refusal))


class NoteForm(forms.Form):
    """What a pin says."""

    pin_note = forms.CharField(max_length=500)

    def first_error(self) -> str:
        return str(next(iter(self.errors.values()), [_("Say what is to change here.")])[0])
