"""What follows a press on the page of a review: where it leads, and what is said."""

from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.core import clock
from rivya_app.reviews import pins, refusal_words
from rivya_app.reviews.history import card
from rivya_app.reviews.models import Decision, Review
from rivya_app.reviews.page import Here
from rivya_app.reviews.queue import neighbours
from rivya_app.reviews.refusals import AlreadyDecided, ReviewRefused
from rivya_app.reviews.verdict_form import VerdictForm
from rivya_app.workspaces.models import Membership


def url(member: Membership, review: Review, here: Here) -> str:
    """The next review of the list, else the one before, else the list itself."""
    beside = neighbours(member, review, here.filters)
    after = beside.next or beside.previous
    if after is not None:
        return here.address(after)
    query = here.filters.query
    return reverse("reviews:queue") + (f"?{query}" if query else "")


def is_same_press(late: AlreadyDecided, member: Membership, form: VerdictForm) -> bool:
    """Whether the decision that stands is what this press wanted: a double click, a form sent
    again. A press of another kind, or of another person, is told who was first."""
    decision = late.decision
    wanted = form.cleaned_data["kind"]
    return (
        decision is not None
        and not late.review.is_pending
        and (decision.member_id, decision.kind) == (member.pk, wanted)
    )


def last_words(decision: Decision) -> str:
    """What was decided, where no offer to take it back will say it."""
    if decision.undo_until and decision.undo_until > clock.now():
        return ""
    return f"{card(decision).words}: {decision.review.brief.product}"


def pin_words(refusal: ReviewRefused | pins.TooManyPins) -> str:
    """Why a pin was not put."""
    if isinstance(refusal, ReviewRefused):
        return refusal_words.words_of(refusal)
    return _(
        "There are %(count)d pins on it, more than anybody reads. Write the rest as a note."
    ) % {"count": pins.MOST}
