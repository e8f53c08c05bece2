"""What the list of reviews shows, gathered for its template. Only reads."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.reviews import queue, tallies, undo, waiting
from rivya_app.reviews.models import Decision, Review
from rivya_app.reviews.queue import Filters, Place
from rivya_app.workspaces.access import MAY_SUBMIT, campaigns, decides_in, members_with
from rivya_app.workspaces.models import Membership, Role

_FOLDED = ("campaign", "kind", "seller", "due", "turn", "verdict", "sort")  # behind a phone's fold
# How a state looks: the names of components/_state.html.
TONES = {
    "pending": "queued",
    "approved": "succeeded",
    "changes_wanted": "changes_wanted",
    "rejected": "failed",
    "withdrawn": "withdrawn",
}


@dataclass(frozen=True, slots=True)
class ReviewCard:
    """One review in a list. `decision` is the newest, where its state rests on one."""

    review: Review
    url: str
    due: waiting.Due | None
    waits_for: str
    decision: Decision | None
    is_tickable: bool

    @property
    def anchor(self) -> str:
        return f"review-{self.review.public_id}"

    @property
    def tone(self) -> str:
        return TONES[self.review.state]


def review_cards(member: Membership, reviews: list[Review], query: str = "") -> list[ReviewCard]:
    """Cards of reviews that `queue.with_details` has loaded. Three queries at most."""
    pending = [review for review in reviews if review.is_pending]
    deciders = waiting.deciders_for(pending)
    decisions = newest_decisions([review for review in reviews if not review.is_pending])
    may = tallies.tickable(member, pending)
    return [
        ReviewCard(
            review=review,
            url=review_url(review, query),
            due=waiting.due_of(review),
            waits_for=waiting.names_of(review, deciders) if review.is_pending else "",
            decision=decisions.get(review.pk),
            is_tickable=review.pk in may,
        )
        for review in reviews
    ]


def newest_decisions(reviews: list[Review]) -> dict[int, Decision]:
    """By the reviews' keys; none for what was withdrawn. One query."""
    decided = [review.pk for review in reviews if review.state != Review.State.WITHDRAWN]
    if not decided:
        return {}
    rows = Decision.objects.filter(review__in=decided).select_related("member__user")
    return {row.review_id: row for row in rows.order_by("review", "number")}


def review_url(review: Review, query: str = "") -> str:
    """The page of one review, which goes on through the same list."""
    address = reverse("reviews:show-review", args=[review.public_id])
    return f"{address}?{query}" if query else address


def back_url(review: Review, filters: Filters) -> str:
    """From a review back to its place in the list."""
    place = urlencode({"at": review.public_id})
    query = f"{filters.query}&{place}" if filters.query else place
    return f"{reverse('reviews:queue')}?{query}#review-{review.public_id}"


def queue_page(member: Membership, asked: QueryDict) -> dict[str, Any]:
    """The list as filtered in the URL, at the place it names."""
    filters = Filters.read(asked)
    page = queue.page_at(member, filters, Place.read(asked))
    cards = review_cards(member, page.rows, filters.query)
    return {
        "filters": filters,
        "query": filters.query,
        "fields": filters.fields,
        "looks": _looks(filters),
        "states": _states(filters),
        "cards": cards,
        "page": page,
        "is_decider": queue.is_decider(member),
        "is_owner": member.has_role(Role.OWNER),
        "may_tick": any(card.is_tickable for card in cards),
        "undoable": undo.last_undoable(member),
        "tally": tallies.tally_of(member),
        "found_count": tallies.counted(queue.find(member, filters)),
        "filter_count": sum(bool(getattr(filters, name)) for name in _FOLDED),
        "title": _("Reviews") if queue.is_decider(member) else _("Sent for review"),
        "choices": _choices(member, filters),
    }


def _looks(filters: Filters) -> list[dict[str, Any]]:
    return [
        {"words": words, "query": replace(filters, look=look).query, "is_on": look == filters.look}
        for look, words in queue.LOOKS
    ]


def _states(filters: Filters) -> list[dict[str, Any]]:
    """The two lists; what only one of them knows is not taken along."""
    bare = replace(filters, verdict="", due="", turn="")
    return [
        {
            "words": words,
            "query": replace(bare, state=state).query,
            "is_on": state == filters.state,
        }
        for state, words in queue.STATES
    ]


def _choices(member: Membership, filters: Filters) -> dict[str, Any]:
    """What the filters can be set to. Campaigns and people are those there are, not those of the
    list: finding the latter would read every review of the workspace."""
    return {
        "verdict": queue.VERDICTS,
        "kind": queue.KINDS,
        "due": queue.DUE,
        "turn": queue.TURNS,
        "sort": queue.DECIDED_SORTS if filters.is_decided else queue.SORTS,
        "campaign": _campaign_choices(member),
        "seller": _seller_choices(member),
    }


def _campaign_choices(member: Membership) -> list[tuple[str, str]]:
    mine = decides_in(member) if queue.is_decider(member) else campaigns(member)
    named = [(str(campaign.public_id), campaign.name) for campaign in mine]
    return [("", _("Every campaign")), *named, (queue.NO_CAMPAIGN, _("No campaign"))]


def _seller_choices(member: Membership) -> list[tuple[str, str]]:
    people = sorted(members_with(member.workspace, *MAY_SUBMIT), key=str)
    return [("", _("Everybody")), *((str(one.public_id), str(one)) for one in people)]
