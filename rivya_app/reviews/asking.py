"""Files become reviews: once each while a decision is open or stands."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import IntegrityError, transaction

from rivya_app.briefs.models import Draft
from rivya_app.library import uses
from rivya_app.library.models import StoredFile
from rivya_app.reviews import telling
from rivya_app.reviews.models import Review
from rivya_app.reviews.refusals import NothingToReview
from rivya_app.workspaces.models import Membership

OPEN = (Review.State.PENDING, Review.State.APPROVED)


def ask(
    member: Membership, files: Sequence[StoredFile], *, note: str, due_on: date | None = None
) -> list[Review]:
    """A review for each file; one that is pending or approved already is found, not made again.

    Inside the caller's transaction. Raises NothingToReview where a file is no stored result of a
    brief; nothing is written then once the caller rolls back.
    """
    drafts = _drafts_of(files)
    made = []
    for file in sorted(files, key=lambda one: one.pk):  # one order of locks, whoever asks
        draft = drafts[file.source]
        review = Review(
            workspace=draft.brief.workspace,
            brief=draft.brief,
            campaign=draft.brief.campaign,
            generation=draft.generation,
            file=file,
            sha256=file.sha256,
            media_kind=file.kind,
            requested_by=member,
            note=note,
            due_on=due_on,
        )
        if _kept(review):
            made.append(review)
    if made:
        telling.asked(member, made)
    found = {
        review.file_id: review for review in Review.objects.filter(file__in=files, state__in=OPEN)
    }
    return [found[file.pk] for file in files]


def _drafts_of(files: Iterable[StoredFile]) -> dict[str, Draft]:
    """By the source of the files."""
    ids = {file.source: file.source.partition(":")[2] for file in files}
    if not all(source.startswith("generation:") for source in ids):
        raise NothingToReview
    rows = Draft.objects.filter(generation__public_id__in=ids.values())
    drafts = rows.select_related("brief__campaign", "brief__workspace", "generation")
    found = {draft.generation.reference: draft for draft in drafts}
    if set(found) != set(ids):
        raise NothingToReview
    return found


def _kept(review: Review) -> bool:
    """Write the review and keep its file; False where another press or window came first."""
    try:
        with transaction.atomic():
            review.save(force_insert=True)
    except IntegrityError:
        return False
    try:
        uses.take(
            review.reference,
            [review.file],
            title=review.brief.product,
            path=telling.path_of(review),
        )
    except uses.FileGone:
        raise NothingToReview from None
    return True
