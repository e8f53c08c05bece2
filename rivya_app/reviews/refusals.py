"""Why a review cannot be asked for, decided or taken back. The views say it in words."""

from collections.abc import Sequence
from decimal import Decimal

from rivya_app.reviews.checklist import Item
from rivya_app.reviews.models import Decision, Review


class ReviewRefused(Exception):
    """Base of the refusals below; nothing was written."""


class NothingToReview(ReviewRefused):
    """A file is not a finished result of a brief, or its bytes are not here (any more)."""


class AlreadyDecided(ReviewRefused):
    """Somebody was first: `decision` is the newest, None where the review was withdrawn."""

    def __init__(self, review: Review, decision: Decision | None) -> None:
        super().__init__(str(review.public_id))
        self.review = review
        self.decision = decision


class BytesChanged(ReviewRefused):
    """The stored bytes are not those that were sent for review, or not those that were shown."""


class OwnWork(ReviewRefused):
    """The campaign asks for a second pair of eyes, and the member made this."""


class ChecklistOpen(ReviewRefused):
    """Required items are not ticked."""

    def __init__(self, items: Sequence[Item]) -> None:
        super().__init__(", ".join(item.code for item in items))
        self.items = list(items)


class WordsMissing(ReviewRefused):
    """Asking for changes needs a note or a pin, rejecting and reversing need a reason."""


class TooLate(ReviewRefused):
    """The undo window is over, the video is on its way, or somebody decided anew."""


class ModelRefused(ReviewRefused):
    """The video model cannot be used for this still: `code` is that of a failure card."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PriceMoved(ReviewRefused):
    """The price is not the one that was on the screen. Credits of one video, as it is now."""

    def __init__(self, price: Decimal) -> None:
        super().__init__(str(price))
        self.price = price
