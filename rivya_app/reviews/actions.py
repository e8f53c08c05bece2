"""What people do with reviews. Alone changes a review's state, each time with a row that stays.

Locks: review, then its ordered video, then files, then the credit account.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from rivya_app.core import clock
from rivya_app.credits import wallet
from rivya_app.library import access as library
from rivya_app.library import proof, uses
from rivya_app.reviews import access, asking, checklist, concepts, pins, telling
from rivya_app.reviews.concepts import VideoOrder
from rivya_app.reviews.models import Decision, Review, ReviewSettings, VideoConcept
from rivya_app.reviews.refusals import (
    AlreadyDecided,
    BytesChanged,
    ChecklistOpen,
    NothingToReview,
    OwnWork,
    TooLate,
    WordsMissing,
)
from rivya_app.workspaces.models import Membership, Role

MAY_ASK = (Role.SELLER, Role.MANAGER, Role.OWNER)
Kind, State = Decision.Kind, Review.State
_STATES = {
    Kind.APPROVED: State.APPROVED,
    Kind.CHANGES_WANTED: State.CHANGES_WANTED,
    Kind.REJECTED: State.REJECTED,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision as it was pressed. `sha256` is that of the bytes the person was shown."""

    kind: str  # approved, changes_wanted or rejected
    sha256: str
    note: str = ""
    ticked: frozenset[str] = field(default_factory=frozenset)  # codes of the checklist
    video: VideoOrder | None = None  # with an approval


@transaction.atomic(durable=True)
def request_review(
    *,
    member: Membership,
    file_ids: Sequence[UUID | str],
    note: str = "",
    due_on: date | None = None,
) -> list[Review]:
    """Send results for a decision, each once; a second press finds the first one's reviews.

    Raises PermissionDenied, NothingToReview.
    """
    if not member.has_role(*MAY_ASK):
        raise PermissionDenied
    wanted = [str(file_id) for file_id in file_ids]
    files = library.chosen(member, wanted)
    if not files or len(files) < len(set(wanted)):
        raise NothingToReview
    return asking.ask(member, files, note=note, due_on=due_on)


@transaction.atomic(durable=True)
def withdraw(*, member: Membership, public_id: UUID | str) -> Review:
    """Take a review out of the queue. Raises Http404, PermissionDenied, AlreadyDecided."""
    review = access.review(member, public_id, lock=True)
    if not may_withdraw(member, review):
        raise PermissionDenied
    if review.state == State.WITHDRAWN:
        return review
    if not review.is_pending:
        raise AlreadyDecided(review, access.newest_decision(review))
    _close(review, State.WITHDRAWN)
    uses.let_go(review.reference)
    return review


def may_withdraw(member: Membership, review: Review) -> bool:
    """Whose draft it is: who sent it, and who wrote the brief or goes on with it."""
    brief = review.brief
    return member.pk in (review.requested_by_id, brief.created_by_id, brief.handed_to_id)


def decide(*, member: Membership, public_id: UUID | str, verdict: Verdict) -> Decision:
    """Decide on one review; with `verdict.video` an approval orders exactly one video.

    Raises Http404, AlreadyDecided, BytesChanged, OwnWork, ChecklistOpen, WordsMissing, and of the
    video ModelRefused and PriceMoved; nothing is written then. With too few credits or budget the
    decision stands and the video waits.
    """
    seen = access.review_to_decide(member, public_id)
    # Read before the locks: it takes as long as reading the file.
    if seen.is_pending and not proof.is_unchanged(seen.file, seen.sha256):
        raise BytesChanged
    return _decide(member, public_id, verdict)


@transaction.atomic(durable=True)
def _decide(member: Membership, public_id: UUID | str, verdict: Verdict) -> Decision:
    review = access.review_to_decide(member, public_id, lock=True)
    _require(member, review, verdict)
    answered = checklist.answers(checklist.items_of(review.campaign), verdict.ticked)
    undo_until = undo_end(review)
    decision = _record(
        review, member, verdict.kind, note=verdict.note, checklist=answered, undo_until=undo_until
    )
    _close(review, _STATES[Kind(verdict.kind)])
    if verdict.video and verdict.kind == Kind.APPROVED:
        concepts.order(review, decision, verdict.video, starts_at=undo_until)
    telling.decided(review, decision)
    return decision


def _require(member: Membership, review: Review, verdict: Verdict) -> None:
    if not review.is_pending:
        raise AlreadyDecided(review, access.newest_decision(review))
    if not verdict.sha256 == review.sha256 == review.file.sha256:
        raise BytesChanged
    if verdict.kind == Kind.APPROVED:
        if is_own_work(member, review) and not makers_may_approve(review):
            raise OwnWork
        if missing := checklist.unticked(checklist.items_of(review.campaign), verdict.ticked):
            raise ChecklistOpen(missing)
        return
    has_pins = verdict.kind == Kind.CHANGES_WANTED and review.pins.exists()
    if not verdict.note.strip() and not has_pins:
        raise WordsMissing


def is_own_work(member: Membership, review: Review) -> bool:
    """Whether the member made what is to be judged: the brief, or the draft. A video that an
    approval ordered is the work of the brief's author, not of the approver."""
    makers = {review.brief.created_by_id}
    if not VideoConcept.objects.filter(generation=review.generation_id).exists():
        makers.add(review.generation.requested_by_id)
    return member.pk in makers


