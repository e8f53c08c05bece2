"""The forms of a package: what is packed under which words, an answer for a check, a crop."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from rivya_app.handoff import alt_words
from rivya_app.handoff.actions import WantedItem, WantedPackage
from rivya_app.handoff.boxes import MOST_ZOOM, Box, adjusted
from rivya_app.handoff.models import PackageItem, PackedFile
from rivya_app.handoff.presets import ORIGINAL, PRESETS, fits, usual_for
from rivya_app.reviews.models import Review

LONGEST_TITLE = 200
# Which file it is about, the field, what is wrong; None where it is about no field.
Wrong = tuple[str, forms.BoundField | None, str]


def _wrong(about: str, form: forms.Form) -> list[Wrong]:
    return [(about, field, str(error)) for field in form for error in field.errors]


class WordsForm(forms.Form):
    """Alt text and caption of one file."""

    alt_text = forms.CharField(
        label=_("Alt text"),
        max_length=alt_words.MOST_ALT,
        help_text=_("Says what is seen, for people who cannot see it."),
    )
    caption = forms.CharField(
        label=_("Caption"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PackageForm(forms.Form):
    """What a package is called, which channels it is cut for, and the words of its files.

    `reviews` are approved ones, in the order in which they are packed; `is_short` says that others
    were named which are not approved any more.
    """

    form_token = forms.UUIDField(widget=forms.HiddenInput)
    title = forms.CharField(label=_("Title"), max_length=LONGEST_TITLE)
    presets = forms.MultipleChoiceField(
        label=_("Cut for"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, reviews: Sequence[Review], data: QueryDict | None = None, *, is_short: bool = False
    ) -> None:
        super().__init__(data, initial=None if data is not None else _start_of(reviews))
        self.is_short = is_short
        self.reviews = list(reviews)
        kinds = {review.media_kind for review in reviews}
        self.fields["presets"].choices = [  # type: ignore[attr-defined]
            (preset.code, preset.words)
            for preset in PRESETS.values()
            if not preset.is_original and any(fits(preset, kind) for kind in kinds)
        ]
        self.words = [_words_form(review, data) for review in reviews]

    def clean(self) -> None:
        """Nothing is left out unseen."""
        if self.is_short:
            raise forms.ValidationError(
                gettext("A file is not approved any more and was taken out. Look again and pack.")
            )

    @property
    def items(self) -> list[tuple[Review, WordsForm]]:
        return list(zip(self.reviews, self.words, strict=True))

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(form.is_valid() for form in self.words)])

    @property
    def wrong(self) -> list[Wrong]:
        """What is wrong in the package's own fields and in the words of its files."""
        about = [(review.brief.product, form) for review, form in self.items]
        own = [("", None, str(error)) for error in self.non_field_errors()]
        words = [each for name, form in about for each in _wrong(name, form)]
        return [*own, *_wrong("", self), *words]

    def wanted(self) -> WantedPackage:
        """The cleaned input."""
        return WantedPackage(
            form_token=self.cleaned_data["form_token"],
            title=self.cleaned_data["title"],
            presets=tuple(self.cleaned_data["presets"]),
            items=tuple(
                WantedItem(review.public_id, **form.cleaned_data) for review, form in self.items
            ),
        )


def _start_of(reviews: Sequence[Review]) -> dict[str, Any]:
    channels = {review.brief.channel for review in reviews}
    products = dict.fromkeys(review.brief.product for review in reviews)
    usual = {code for channel in channels for code in usual_for(channel)}
    return {
        "form_token": uuid4(),
        "title": ", ".join(products)[:LONGEST_TITLE],
        "presets": [code for code in PRESETS if code != ORIGINAL and code in usual],
    }


def _words_form(review: Review, data: QueryDict | None) -> WordsForm:
    start = {
        "alt_text": alt_words.alt_text(review.brief),
        "caption": alt_words.caption(review.brief),
    }
    return WordsForm(data, prefix=f"file-{review.public_id}", initial=start)


class ItemWordsForm:
    """The words of every item of a package that exists."""

    def __init__(self, items: Sequence[PackageItem], data: QueryDict | None = None) -> None:
        self.items = [(item, _item_form(item, data)) for item in items]

    def is_valid(self) -> bool:
        results = [form.is_valid() for _item, form in self.items]  # all of them, for their errors
        return all(results)

    @property
    def wrong(self) -> list[Wrong]:
        return [each for item, form in self.items for each in _wrong(item.brief.product, form)]

    def words(self) -> Mapping[UUID, tuple[str, str]]:
        """The cleaned input, by the items' public ids."""
        return {
            item.public_id: (form.cleaned_data["alt_text"], form.cleaned_data["caption"])
            for item, form in self.items
        }


def _item_form(item: PackageItem, data: QueryDict | None) -> WordsForm:
    start = {"alt_text": item.alt_text, "caption": item.caption}
    return WordsForm(data, prefix=f"item-{item.public_id}", initial=start)


class AnswerForm(forms.Form):
    """A named answer for one failed check of the bytes that were shown."""

    check = forms.SlugField(widget=forms.HiddenInput, max_length=40)
    sha256 = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reason = forms.CharField(
        label=_("Why it may leave all the same"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class CropForm(forms.Form):
    """Which part of the approved picture is shown, as the numbers a frame is drawn by."""

    across = forms.FloatField(
        label=_("Middle, from the left (%)"), min_value=0, max_value=100, localize=False
    )
    down = forms.FloatField(
        label=_("Middle, from the top (%)"), min_value=0, max_value=100, localize=False
    )
    zoom = forms.FloatField(
        label=_("Enlarged (100 % is the largest part)"), min_value=100, max_value=100 * MOST_ZOOM
    )

    def __init__(self, packed: PackedFile, data: QueryDict | None = None) -> None:
        self.picture = packed.item.file
        self.ratio = PRESETS[packed.preset].ratio or (1, 1)
        super().__init__(data, initial=self._numbers(packed))
        for name in self.fields:
            self.fields[name].widget.attrs["step"] = "any"

    def _numbers(self, packed: PackedFile) -> dict[str, float]:
        """The frame as it is. A box with more ground than picture counts as the largest part."""
        box = Box.of(packed.box) if packed.box else self._box(0.5, 0.5, 1.0)
        largest = self._box(*box.centre, 1.0)
        zoom = min(
            (largest.right - largest.left) / (box.right - box.left),
            (largest.bottom - largest.top) / (box.bottom - box.top),
        )
        across, down = box.centre
        shown = {"across": 100 * across, "down": 100 * down, "zoom": 100 * max(1.0, zoom)}
        return {name: round(number, 2) for name, number in shown.items()}

    def _box(self, across: float, down: float, zoom: float) -> Box:
        width, height = self.picture.width or 1, self.picture.height or 1
        return adjusted(width, height, self.ratio, across, down, zoom)

    def box(self) -> Box:
        """The cleaned input as a part of the picture."""
        typed = self.cleaned_data
        return self._box(typed["across"] / 100, typed["down"] / 100, typed["zoom"] / 100)

    @property
    def shown_box(self) -> Box:
        """The frame as the page draws it at first: what was typed, where that makes one."""
        if self.is_bound and self.is_valid():
            return self.box()
        start = self.initial
        return self._box(start["across"] / 100, start["down"] / 100, start["zoom"] / 100)
