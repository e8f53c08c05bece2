"""Plays what people did with finished results, through the product's acts, at its time.

Played again, a step that has left its row is passed over.
"""

import random
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from rivya_app.briefs import actions as briefs
from rivya_app.briefs import recipes
from rivya_app.briefs.models import Brief, Draft
from rivya_app.core import clock
from rivya_app.demo import workers
from rivya_app.demo.steps import (
    DECISIONS,
    Answered,
    Asked,
    Decided,
    Reversed,
    Step,
    TakenBack,
    Withdrawn,
)
from rivya_app.demo.verdicts import STEPS
from rivya_app.generations import price
from rivya_app.library.access import files_for
from rivya_app.library.models import StoredFile
from rivya_app.reviews import access, actions, checklist, concepts, pins, video_offer
from rivya_app.reviews.actions import Verdict
from rivya_app.reviews.concepts import VideoOrder
from rivya_app.reviews.models import Review
from rivya_app.workspaces.models import Membership

_AFTER_UNDO = timedelta(seconds=12)
_AFTER_FILM = timedelta(seconds=75)


def play(step: Step, people: Mapping[str, Membership]) -> None:
    """One step, at its time."""
    moment = clock.now() - timedelta(days=step.days_ago)
    with clock.at(moment):
        _ACTS[type(step)](step, people[step.by])


def _ask(step: Asked, member: Membership) -> None:
    files = [_file(member, step, draft) for draft in step.drafts]
    if Review.objects.filter(file__in=files).exists():
        return
    due_on = None
    if step.due is not None:
        due_on = (clock.now() + timedelta(days=step.days_ago + step.due)).date()
    ids = [file.public_id for file in files]
    actions.request_review(member=member, file_ids=ids, note=step.note, due_on=due_on)


def _decide(step: Decided, member: Membership) -> None:
    review = _review(member, step)
    if not _is_decided(review, step):
        _put_pins(step, member, review)
        actions.decide(
            member=member, public_id=review.public_id, verdict=_verdict(step, member, review)
        )
    if step.film:
        _make_film(member, review)


def _verdict(step: Decided, member: Membership, review: Review) -> Verdict:
    """Approvals tick everything; what is not approved leaves open what a look did not settle."""
    items = checklist.items_of(review.campaign)
    ticked = [item.code for item in items if step.kind == "approved" or item.is_required]
    return Verdict(
        kind=step.kind,
        sha256=review.sha256,
        note=step.note,
        ticked=frozenset(ticked),
        video=_order(member, review, step.film) if step.film else None,
    )


def _put_pins(step: Decided, member: Membership, review: Review) -> None:
    if review.pins.exists():
        return
    for x, y, note in step.pins:
        place = pins.Place(Decimal(x), Decimal(y))
        pins.put(
            member=member,
            public_id=review.public_id,
            sha256=review.sha256,
            place=place,
            note=note,
        )


def _order(member: Membership, review: Review, prompt: str) -> VideoOrder:
    """As the panel offers it, but for the text."""
    offer = video_offer.usual_order(member, review)
    if offer is None:
        raise LookupError("the stand-in lists no model that makes a video of a still")
    expected = price.unit_price(offer.model, offer.params).expected
    return VideoOrder(
        model_id=offer.model.model_id, prompt=prompt, price=expected, params=offer.params
    )


def _make_film(member: Membership, review: Review) -> None:
    """The workers' part: the film is started after the undo, made, and sent for review; one that
    waits for credits or budget goes on waiting."""
    moment = clock.now()
    with clock.at(moment + _AFTER_UNDO):
        concepts.sweep()
    dice = random.Random(review.brief.product)  # noqa: S311  the same story every time
    workers.finish(member, review.brief, moment + _AFTER_UNDO, dice)
    with clock.at(moment + _AFTER_FILM):
        concepts.sweep()


def _take_back(step: TakenBack, member: Membership) -> None:
    review = _review(member, step)
    newest = access.newest_decision(review)
    if newest and not _is_decided(review, step):
        actions.take_back(member=member, public_id=review.public_id, decision_id=newest.public_id)


def _reverse(step: Reversed, member: Membership) -> None:
    review = _review(member, step)
    if not _is_decided(review, step):
        actions.reverse_decision(member=member, public_id=review.public_id, reason=step.reason)


def _withdraw(step: Withdrawn, member: Membership) -> None:
    actions.withdraw(member=member, public_id=_review(member, step).public_id)


def _answer(step: Answered, member: Membership) -> None:
    brief = _brief(member, step)
    before = _draft(brief, step.draft, step.attempt - 1)
    recipe = recipes.of_job(before.generation)
    briefs.new_attempt(
        member=member,
        public_id=brief.public_id,
        position=step.draft,
        attempt=step.attempt,
        wanted=recipes.Recipe(recipe.model_id, step.prompt, recipe.params, recipe.references),
    )
    dice = random.Random(step.prompt)  # noqa: S311  the same story every time
    workers.finish(member, brief, clock.now(), dice)


_ACTS: dict[type[Step], Callable[[Any, Membership], None]] = {
    Asked: _ask,
    Decided: _decide,
    TakenBack: _take_back,
    Reversed: _reverse,
    Withdrawn: _withdraw,
    Answered: _answer,
}


def _is_decided(review: Review, step: Step) -> bool:
    """Whether the row this step leaves is there: each decision before it leaves one as well."""
    place = (step.product, step.draft, step.attempt)
    earlier = sum(
        isinstance(other, DECISIONS)
        and (other.product, other.draft, other.attempt) == place
        and other.days_ago > step.days_ago
        for other in STEPS
    )
    return review.decisions.count() > earlier


def _brief(member: Membership, step: Step) -> Brief:
    return Brief.objects.get(workspace=member.workspace, product=step.product)


def _draft(brief: Brief, position: int, attempt: int) -> Draft:
    return brief.drafts.get(position=position, attempt=attempt)


def _file(member: Membership, step: Step, position: int) -> StoredFile:
    job = _draft(_brief(member, step), position, step.attempt).generation
    return next(file for file in files_for([job.reference]) if file.is_stored)


def _review(member: Membership, step: Step) -> Review:
    return Review.objects.filter(file=_file(member, step, step.draft)).latest("id")
