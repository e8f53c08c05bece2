"""The forms about files: references of a brief, one upload, what an owner decides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.gateway.cards import ModelCard
from rivya_app.library import access, actions, references, shelf
from rivya_app.library.models import LibrarySettings, StoredFile
from rivya_app.library.uploads import UploadRefused
from rivya_app.rivya_api import types
from rivya_app.workspaces.models import Membership

MOST_AT_ONCE = 20  # new files in one form


@dataclass(frozen=True, slots=True)
class Tile:
    """One chosen file on the form, and why it does not fit, where it does not."""

    file: StoredFile
    problem: str


class ReferencesForm(forms.Form):
    """The reference files of a brief, in order: `references` are public ids, `new_references` files
    that arrive with the form and are kept at once, so that no other error loses them.

    The buttons of a page without scripts come as `refresh`: `without:<id>`, `earlier:<id>`,
    `later:<id>`, or `browse`, which shows what the library has.
    """

    def __init__(
        self,
        data: QueryDict | None,
        files: MultiValueDict[str, UploadedFile] | None,
        *,
        member: Membership,
        model: ModelCard | None,
        start: Iterable[str] = (),
    ) -> None:
        super().__init__(data)
        self.member = member
        self.model: types.Model | None = model.model if model else None
        self.refused: list[UploadRefused] = []
        self._button = data.get("refresh", "") if data is not None else ""
        asked = data.getlist("references") if data is not None else list(start)
        found = access.chosen(member, asked)
        self._missing = len(set(filter(None, asked))) - len(found)
        self.chosen = self._arranged(found)
        self.chosen += self._take_in(files.getlist("new_references") if files else [])

    def clean(self) -> dict[str, Any]:
        for refusal in self.refused:
            self.add_error(None, f"{refusal.name}: {refusal.words}")
        if self._missing:
            self.add_error(None, _("A file you chose is not here. Choose another."))
        for problem in self.problems:
            self.add_error(None, problem)
        return super().clean() or {}

    def stay_silent(self) -> None:
        """Show what is chosen so far without judging it: the person is not done."""
        self._errors = ErrorDict()

    @property
    def takes_any(self) -> bool:
        """Whether the chosen model takes references at all."""
        return self.model is not None and bool(references.limits_of(self.model))

    @property
    def problems(self) -> list[str]:
        """Every rule of the model that the chosen files break."""
        if self.model is None:
            return []
        return references.problems(self.model.reference_rules, self.model, self.chosen)

    @property
    def tiles(self) -> list[Tile]:
        model = self.model
        return [
            Tile(file, references.file_problem(model, file) if model else "")
            for file in self.chosen
        ]

    @property
    def rule(self) -> str:
        return references.rule_words(self.model)

    @property
    def browser_rules(self) -> dict[str, object]:
        return references.for_browser(self.model)

    @property
    def accept(self) -> str:
        """For the browser's file picker."""
        limits = references.limits_of(self.model)
        return ",".join(each for kind in limits.values() for each in kind.mime_types)

    @property
    def is_required(self) -> bool:
        return self.model is not None and self.model.is_reference_required

    @property
    def is_browsing(self) -> bool:
        return self._button == "browse"

    @property
    def offered_tiles(self) -> list[Tile]:
        """What the library has for this model."""
        return [Tile(file, "") for file in offered(self.member, self.model)]

    @property
    def chosen_ids(self) -> set[str]:
        return {str(file.public_id) for file in self.chosen}

    def _take_in(self, sent: Sequence[UploadedFile]) -> list[StoredFile]:
        kept = []
        for file in sent[:MOST_AT_ONCE]:
            try:
                new = actions.upload(member=self.member, sent=file, token=uuid4(), model=self.model)
            except UploadRefused as refusal:
                self.refused.append(refusal)
            else:
                kept.append(new)
        known = {file.pk for file in self.chosen}
        return [file for file in dict.fromkeys(kept) if file.pk not in known]

    def _arranged(self, files: list[StoredFile]) -> list[StoredFile]:
        """The files after the button that was pressed."""
        act, _colon, wanted = self._button.partition(":")
        place = next((n for n, file in enumerate(files) if str(file.public_id) == wanted), None)
        if place is None:
            return files
        moved = files.pop(place)
        if act == "without":
            return files
        step = {"earlier": -1, "later": 1}.get(act, 0)
        files.insert(max(0, place + step), moved)
        return files


def offered(member: Membership, model: types.Model | None, q: str = "") -> list[StoredFile]:
    """Files of the library that this model could take."""
    kinds = list(references.limits_of(model))
    files = shelf.choices_for(member, kinds, q)
    return [file for file in files if model is None or not references.file_problem(model, file)]


class UploadForm(forms.Form):
    """One file, sent by the script of the brief's form. `token` is the same when it is retried."""

    token = forms.UUIDField()
    file = forms.FileField(allow_empty_file=True)
    model_id = forms.CharField(required=False, max_length=120)


class SettingsForm(forms.ModelForm):
    """What an owner decides about the files of the workspace."""

    class Meta:
        model = LibrarySettings
        fields = ("keep_unused_days", "keep_results_days", "strips_metadata")
        labels = {
            "keep_unused_days": gettext_lazy("Days an unused upload is kept"),
            "keep_results_days": gettext_lazy("Days a result is kept"),
            "strips_metadata": gettext_lazy("Take camera and place out of what is sent to Rivya"),
        }
        help_texts = {
            "keep_unused_days": gettext_lazy(
                "Counted from the upload, or from its last use. A file in use is never removed."
            ),
            "keep_results_days": gettext_lazy("Empty: results are kept for ever."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("keep_unused_days", "keep_results_days"):
            self.fields[name].widget.attrs.update({"min": 1, "max": 3650})
            self.fields[name].validators += [MinValueValidator(1), MaxValueValidator(3650)]
