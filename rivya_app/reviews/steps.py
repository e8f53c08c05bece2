"""What reviews add to the chain of a brief: sent, decided, and the way of an ordered video."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Prefetch
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rivya_app.briefs import access as briefs
from rivya_app.briefs.chain import Step
from rivya_app.briefs.draft_words import names_of_jobs
from rivya_app.briefs.gating import steps_about as asks_about
from rivya_app.briefs.models import Brief
from rivya_app.briefs.wishes import Spot
from rivya_app.reviews import access, telling
from rivya_app.reviews.models import Decision, Review, VideoConcept
from rivya_app.workspaces.models import Membership

# The reviews a member may open.
Mine = Callable[[Membership], Collection[Review]]
_DECIDED: dict[str, str | Promise] = {
    Decision.Kind.APPROVED: gettext_lazy("%(what)s: approved"),
    Decision.Kind.CHANGES_WANTED: gettext_lazy("%(what)s: changes wanted"),
    Decision.Kind.REJECTED: gettext_lazy("%(what)s: rejected"),
    Decision.Kind.TAKEN_BACK: gettext_lazy("%(what)s: decision taken back"),
    Decision.Kind.REVERSED: gettext_lazy("%(what)s: decision reversed"),
}
_LATER: dict[str, str | Promise] = {
    VideoConcept.State.NEEDS_CREDITS: gettext_lazy("The video waits for credits"),
    VideoConcept.State.NEEDS_BUDGET: gettext_lazy("The video waits for the owner’s yes"),
    VideoConcept.State.NEEDS_YES: gettext_lazy("The video waits for the owner’s answer"),
    VideoConcept.State.NEEDS_LOOK: gettext_lazy("The video could not start and needs a look"),
    VideoConcept.State.TAKEN_BACK: gettext_lazy("The video was taken back before it started"),
}


def of_brief(brief: Brief) -> list[Step]:
    """In four queries, and one more for a reader who may not open every review."""
    names = names_of_jobs(briefs.drafts_of(brief))
    mine = cache(lambda member: frozenset(access.reviews(member).filter(brief=brief)))
    rows = Review.objects.filter(brief=brief).select_related("requested_by__user").order_by("id")
    decisions = Decision.objects.select_related("member__user").order_by("number")
    reviews = rows.prefetch_related(Prefetch("decisions", decisions))
    concepts = VideoConcept.objects.filter(brief=brief)
    related = list(
        concepts.select_related("ordered_by__user", "let_through_by__user", "decision__review")
    )
    return [
        *(step for review in reviews for step in _of_review(review, names, mine)),
        *(step for concept in related for step in _of_video(concept, mine)),
        *(asks_about([concept.ask_reference for concept in related]) if related else ()),
    ]


def _of_review(review: Review, names: Mapping[int, str], mine: Mine) -> Iterator[Step]:
    what = {"what": names.get(review.generation_id, str(review.brief_id))}
    link = _Link(review, mine)
    yield link.step(
        review.created_at,
        "review",
        _("%(what)s: sent for review") % what,
        by=str(review.requested_by),
        note=review.note,
    )
    for decision in review.decisions.all():
        yield _of_decision(decision, what, link)
    if review.state == Review.State.WITHDRAWN and review.closed_at:
        yield link.step(review.closed_at, "review", _("%(what)s: taken out of review") % what)


def _of_decision(decision: Decision, what: Mapping[str, str], link: "_Link") -> Step:
    words = str(_DECIDED[decision.kind]) % what
    if count := len(decision.pins):
        pins = ngettext("%(count)d pin", "%(count)d pins", count) % {"count": count}
        words = f"{words}, {pins}"
    return link.step(
        decision.created_at,
        "decision",
        words,
        by=str(decision.member),
        note=decision.note,
        lines=tuple(_pin_line(pin) for pin in decision.pins),
    )


def _pin_line(pin: Mapping[str, Any]) -> str:
    place = Spot(pin["x"], pin["y"], pin.get("seconds")).words
    return f"{place}: {pin['note']}"


def _of_video(concept: VideoConcept, mine: Mine) -> Iterator[Step]:
    """Its start and its end are those of its job, which is a draft of the brief."""
    link = _Link(concept.decision.review, mine)
    yield link.step(
        concept.created_at,
        "video",
        _("Video ordered"),
        by=str(concept.ordered_by),
        reference=concept.ledger_reference,
    )
    if concept.let_through_by and concept.let_through_at:
        words = _("The video may go beyond the campaign’s budget")
        yield link.step(concept.let_through_at, "video", words, by=str(concept.let_through_by))
    if concept.state in _LATER:
        yield link.step(
            concept.changed_at,
            "video",
            str(_LATER[concept.state]),
            reference=concept.ledger_reference,
        )


class _Link:
    """Makes steps that lead to one review, for those who may open it."""

    def __init__(self, review: Review, mine: Mine) -> None:
        self._review, self._mine = review, mine

    def step(self, at: datetime, kind: str, words: str, **more: Any) -> Step:
        return Step(
            at, kind, words, **more, url=telling.path_of(self._review), may_open=self._may_open
        )

    def _may_open(self, member: Membership) -> bool:
        return self._review in self._mine(member)
