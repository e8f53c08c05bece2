"""Notes on places of a picture while its review is open; a decision keeps a copy of them."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from rivya_app.core.rows import found_or_404
from rivya_app.reviews import access
from rivya_app.reviews.models import Pin, Review
from rivya_app.reviews.refusals import AlreadyDecided, BytesChanged
from rivya_app.workspaces.models import Membership

MOST = 40  # on one review


class TooManyPins(Exception):
    """A picture with this many notes needs a talk, not another note."""


@dataclass(frozen=True, slots=True)
class Place:
    """Percent of the picture's sides from its upper left corner; of a film, its second too."""

    x: Decimal
    y: Decimal
    seconds: float | None = None


@transaction.atomic(durable=True)
def put(*, member: Membership, public_id: UUID | str, sha256: str, place: Place, note: str) -> Pin:
    """Pin a note to the exact file that was shown. Raises Http404, AlreadyDecided, BytesChanged,
    TooManyPins."""
    review = _open_review(member, public_id)
    if sha256 != review.sha256:
        raise BytesChanged
    if review.pins.count() >= MOST:
        raise TooManyPins
    return Pin.objects.create(
        review=review,
        made_by=member,
        sha256=sha256,
        x=place.x,
        y=place.y,
        seconds=place.seconds,
        note=note,
    )


@transaction.atomic(durable=True)
def reword(*, member: Membership, public_id: UUID | str, pin_id: UUID | str, note: str) -> Pin:
    """Change what a pin says. Raises Http404, AlreadyDecided."""
    pin = found_or_404(_open_review(member, public_id).pins.all(), lock=True, public_id=pin_id)
    pin.note = note
    pin.save(update_fields=["note"])
    return pin


@transaction.atomic(durable=True)
def remove(*, member: Membership, public_id: UUID | str, pin_id: UUID | str) -> None:
    """Take a pin off; one that is gone already is no fault. Raises Http404, AlreadyDecided."""
    review = _open_review(member, public_id)
    review.pins.filter(public_id=pin_id).delete()


def as_data(review: Review) -> list[dict[str, object]]:
    """All of them as a decision keeps them, in the order they were put."""
    return [
        {"x": float(pin.x), "y": float(pin.y), "seconds": pin.seconds, "note": pin.note}
        for pin in review.pins.all()
    ]


def _open_review(member: Membership, public_id: UUID | str) -> Review:
    """Under its lock, so that no pin slips in behind a decision."""
    review = access.review_to_decide(member, public_id, lock=True)
    if not review.is_pending:
        raise AlreadyDecided(review, access.newest_decision(review))
    return review
