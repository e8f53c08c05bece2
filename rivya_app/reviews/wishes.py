"""What reviewers asked for becomes the next attempt: their note and pins as wishes.

Registered with `briefs/wishes.py`, whose form shows them.
"""

from collections.abc import Iterable, Sequence

from django.db.models import F, OuterRef, Subquery
from django.urls import reverse

from rivya_app.briefs.models import Draft
from rivya_app.briefs.wishes import Answer, Spot, Wish
from rivya_app.briefs.wishes import answers_of as answers_of_jobs
from rivya_app.generations.models import Generation
from rivya_app.reviews.models import Decision, Review


def attempt_url(review: Review) -> str:
    """Where the next attempt starts from the reviewed one, with its notes."""
    draft = Draft.objects.get(generation=review.generation_id)
    url = reverse("briefs:new-attempt", args=[review.brief.public_id, draft.position])
    return f"{url}?like={draft.attempt}"


def answered(generation: Generation) -> list[Answer]:
    """What became of each note that this attempt was asked on; empty where there were none."""
    return answers_of_jobs([generation]).get(generation.pk, [])


def of_jobs(generations: Sequence[Generation]) -> dict[int, list[Wish]]:
    """By job: note and pins of the decision that stands, where it asks for changes. One query."""
    newest = Decision.objects.filter(review=OuterRef("review")).order_by("-number")
    standing = Decision.objects.filter(
        kind=Decision.Kind.CHANGES_WANTED,
        review__state=Review.State.CHANGES_WANTED,
        review__generation__in=generations,
        number=Subquery(newest.values("number")[:1]),
    )
    rows = standing.select_related("member__user").annotate(job=F("review__generation"))
    found: dict[int, list[Wish]] = {}
    for decision in rows.order_by("created_at", "id"):
        found.setdefault(decision.job, []).extend(wishes_in(decision))
    return found


def wishes_in(decision: Decision) -> Iterable[Wish]:
    """The note first, then the pins in the order they were put."""
    who, when = str(decision.member), decision.created_at
    if decision.note:
        yield Wish(f"{decision.public_id}:note", decision.note, who, when)
    for number, pin in enumerate(decision.pins, start=1):
        spot = Spot(pin["x"], pin["y"], pin.get("seconds"))
        yield Wish(f"{decision.public_id}:{number}", pin["note"], who, when, spot, number)