def makers_may_approve(review: Review) -> bool:
    """As the campaign says; without one, as the workspace does."""
    if review.campaign is not None:
        return review.campaign.makers_may_approve
    return access.settings_of(review.workspace).makers_may_approve


def undo_end(review: Review) -> datetime:
    """Until when a decision made now can be taken back without a reason."""
    seconds = access.settings_of(review.workspace).undo_seconds
    return clock.now() + timedelta(seconds=seconds)


@transaction.atomic(durable=True)
def take_back(*, member: Membership, public_id: UUID | str, decision_id: UUID | str) -> Review:
    """Undo one's own decision within its window: nothing is spent and the review is open again.

    Raises Http404, TooLate. The same again finds it taken back.
    """
    review = access.review_to_decide(member, public_id, lock=True)
    newest = access.newest_decision(review)
    if newest and newest.kind == Kind.TAKEN_BACK and review.is_pending:
        return review
    if newest is None or str(newest.public_id) != str(decision_id) or newest.member_id != member.pk:
        raise TooLate
    if newest.undo_until is None or clock.now() > newest.undo_until:
        raise TooLate
    concept = concepts.of_decision(newest, lock=True)
    if concept and not concepts.cancel(concept):
        raise TooLate
    return _open_again(review, member, Kind.TAKEN_BACK)


@transaction.atomic(durable=True)
def reverse_decision(*, member: Membership, public_id: UUID | str, reason: str) -> Review:
    """Open a decided review again, with a reason that stays. A video that has started goes on.

    Raises Http404, WordsMissing, TooLate where there is nothing to reverse.
    """
    review = access.review_to_decide(member, public_id, lock=True)
    if review.state not in _STATES.values():
        raise TooLate
    if not reason.strip():
        raise WordsMissing
    newest = access.newest_decision(review)
    concept = concepts.of_decision(newest, lock=True) if newest else None
    if concept:
        concepts.cancel(concept)
    return _open_again(review, member, Kind.REVERSED, note=reason)


def _open_again(
    review: Review, member: Membership, kind: Decision.Kind, *, note: str = ""
) -> Review:
    decision = _record(review, member, kind, note=note)
    review.state, review.closed_at, review.changed_at = State.PENDING, None, clock.now()
    try:
        with transaction.atomic():
            review.save(update_fields=["state", "closed_at", "changed_at"])
    except IntegrityError:  # the same file was sent for review anew meanwhile
        raise TooLate from None
    telling.decided(review, decision)
    return review


def _record(
    review: Review,
    member: Membership,
    kind: str,
    *,
    note: str = "",
    checklist: list[dict[str, object]] | None = None,
    undo_until: datetime | None = None,
) -> Decision:
    """Write the decision. Under the review's lock, so its number is the next one."""
    role = next(role for role in access.DECIDERS if member.has_role(role))
    return Decision.objects.create(
        review=review,
        number=review.decisions.count() + 1,
        kind=kind,
        member=member,
        role=role,
        sha256=review.sha256,
        note=note.strip(),
        checklist=checklist or [],
        pins=pins.as_data(review) if undo_until else [],
        undo_until=undo_until,
    )


def _close(review: Review, state: Review.State) -> None:
    review.state = state
    review.closed_at = review.changed_at = clock.now()
    review.save(update_fields=["state", "closed_at", "changed_at"])


@transaction.atomic(durable=True)
def let_video_through(*, member: Membership, public_id: UUID | str) -> VideoConcept:
    """An owner lets one video go beyond the campaign's budget. Raises Http404, PermissionDenied."""
    if not member.has_role(Role.OWNER):
        raise PermissionDenied
    concept = access.concept(member, public_id, lock=True)
    if concept.state == VideoConcept.State.NEEDS_BUDGET:
        concepts.let_through(concept, member)
    return concept


def try_video_again(*, member: Membership, public_id: UUID | str) -> VideoConcept:
    """Have a waiting video tried now, on a balance read anew. Raises Http404, PermissionDenied."""
    _require_decider(member)
    wallet.read(access.concept(member, public_id).workspace, cause="before starting a video")
    with transaction.atomic(durable=True):
        concept = access.concept(member, public_id, lock=True)
        if concept.state == VideoConcept.State.NEEDS_YES:
            concepts.ask_again(concept)
        elif concept.state != VideoConcept.State.WAITING:
            concepts.bring_forward(concept)
    concepts.start(concept.public_id)
    return access.concept(member, public_id)


@transaction.atomic(durable=True)
def give_up_video(*, member: Membership, public_id: UUID | str) -> VideoConcept:
    """A video that has not started is no longer wanted; its credits come back. Raises Http404,
    PermissionDenied, TooLate."""
    _require_decider(member)
    concept = access.concept(member, public_id, lock=True)
    if not concepts.cancel(concept):
        raise TooLate
    return concept


@transaction.atomic(durable=True)
def change_settings(
    *, member: Membership, makers_may_approve: bool, undo_seconds: int
) -> ReviewSettings:
    """What holds where no campaign says otherwise. Raises PermissionDenied."""
    if not member.has_role(Role.OWNER):
        raise PermissionDenied
    settings, _made = ReviewSettings.objects.update_or_create(
        workspace=member.workspace,
        defaults={
            "makers_may_approve": makers_may_approve,
            "undo_seconds": undo_seconds,
            "changed_by": member,
            "changed_at": clock.now(),
        },
    )
    return settings


def _require_decider(member: Membership) -> None:
    if not member.has_role(*access.DECIDERS):
        raise PermissionDenied
