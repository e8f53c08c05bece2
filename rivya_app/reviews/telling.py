"""Who is told what of reviews, inside the transaction that decides it."""

from collections.abc import Sequence

from django.urls import reverse

from rivya_app.notices import actions as notices
from rivya_app.notices.models import Notice
from rivya_app.reviews.models import Decision, Review, VideoConcept
from rivya_app.workspaces.access import deciders_of, owners_of
from rivya_app.workspaces.models import Membership


def path_of(review: Review) -> str:
    return reverse("reviews:show-review", args=[review.public_id])


def asked(member: Membership, reviews: Sequence[Review]) -> None:
    """Those who may decide hear of it, once for all drafts that were sent together."""
    first = reviews[0]
    people = deciders_of(first.workspace, first.campaign)
    notices.tell(
        [person for person in people if person.pk != member.pk or first.media_kind == "video"],
        kind=Notice.Kind.REVIEW_ASKED,
        facts={
            "title": first.brief.product,
            "count": len(reviews),
            "media": first.media_kind,
        },
        link=path_of(first),
        event_key=f"review-asked:{first.public_id}",
    )


def waits_for(member: Membership, review: Review) -> None:
    """Somebody decides on it from now on, in the place of a person who left."""
    notices.tell(
        [member],
        kind=Notice.Kind.REVIEW_ASKED,
        facts={"title": review.brief.product, "count": 1, "media": review.media_kind},
        link=path_of(review),
        event_key=f"review-asked:{review.public_id}",
    )


def decided(review: Review, decision: Decision) -> None:
    """Who sent it and whose brief it is, unless they decided themselves."""
    people = {one.pk: one for one in (review.requested_by, review.brief.keeper)}
    people.pop(decision.member_id, None)
    notices.tell(
        people.values(),
        kind=Notice.Kind.DECIDED,
        facts={
            "title": review.brief.product,
            "decision": decision.kind,
            "by": str(decision.member),
        },
        link=path_of(review),
        event_key=f"decided:{decision.public_id}",
    )


_REASONS = {"over_budget": "budget", "over_limit": "limit"}


def video_waits(concept: VideoConcept) -> None:
    """Who ordered it, and the owners: only they can top up or let it go beyond a budget."""
    reason = _REASONS.get(concept.trouble, "credits")
    people = {one.pk: one for one in [concept.ordered_by, *owners_of(concept.workspace)]}
    notices.tell(
        people.values(),
        kind=Notice.Kind.VIDEO_WAITS,
        facts={"title": concept.brief.product, "reason": reason},
        # Not the review: an owner who does not decide in its campaign could not open it.
        link=reverse("briefs:show-brief", args=[concept.brief.public_id]),
        event_key=f"video-waits:{concept.public_id}:{reason}",
    )
