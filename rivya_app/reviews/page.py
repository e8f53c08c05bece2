"""The page of one review, gathered for its template. Only reads, in a number of queries that does
not grow with what is on it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.briefs import access as briefs
from rivya_app.briefs import recipes
from rivya_app.briefs.chain import costs_of
from rivya_app.briefs.draft_words import numbers, said, words_for
from rivya_app.briefs.models import Draft
from rivya_app.core.buttons import Action
from rivya_app.gateway import catalogue, param_words
from rivya_app.generations import failures
from rivya_app.library import access as library
from rivya_app.library import uses
from rivya_app.library.models import StoredFile
from rivya_app.reviews import (
    access,
    actions,
    concepts,
    gating_words,
    history,
    looking,
    no_room,
    undo,
    waiting,
    wishes,
)
from rivya_app.reviews.history import DecisionCard
from rivya_app.reviews.looking import Look
from rivya_app.reviews.models import Review, VideoConcept
from rivya_app.reviews.queue import Filters, Neighbours, neighbours
from rivya_app.reviews.queue_page import back_url
from rivya_app.reviews.verdict_form import PinForm, ReasonForm, VerdictForm
from rivya_app.workspaces.models import Membership, Role

_VIDEO_WORDS = {
    VideoConcept.State.WAITING: gettext_lazy("The video starts once the decision is final."),
    VideoConcept.State.NEEDS_CREDITS: gettext_lazy(
        "The video waits for credits and starts by itself once there are enough."
    ),
    VideoConcept.State.STARTED: gettext_lazy("The video was started."),
    VideoConcept.State.TAKEN_BACK: gettext_lazy("The video is no longer wanted."),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """The forms as they were sent, where the page comes again; the others begin anew."""

    verdict: VerdictForm | None = None
    pin: PinForm | None = None
    reason: ReasonForm | None = None
    alert: str = ""  # why nothing happened, where no form can say it


@dataclass(frozen=True, slots=True)
class Here:
    """Where the page stands: in which list, and what is looked at. All of it from the address."""

    filters: Filters
    look: Look

    @classmethod
    def read(cls, asked: QueryDict) -> "Here":
        return cls(Filters.read(asked), Look.read(asked))

    def address(self, review: Review, name: str = "show-review") -> str:
        """Of the review or of an act on it, in the same list."""
        return _with(reverse(f"reviews:{name}", args=[review.public_id]), self.filters.query)

    def whole_address(self, review: Review) -> str:
        """The same with what is looked at."""
        return _with(reverse("reviews:show-review", args=[review.public_id]), self.query)

    @property
    def query(self) -> str:
        """Everything, for an act whose answer may be this page again."""
        return "&".join(part for part in (self.filters.query, self.look.query) if part)


def _with(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def show_page(
    member: Membership, public_id: UUID, here: Here, typed: Typed | None = None
) -> dict[str, Any]:
    """Everything the page shows. Raises Http404."""
    review, typed = access.review(member, public_id), typed or Typed()
    drafts = briefs.drafts_of(review.brief)
    draft = next(one for one in drafts if one.generation_id == review.generation_id)
    found = history.rounds(review, draft, drafts)
    decision = _newest(found)
    may_decide = access.decidable(member).filter(pk=review.pk).exists()
    pins = history.pins_of(review) if review.is_pending else history.pins_of_decision(decision)
    earlier = history.earlier_pins(found, review)
    return {
        "review": review,
        "draft_label": _label(draft, drafts),
        "attempt": draft.attempt,
        **_media(review, draft, drafts, here, [*earlier, *pins]),
        **_place(member, review, here),
        "pins": pins,
        "earlier_pins": earlier,
        "rounds": [one for one in found if one.decisions],
        "facts": _facts(review, drafts, draft),
        "answers": wishes.answered(draft.generation),
        "attempt_url": _next_attempt(member, review, draft, drafts),
        "decision": decision if not review.is_pending else None,
        "may_decide": may_decide,
        "is_decider": may_decide and review.is_pending,
        "alert": typed.alert,
        **(_deciding(member, review, typed) if may_decide and review.is_pending else {}),
        **(_waiting(member, review) if review.is_pending and not may_decide else {}),
        **(_decided(member, decision, typed) if not review.is_pending else {}),
        "undoable": undo.last_undoable(member),
    }


def _newest(found: list[history.Round]) -> DecisionCard | None:
    """What this review's state rests on."""
    this = next(one for one in found if one.is_this)
    return this.decisions[-1] if this.decisions else None


