"""What reviews know of where briefs stand: what waits for whom, and what was decided last."""

from collections.abc import Mapping, Sequence

from rivya_app.briefs import standing
from rivya_app.briefs.models import Brief
from rivya_app.briefs.standing import Fact, Person, person
from rivya_app.reviews.models import Review, VideoConcept
from rivya_app.workspaces import access as workspaces
from rivya_app.workspaces.models import Campaign, Membership

_DECIDED: dict[str, str] = {
    Review.State.CHANGES_WANTED: standing.CHANGES,
    Review.State.APPROVED: standing.APPROVED,
    Review.State.REJECTED: standing.REJECTED,
}
_VIDEO: dict[str, str] = {
    VideoConcept.State.WAITING: standing.VIDEO_SOON,
    VideoConcept.State.NEEDS_CREDITS: standing.VIDEO_CREDITS,
    VideoConcept.State.NEEDS_BUDGET: standing.VIDEO_BUDGET,
    VideoConcept.State.NEEDS_YES: standing.VIDEO_YES,
    VideoConcept.State.NEEDS_LOOK: standing.VIDEO_LOOK,
}


def of_briefs(briefs: Sequence[Brief]) -> dict[int, list[Fact]]:
    """By brief; at most four queries."""
    found: dict[int, list[Fact]] = {brief.pk: [] for brief in briefs}
    reviews = _reviews(briefs)
    deciders = _deciders(reviews)
    for review in reviews:
        found[review.brief_id].append(_of_review(review, deciders))
    for concept in _open_concepts(briefs):
        found[concept.brief_id].append(_of_video(concept))
    return found


def _reviews(briefs: Sequence[Brief]) -> list[Review]:
    """All but those taken out; one of an earlier attempt waits for its decision as well."""
    rows = Review.objects.filter(brief__in=briefs).exclude(state=Review.State.WITHDRAWN)
    return list(
        rows.select_related("brief__created_by__user", "brief__handed_to__user", "workspace")
    )


def _of_review(review: Review, deciders: Mapping[int | None, Sequence[Membership]]) -> Fact:
    if review.is_pending:
        author = review.brief.created_by_id
        people = deciders.get(review.campaign_id, [])
        others = [one for one in people if one.pk != author] or people
        return Fact(standing.DECIDING, review.created_at, tuple(map(person, others)))
    code = _DECIDED[review.state]
    turn: tuple[Person, ...] = ()
    if code == standing.CHANGES:
        turn = (person(review.brief.keeper),)
    return Fact(code, review.closed_at or review.changed_at, turn)


def _deciders(reviews: Sequence[Review]) -> dict[int | None, list[Membership]]:
    """By campaign, for those with something pending; two queries at most."""
    pending = [review for review in reviews if review.is_pending]
    if not pending:
        return {}
    everybody = workspaces.members_with(pending[0].workspace, *workspaces.MAY_DECIDE)
    keys = {review.campaign_id for review in pending}
    named: dict[int, set[int]] = {}
    rows = Campaign.deciders.through.objects.filter(campaign__in=keys - {None})
    for campaign, member in rows.values_list("campaign_id", "membership_id"):
        named.setdefault(campaign, set()).add(member)
    return {
        key: [one for one in everybody if key not in named or one.pk in named[key]] for key in keys
    }


def _open_concepts(briefs: Sequence[Brief]) -> list[VideoConcept]:
    """Ordered videos that are not made yet."""
    rows = VideoConcept.objects.filter(brief__in=briefs, generation__finished_at=None)
    return list(rows.exclude(state=VideoConcept.State.TAKEN_BACK))


def _of_video(concept: VideoConcept) -> Fact:
    code = _VIDEO.get(concept.state, standing.VIDEO_MAKING)
    return Fact(code, concept.changed_at)
