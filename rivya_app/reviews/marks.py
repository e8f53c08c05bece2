"""What the review says of a job on its brief's page and its own: where it waits, what was decided,
and the next step."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.core.buttons import Action
from rivya_app.generations.marks import Mark
from rivya_app.generations.models import Generation
from rivya_app.library import access as library
from rivya_app.library.models import StoredFile
from rivya_app.reviews import access, waiting
from rivya_app.reviews.actions import MAY_ASK, may_withdraw
from rivya_app.reviews.asking import OPEN
from rivya_app.reviews.models import Review, VideoConcept
from rivya_app.reviews.queue_page import TONES, review_url
from rivya_app.workspaces.models import Membership

# Of several results the word that asks most of the reader.
_FIRST_SAID = ("pending", "changes_wanted", "approved", "rejected", "withdrawn")
_VIDEO: dict[str, tuple[str, str | Promise]] = {
    "waiting": ("processing", gettext_lazy("Video starts in a moment")),
    "needs_credits": ("low_credits", gettext_lazy("Video waits for credits")),
    "needs_budget": ("low_credits", gettext_lazy("Video waits for the owner’s yes")),
    "needs_yes": ("needs_yes", gettext_lazy("Video waits for the owner’s answer")),
    "needs_look": ("warning", gettext_lazy("Video needs a look")),
    "started": ("succeeded", gettext_lazy("Has a video")),
}


def marks(member: Membership, jobs: Sequence[Generation]) -> Mapping[int, Mark]:
    """Where each job's results stand in the review. A constant number of queries."""
    files = _results_of(jobs)
    by_job = _reviews_of(jobs)
    visible = _visible(member, by_job)
    pending = [row for rows in by_job.values() for row in rows if row.is_pending]
    deciders = waiting.deciders_for(pending)
    return {
        job.pk: mark
        for job in jobs
        if (mark := _mark(member, job, files[job.reference], by_job[job.pk], visible, deciders))
    }


def _results_of(jobs: Sequence[Generation]) -> dict[str, list[StoredFile]]:
    found: dict[str, list[StoredFile]] = defaultdict(list)
    for file in library.files_for([job.reference for job in jobs]):
        if file.is_stored:
            found[file.source].append(file)
    return found


def _reviews_of(jobs: Sequence[Generation]) -> dict[int, list[Review]]:
    """Of each job the newest review of each of its files."""
    rows = Review.objects.filter(generation__in=[job.pk for job in jobs])
    related = rows.select_related("workspace", "brief__created_by__user", "requested_by__user")
    newest = {row.file_id: row for row in related.order_by("created_at", "pk")}
    found: dict[int, list[Review]] = defaultdict(list)
    for row in newest.values():
        found[row.generation_id].append(row)
    return found


def _visible(member: Membership, by_job: Mapping[int, list[Review]]) -> set[int]:
    keys = [row.pk for rows in by_job.values() for row in rows]
    if not keys:
        return set()
    return set(access.reviews(member).filter(pk__in=keys).values_list("pk", flat=True))


def _mark(
    member: Membership,
    job: Generation,
    files: list[StoredFile],
    reviews: list[Review],
    visible: set[int],
    deciders: waiting.Deciders,
) -> Mark | None:
    """None where there is neither a review nor anything to send."""
    asking = _asking(member, job, files, reviews)
    told = min(reviews, key=lambda row: _FIRST_SAID.index(row.state), default=None)
    if told is None:
        return Mark(actions=asking, pick=str(job.public_id)) if asking else None
    is_open = told.is_pending
    is_seen = told.pk in visible
    steps = (_withdrawing(told),) if is_open and may_withdraw(member, told) else ()
    return Mark(
        state=TONES[told.state],
        word=told.get_state_display(),
        url=review_url(told) if is_seen else "",
        note=waiting.waits_words(told, deciders) if is_open and is_seen else "",
        actions=(*steps, *asking),
        pick=str(job.public_id) if asking else "",
    )


def _asking(
    member: Membership, job: Generation, files: list[StoredFile], reviews: list[Review]
) -> tuple[Action, ...]:
    """One press for one result; of several the page for choosing."""
    taken = {row.file_id for row in reviews if row.state in OPEN}
    free = [file for file in files if file.pk not in taken]
    if not free or not member.has_role(*MAY_ASK):
        return ()
    address = reverse("reviews:ask")
    if len(files) > 1:
        return (Action(_("Choose what to send for review"), f"{address}?job={job.public_id}"),)
    words = _("Send again for review") if reviews else _("Send for review")
    return (Action(words, address, "post", name="job", value=str(job.public_id)),)


def _withdrawing(review: Review) -> Action:
    return Action(_("Withdraw"), reverse("reviews:withdraw", args=[review.public_id]), "post")


def video_marks(member: Membership, jobs: Sequence[Generation]) -> Mapping[int, Mark]:
    """The video that the approval of a still ordered, by the still's job. Two queries."""
    rows = VideoConcept.objects.filter(decision__review__generation__in=[job.pk for job in jobs])
    related = rows.select_related("decision__review", "generation").order_by("created_at", "pk")
    newest = {row.decision.review.generation_id: row for row in related}
    reviews = {row.decision.review_id for row in newest.values()}
    mine = access.reviews(member).filter(pk__in=reviews) if reviews else Review.objects.none()
    visible = set(mine.values_list("pk", flat=True))
    return {key: _video_mark(row, visible) for key, row in newest.items() if row.state in _VIDEO}


def _video_mark(concept: VideoConcept, visible: set[int]) -> Mark:
    state, word = _VIDEO[concept.state]
    review = concept.decision.review
    if concept.generation is not None:
        url = reverse("generations:show-job", args=[concept.generation.public_id])
    else:
        url = review_url(review) if review.pk in visible else ""
    return Mark(state=state, word=str(word), url=url)