def _label(draft: Draft, drafts: list[Draft]) -> str:
    number = numbers(drafts)[draft.position]
    return said(words_for(draft.generation.media_kind).name, number=number)


def _next_attempt(member: Membership, review: Review, draft: Draft, drafts: list[Draft]) -> str:
    """Where its notes become the next attempt; "" where there is one, or the member may not ask."""
    is_newest = not any(
        one.position == draft.position and one.attempt > draft.attempt for one in drafts
    )
    if review.state != Review.State.CHANGES_WANTED or not is_newest:
        return ""
    return wishes.attempt_url(review) if briefs.may_ask(member, review.brief) else ""


def _media(
    review: Review, draft: Draft, drafts: list[Draft], here: Here, pins: list[history.PinMark]
) -> dict[str, Any]:
    """The viewer, and what the job was asked with."""
    files: dict[str, list[StoredFile]] = {}
    for file in library.files_for([one.generation.reference for one in drafts]):
        files.setdefault(file.source, []).append(file)
    review.file = _drawn(review, files)
    given = uses.files_of_many([draft.generation.reference, review.brief.reference])
    job_files = given.get(draft.generation.reference, [])
    references = job_files or given.get(review.brief.reference, [])
    found = looking.partners(review, draft, drafts, files, references)
    path = reverse("reviews:show-review", args=[review.public_id])
    begin = f"{path}?{here.filters.query}&" if here.filters.query else f"{path}?"
    recipe = recipes.of_job_with(draft.generation, job_files)
    viewer = looking.viewer(review, _label(draft, drafts), found, here.look, begin)
    return {
        "viewer": viewer,
        "alone_url": begin.rstrip("?&"),
        "wipe_url": _wipe(references, found, begin),
        "pin_layer": history.layer(review.file, pins) if review.media_kind != "audio" else None,
        "prompt": recipe.prompt,
        "settings": [
            (_("Model"), catalogue.name_of(recipe.model_id)),
            *((param_words.label(k), param_words.shown(k, v)) for k, v in recipe.params.items()),
        ],
    }


def _drawn(review: Review, files: dict[str, list[StoredFile]]) -> StoredFile:
    """The same row with what was made of it: a smaller picture, a poster, a waveform."""
    rows = files.get(review.file.source, [])
    return next((file for file in rows if file.pk == review.file_id), review.file)


def _wipe(references: list[StoredFile], found: looking.Partners, begin: str) -> str:
    """The draft over the seller's first reference; "" where there is none."""
    first = next((str(one.public_id) for one in references if str(one.public_id) in found), "")
    return begin + Look(beside=(first,), mode="wipe").query if first else ""


def _place(member: Membership, review: Review, here: Here) -> dict[str, Any]:
    """Where the review stands in its list, and the ways on."""
    beside: Neighbours = neighbours(member, review, here.filters)
    return {
        "neighbours": beside,
        "next_url": here.address(beside.next) if beside.next else "",
        "previous_url": here.address(beside.previous) if beside.previous else "",
        "query": here.query,
        "queue_url": back_url(review, here.filters),
    }


def _facts(review: Review, drafts: list[Draft], draft: Draft) -> dict[str, Any]:
    brief, job = review.brief, draft.generation
    cost = costs_of(drafts)[brief.pk]
    return {
        "points": [line.strip(" -•\t") for line in brief.points.splitlines() if line.strip()],
        "rows": _said(
            (_("Seller"), "" if brief.created_by == review.requested_by else brief.created_by),
            (_("Channel"), brief.get_channel_display()),
            (_("Campaign"), review.campaign.name if review.campaign else ""),
        ),
        "more": _said(
            (_("Made for"), brief.audience), (_("Language"), brief.get_language_display())
        ),
        "brand_notes": review.campaign.brand_notes if review.campaign else "",
        "due": waiting.due_of(review) if review.is_pending else None,
        "cost": job.final_credits if job.final_credits is not None else job.reserved_credits,
        "brief_cost": cost.held + cost.spent,
        "brief_url": reverse("briefs:show-brief", args=[brief.public_id]),
        "job_url": reverse("generations:show-job", args=[job.public_id]),
    }


