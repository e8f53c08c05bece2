"""Approving several drafts at once: what is confirmed, and what came of each.

Every draft is decided on by itself, so that one that cannot be approved holds up no other, and the
same confirmation sent again decides nothing twice.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from rivya_app.reviews import access, actions, checklist, queue, refusals
from rivya_app.reviews.actions import Verdict
from rivya_app.reviews.bulk_videos import order_of, video_part
from rivya_app.reviews.checklist import Item
from rivya_app.reviews.models import Decision, Review
from rivya_app.reviews.queue import Filters
from rivya_app.reviews.queue_page import ReviewCard, review_cards
from rivya_app.reviews.refusal_words import words_of
from rivya_app.workspaces.models import Membership

MOST_AT_ONCE = 60


@dataclass(frozen=True, slots=True)
class Tick:
    """One thing that was looked at on all of the drafts whose list has it."""

    key: str
    words: str
    hint: str
    is_required: bool
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one draft, in words where it was not approved."""

    card: ReviewCard
    is_approved: bool
    words: str = ""


def reviews_of(member: Membership, public_ids: Iterable[str]) -> list[Review]:
    """Those of these that the member may decide on, whatever their state, oldest due first."""
    wanted = [known for known in map(queue.uuid_or_nothing, public_ids) if known][:MOST_AT_ONCE]
    rows = access.decidable(member).filter(public_id__in=wanted)
    return list(queue.with_details(rows.order_by(*queue.columns(Filters().order))))


def confirm_page(member: Membership, asked: QueryDict, *, missing: str = "") -> dict[str, Any]:
    """What is about to be approved, each draft by name, and what it costs with videos."""
    cards = review_cards(member, reviews_of(member, asked.getlist("review")))
    ready = [card for card in cards if card.is_tickable]
    return {
        "ready": ready,
        "left_out": [Outcome(card, False, _why_not(card)) for card in cards if card not in ready],
        "ticks": ticks_of([card.review for card in ready], asked.getlist("tick")),
        "missing": missing,
        "video": video_part(member, [card.review for card in ready], asked),
        "query": Filters.read(asked).query,
        "fields": Filters.read(asked).fields,
    }


def _why_not(card: ReviewCard) -> str:
    if card.review.is_pending:
        return words_of(refusals.OwnWork())
    return words_of(refusals.AlreadyDecided(card.review, card.decision))


def _key(item: Item) -> str:
    """Own items of two campaigns may share a code; their words tell them apart."""
    return f"{item.code}:{item.text}" if item.text else item.code


def ticks_of(reviews: Iterable[Review], ticked: Collection[str]) -> list[Tick]:
    """Everything on the lists of these drafts, each once; required where one list requires it."""
    found: dict[str, Tick] = {}
    for item in _items_of(reviews):
        key = _key(item)
        before = found.get(key)
        is_required = item.is_required or (before is not None and before.is_required)
        words, hint = checklist.words_of(item), checklist.hint_of(item)
        found[key] = Tick(key, words, hint, is_required, key in ticked)
    return list(found.values())


def _items_of(reviews: Iterable[Review]) -> Iterable[Item]:
    by_campaign = {review.campaign_id: review.campaign for review in reviews}
    return (item for campaign in by_campaign.values() for item in checklist.items_of(campaign))


def missing_ticks(member: Membership, asked: QueryDict) -> str:
    """What an approval of these drafts still needs, in words; "" where nothing is missing."""
    open_ones = [row for row in reviews_of(member, asked.getlist("review")) if row.is_pending]
    ticks = ticks_of(open_ones, asked.getlist("tick"))
    names = [tick.words for tick in ticks if tick.is_required and not tick.is_ticked]
    if not names:
        return ""
    return _("Tick what an approval needs: %(names)s.") % {"names": "; ".join(names)}


def approve_many(member: Membership, asked: QueryDict) -> list[Outcome]:
    """Decide on each draft in turn, as it was confirmed. Refusals of one leave the others."""
    reviews = reviews_of(member, asked.getlist("review"))
    results = {review.pk: _approve(member, review, asked) for review in reviews}
    fresh = reviews_of(member, asked.getlist("review"))
    return [
        Outcome(card, card.review.pk in results and not results[card.review.pk], words)
        for card in review_cards(member, fresh)
        if (words := results.get(card.review.pk)) is not None
    ]


def _approve(member: Membership, review: Review, asked: QueryDict) -> str:
    """ "" where it is approved by the member, now or by the same press before; else why not."""
    try:
        verdict = _verdict(member, review, asked)
        actions.decide(member=member, public_id=review.public_id, verdict=verdict)
    except refusals.AlreadyDecided as refusal:
        return "" if _is_own_approval(refusal, member) else words_of(refusal)
    except refusals.ReviewRefused as refusal:
        return words_of(refusal)
    except Http404:  # a decider no more, since the page was made
        return _("This is no longer yours to decide on.")
    return ""


def _verdict(member: Membership, review: Review, asked: QueryDict) -> Verdict:
    items, ticked = checklist.items_of(review.campaign), set(asked.getlist("tick"))
    return Verdict(
        kind=Decision.Kind.APPROVED,
        sha256=asked.get(f"shown_{review.public_id}", ""),
        ticked=frozenset(item.code for item in items if _key(item) in ticked),
        video=order_of(member, review, asked),
    )


def _is_own_approval(refusal: refusals.AlreadyDecided, member: Membership) -> bool:
    newest = refusal.decision
    is_approved = refusal.review.state == Review.State.APPROVED
    return is_approved and newest is not None and newest.member_id == member.pk


def done_page(outcomes: Sequence[Outcome], asked: QueryDict) -> dict[str, Any]:
    """What came of each, the approved ones first."""
    return {
        "approved": [outcome for outcome in outcomes if outcome.is_approved],
        "refused": [outcome for outcome in outcomes if not outcome.is_approved],
        "query": Filters.read(asked).query,
    }
