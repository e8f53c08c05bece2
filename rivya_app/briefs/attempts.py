"""The page of a changed attempt: its form, filled from the draft itself, and its price."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.briefs import access, from_talk, recipes, wish_chips
from rivya_app.briefs.draft_words import said, words_for
from rivya_app.briefs.lost import LostModel, lost_model
from rivya_app.briefs.model_form import ModelForm
from rivya_app.briefs.models import Draft
from rivya_app.briefs.quote import quote
from rivya_app.briefs.recipes import Recipe
from rivya_app.briefs.wish_chips import Chip
from rivya_app.briefs.wishes import Wish, wishes_for
from rivya_app.chat.models import Turn
from rivya_app.credits.statement import Amounts, spent_and_held, total
from rivya_app.gateway.access import model_of, models_of
from rivya_app.gateway.cards import ModelCard
from rivya_app.gateway.controls import ControlsForm
from rivya_app.generations import differences
from rivya_app.generations.cards import cards_for
from rivya_app.generations.differences import Differences
from rivya_app.library.forms import ReferencesForm
from rivya_app.workspaces.models import Membership


@dataclass(frozen=True, slots=True)
class Start:
    """The attempt a new one starts from, and what is wanted otherwise of it."""

    draft: Draft
    recipe: Recipe
    wishes: Sequence[Wish]
    references: Sequence[str]  # in the ledger, of all attempts at this draft
    turn: Turn | None = None  # the answer of the assistant whose text is taken

    @property
    def number(self) -> str:
        return str(self.draft.attempt)


class AttemptForm(ModelForm):
    """What is to be different. The model's controls and the references are forms of their own."""

    attempt = forms.IntegerField(min_value=2, max_value=10_000, widget=forms.HiddenInput)
    like = forms.CharField(max_length=5, required=False, widget=forms.HiddenInput)
    prompt_from = forms.CharField(max_length=36, required=False, widget=forms.HiddenInput)
    model_id = forms.CharField(label=gettext_lazy("Model"), max_length=120)
    prompt = forms.CharField(
        label=gettext_lazy("Text for the model"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def __init__(
        self,
        data: Any = None,
        files: Any = None,
        *,
        member: Membership,
        draft: Draft,
        like: Start,
    ) -> None:
        self.draft, self.start = draft, like
        self.chips: list[Chip] = []
        super().__init__(self._with_wishes(data))
        self.flow = access.pays_for(draft.brief, draft.generation.media_kind)
        self.lost: LostModel | None = None
        self.models = [card for card in models_of(self.flow) if card.is_choosable]
        recipe = like.recipe
        self.model = self._chosen_model(recipe.model_id)
        self.initial = {
            "attempt": draft.attempt + 1,
            "model_id": self.model.model_id if self.model else "",
            "prompt": self._first_prompt(),
            "like": like.number,
            "prompt_from": str(like.turn.public_id) if like.turn else "",
        }
        bound = data if self.is_bound else None
        self.controls = ControlsForm.of_model(self.model, bound, recipe.params)
        start = [str(file.public_id) for file in recipe.references if file.is_stored]
        self.references = ReferencesForm(bound, files, member=member, model=self.model, start=start)

    def _with_wishes(self, data: Any) -> Any:
        """What was typed, its text with the wishes that are taken up."""
        if data is None:
            return None
        text, self.chips = wish_chips.woven(
            data.get("prompt", ""), wish_chips.typed(self.start.wishes, data)
        )
        filled = data.copy()
        filled["prompt"] = text
        return filled

    def _first_prompt(self) -> str:
        """The text to start from, with every wish that fits, but for words that are read aloud."""
        before = self.start.recipe.prompt
        if self.is_bound:
            return before
        if self.start.turn:
            self.chips = wish_chips.first(self.start.wishes, taken=False)
            return self._said(self.start.turn) or before
        is_described = bool(self.model and self.model.needs_prompt and not self.model.is_spoken)
        chips = wish_chips.first(self.start.wishes, taken=is_described)
        limit = self.model.prompt_limit if self.model else None
        text, self.chips = wish_chips.woven(before, chips, limit)
        return text

    def _said(self, turn: Turn) -> str:
        """The prompt of an answer, or all of it where none is marked."""
        model_id = self.model.model_id if self.model else ""
        return from_talk.Taken(turn, model_id, is_prompt=True).values.get("prompt", "")

    def changes(self) -> Differences:
        """The text of before and as it stands now."""
        return differences.of_text(self.start.recipe.prompt, str(self["prompt"].value() or ""))

    def _chosen_model(self, usual: str) -> ModelCard | None:
        """As typed; before that the draft's own, or the nearest where that cannot be used."""
        wanted = str(self.data.get("model_id") or usual)
        model = model_of(self.flow, wanted)
        if self.is_bound or (model and model.is_choosable):
            return model
        self.lost = lost_model(wanted, model, self.models)
        return (self.lost.nearest if self.lost else None) or model

    def clean_prompt(self) -> str:
        prompt = str(self.cleaned_data["prompt"]).strip()
        if not prompt and self.model and self.model.needs_prompt:
            raise forms.ValidationError(_("Say what the model should make."))
        return prompt

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self.judge_text(cleaned.get("prompt", ""))
        return cleaned

    def wanted(self) -> Recipe:
        """The checked changes. Call it only where `is_valid()` said yes."""
        return Recipe(
            model_id=self.cleaned_data["model_id"],
            prompt=self.cleaned_data["prompt"],
            params=self.controls.wire_params(),
            references=tuple(self.references.chosen),
            answers=wish_chips.answers(self.chips, self.cleaned_data["prompt"]),
            from_turn=self.start.turn.pk if self.start.turn else None,
        )


def form_for(
    member: Membership,
    public_id: UUID,
    position: int,
    *,
    data: Any = None,
    files: Any = None,
    like: str = "",
    prompt_from: str = "",
) -> AttemptForm:
    """The form of one more attempt at a draft, filled from its newest attempt, or from the one
    with the number `like`; its text from the answer `prompt_from` where the member may read that.
    Raises Http404, and PermissionDenied where the brief's campaign is not
    open to the member."""
    attempts = access.attempts_at(member, public_id, position)
    newest = attempts[-1]
    if not access.may_ask(member, newest.brief):
        raise PermissionDenied
    taken = next((one for one in attempts if str(one.attempt) == like), newest)
    start = Start(
        draft=taken,
        recipe=recipes.of_job(taken.generation),
        wishes=wishes_for([taken.generation]).get(taken.generation_id, []),
        references=[one.generation.reference for one in attempts],
        turn=from_talk.readable(member, prompt_from) if prompt_from else None,
    )
    return AttemptForm(data, files, member=member, draft=newest, like=start)


class Round:
    """What all attempts at one draft cost so far, read where a template asks for it."""

    def __init__(self, references: Sequence[str]) -> None:
        self.count = len(references)
        self._references = references

    @cached_property
    def amounts(self) -> Amounts:
        return total(spent_and_held(self._references).values())


def page(member: Membership, form: AttemptForm) -> dict[str, Any]:
    """What the page shows beside the form: the draft it starts from, and the price."""
    draft = form.draft
    words = words_for(draft.generation.media_kind)
    params = form.controls.wire_params_so_far()
    shown = cards_for([form.start.draft.generation])[0] if form.start.wishes else None
    return {
        "form": form,
        "brief": draft.brief,
        "draft": draft,
        "draft_label": said(words.name, number=access.number_of(draft)),
        "number": draft.attempt + 1,
        "model": form.model,
        "models": form.models,
        "controls": form.controls,
        "references": form.references,
        "price": quote(member, form.model, 1, params, draft.brief.campaign, form.flow),
        "brief_url": reverse("briefs:show-brief", args=[draft.brief.public_id]),
        "job_url": reverse("generations:show-job", args=[form.start.draft.generation.public_id]),
        "chips": form.chips,
        "taken": form.start.turn,
        "answers": SimpleLazyObject(lambda: from_talk.answers_about(member, draft.brief)),
        "differences": form.changes(),
        "round": Round(form.start.references),
        "seen": next((file for file in shown.files if file.is_stored), None) if shown else None,
        "words": words,
    }