def _said(*rows: tuple[str, object]) -> list[tuple[str, object]]:
    """Those that have something to say."""
    return [row for row in rows if row[1]]


def _deciding(member: Membership, review: Review, typed: Typed) -> dict[str, Any]:
    """The forms of who may decide."""
    is_own = actions.is_own_work(member, review) and not actions.makers_may_approve(review)
    return {
        "form": typed.verdict or VerdictForm(member=member, review=review),
        "pin_form": typed.pin or PinForm(review=review),
        "can_approve": not is_own,
    }


def _waiting(member: Membership, review: Review) -> dict[str, Any]:
    """What those see who wait for somebody else's decision."""
    return {
        "waits_for": waiting.names_of(review, waiting.deciders_for([review])),
        "may_withdraw": actions.may_withdraw(member, review),
    }


def _decided(member: Membership, decision: DecisionCard | None, typed: Typed) -> dict[str, Any]:
    """What can still be done about a decision, and what became of its video."""
    concept = concepts.of_decision(decision.decision) if decision else None
    return {
        "reason_form": typed.reason or ReasonForm(),
        "kept_note": str(typed.verdict.data.get("note", "")).strip() if typed.verdict else "",
        "concept": concept,
        "concept_words": _video_words(member, concept) if concept else "",
        "concept_acts": _video_acts(member, concept) if concept else [],
        "film": _film(concept) if concept else None,
    }


def _video_words(member: Membership, concept: VideoConcept) -> str:
    if concept.state == VideoConcept.State.NEEDS_BUDGET:
        return no_room.words_for(member, concept)
    if concept.state == VideoConcept.State.NEEDS_LOOK:
        return failures.in_short(concept.trouble)
    if concept.state in (VideoConcept.State.NEEDS_YES, VideoConcept.State.TAKEN_BACK):
        asked = gating_words.words_of(concept)
        if concept.state == VideoConcept.State.NEEDS_YES:
            return asked
        return f"{_VIDEO_WORDS[VideoConcept.State.TAKEN_BACK]} {asked}".strip()
    return str(_VIDEO_WORDS[VideoConcept.State(concept.state)])


def _video_acts(member: Membership, concept: VideoConcept) -> list[Action]:
    """The buttons of a video that waits for somebody."""
    states = VideoConcept.State
    stuck = (states.NEEDS_CREDITS, states.NEEDS_BUDGET, states.NEEDS_YES, states.NEEDS_LOOK)
    if concept.state not in stuck or not member.has_role(*access.DECIDERS):
        return []

    def button(words: str, name: str, *, is_first: bool = False) -> Action:
        url = reverse(f"reviews:{name}", args=[concept.public_id])
        return Action(words, url, "post", primary=is_first)

    acts = [button(_("Give up the video"), "give-up-video")]
    if concept.state == states.NEEDS_BUDGET:
        acts[:0] = no_room.changes_for(member, concept)
        if member.has_role(Role.OWNER):
            words = _("Let it go beyond the budget")
            if concept.trouble == "over_limit":
                words = _("Let it go beyond the limit")
            acts.insert(0, button(words, "let-through", is_first=True))
    elif concept.state == states.NEEDS_YES:
        acts = [*gating_words.ask_actions(member, concept), *acts]
    else:
        acts.insert(0, button(_("Try again now"), "try-video-again", is_first=True))
    return acts


def _film(concept: VideoConcept) -> Review | None:
    """The review of the finished film, where there is one."""
    if concept.generation_id is None:
        return None
    return Review.objects.filter(generation=concept.generation_id).order_by("-id").first()
