"""Steps of the review, as the people press them. Rows come from real acts alone."""

from decimal import Decimal
from typing import Any

from rivya_app.briefs.models import Brief
from rivya_app.core import clock
from rivya_app.gateway import kinds
from rivya_app.gateway.access import model_of, workflow_for
from rivya_app.generations import price
from rivya_app.library import access as library
from rivya_app.library.models import StoredFile
from rivya_app.reviews import actions, checklist, concepts
from rivya_app.reviews.actions import Verdict
from rivya_app.reviews.concepts import VideoOrder
from rivya_app.reviews.models import Decision, Review, VideoConcept
from rivya_app.workspaces.models import Membership
from tests.shop import Shop

VIDEO_MODEL = "kling-2-6"


def results_of(brief: Brief) -> list[StoredFile]:
    """The stored results of a brief's drafts, by position and attempt."""
    drafts = brief.drafts.select_related("generation").order_by("position", "attempt")
    files = library.files_for([draft.generation.reference for draft in drafts])
    order = [draft.generation.reference for draft in drafts]
    return sorted(
        (file for file in files if file.is_stored),
        key=lambda file: (order.index(file.source), file.position),
    )


def asked(shop: Shop, seller: Membership, *, brief: Brief | None = None, **fields: Any) -> Review:
    """A brief made and finished, its first result sent for review by the seller."""
    if brief is None:
        brief = shop.submit(seller, **fields)
        shop.finish(brief)
    first = results_of(brief)[0]
    return actions.request_review(member=seller, file_ids=[first.public_id])[0]


def verdict(review: Review, kind: str = "approved", **fields: Any) -> Verdict:
    """A decision with every required item ticked, and words where words are needed."""
    ticked = frozenset(item.code for item in checklist.items_of(review.campaign))
    note = "" if kind == "approved" else "Make the handle larger."
    return Verdict(
        **{"kind": kind, "sha256": review.sha256, "note": note, "ticked": ticked, **fields}
    )


def decided(member: Membership, review: Review, kind: str = "approved", **fields: Any) -> Decision:
    """`member` decides on the review."""
    wanted = verdict(review, kind, **fields)
    return actions.decide(member=member, public_id=review.public_id, verdict=wanted)


def approved(shop: Shop, seller: Membership, manager: Membership, **fields: Any) -> Review:
    """A result that the seller sent and the manager approved, without a video."""
    review = asked(shop, seller, **fields)
    decided(manager, review)
    review.refresh_from_db()
    return review


def video_order(review: Review, **fields: Any) -> VideoOrder:
    """The video as the approve panel would offer it."""
    params = fields.pop("params", {"duration": "5", "sound": "false", "aspect_ratio": "1:1"})
    model_id = fields.pop("model_id", VIDEO_MODEL)
    model = model_of(workflow_for(review.workspace, kinds.VIDEO), model_id)
    expected = price.unit_price(model, params).expected if model else Decimal(0)
    words = {"prompt": "The mug turns slowly", "price": expected, **fields}
    return VideoOrder(model_id=model_id, params=params, **words)


def after_undo(concept: VideoConcept) -> VideoConcept:
    """What the sweep does once the undo window of the decision is over."""
    assert concept.starts_at is not None
    with clock.at(max(concept.starts_at, clock.now())):
        concepts.sweep()
    concept.refresh_from_db()
    return concept
