"""The desk's lists of jobs: stuck, uncertain, waiting, failed; and of results that are not here."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Case, CharField, F, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rivya_app.core import clock
from rivya_app.desk.sources import CAMPAIGN, KEY, MODEL, PERSON, Item, Source, by_public_id
from rivya_app.gateway import catalogue
from rivya_app.generations import access
from rivya_app.generations.cards import cards_for
from rivya_app.generations.failure_words import words_for
from rivya_app.generations.history import usual_times
from rivya_app.generations.models import Generation, Status
from rivya_app.library import access as library
from rivya_app.library.models import StoredFile
from rivya_app.library.troubles import copy_words
from rivya_app.workspaces import pauses
from rivya_app.workspaces.models import Membership

COPY_IS_LATE = timedelta(minutes=10)
MOST_MODELS = 200

# What needs other words here than on the job's own page, where they speak to whoever asked for it.
_OWN_WORDS: dict[str, str | Promise] = {
    "": _("No reason is known"),
    "late": _("Takes longer than usual, still running"),
    "uncertain": _("Whether Rivya has it is not known"),
    "copy_late": _("The copying takes long"),
    "no_answer": _("Rivya did not answer"),
    "bad_answer": _("Rivya’s answer could not be read"),
    "rate_budget": _("Waits its turn: the key’s pace is used up"),
}


def words_of(code: str) -> str:
    """A cause in a few plain words."""
    return str(_OWN_WORDS.get(code) or words_for(code).title)


def copy_words_of(code: str) -> str:
    """Why a result is not here."""
    return words_of(code) if code == "copy_late" else str(copy_words(code).happened)


def stuck(member: Membership) -> QuerySet[Generation]:
    """Open, and a person was asked or it takes longer than jobs of its model do."""
    mine = access.jobs(member)
    return mine.filter(Q(needs_look=True) | (Q(status=Status.PROCESSING) & _late(mine)))


def asking(member: Membership) -> QuerySet[Generation]:
    """Those that ask for a look; found by a partial index."""
    return access.jobs(member).filter(needs_look=True)


def _late(rows: QuerySet[Generation]) -> Q:
    """True of no row where nothing is known of any model."""
    running = rows.filter(status=Status.PROCESSING).order_by()
    models = list(running.values_list("model_id", flat=True).distinct()[:MOST_MODELS])
    late = Q(pk__in=[])
    for model_id, usual in usual_times(models).items():
        if usual is not None:
            since = clock.now() - timedelta(seconds=usual.late_after)
            late |= Q(model_id=model_id, submitted_at__lt=since)
    return late


def uncertain(member: Membership) -> QuerySet[Generation]:
    """Sent, and no answer seen; the same key asks again."""
    return access.jobs(member).filter(
        status__in=[Status.QUEUED, Status.SUBMITTING], is_uncertain=True, needs_look=False
    )


def waiting(member: Membership) -> QuerySet[Generation]:
    """Not sent yet, for a reason that is known; all that is queued while work is paused."""
    queued = access.jobs(member).filter(status=Status.QUEUED, is_uncertain=False, needs_look=False)
    if pauses.is_paused(member.workspace_id):
        return queued
    return queued.filter(~Q(waits_for="") | ~Q(error_code=""))


def failed(member: Membership) -> QuerySet[Generation]:
    return access.jobs(member).filter(status=Status.FAILED)


def not_here(member: Membership) -> QuerySet[StoredFile]:
    """Results that could not be copied, or whose copying takes long. Found by a partial index."""
    late = Q(state=StoredFile.State.PENDING, created_at__lt=clock.now() - COPY_IS_LATE)
    rows = library.files(member).filter(state__in=["pending", "broken"])
    return rows.filter(Q(state=StoredFile.State.BROKEN) | late, source__startswith="generation:")


def _first(*choices: tuple[Q, str | Value]) -> Case:
    *conditions, (_q, otherwise) = choices
    whens = [When(q, then=F(value) if isinstance(value, str) else value) for q, value in conditions]
    return Case(*whens, default=otherwise, output_field=CharField())


_REFERENCE = Concat(Value("generation:"), Cast("public_id", TextField()), output_field=CharField())
_WHY_STUCK = _first(
    (~Q(look_reason=""), "look_reason"), (Q(needs_look=True), "error_code"), (Q(), Value("late"))
)
_WHY_UNCERTAIN = _first(
    (Q(error_code="idempotency_conflict"), "error_code"), (Q(), Value("uncertain"))
)
_WHY_WAITING = _first(
    (~Q(waits_for=""), "waits_for"), (~Q(error_code=""), "error_code"), (Q(), Value("paused"))
)
_WHY_NOT_HERE = _first((~Q(trouble=""), "trouble"), (Q(), Value("copy_late")))


def job_items(_member: Membership, jobs: Sequence[Generation]) -> list[Item]:
    names = catalogue.names_of(job.model_id for job in jobs)
    return [
        Item(
            reference=card.job.reference,
            title=card.job.title,
            url=reverse("desk:show", args=[card.job.public_id]),
            at=card.job.finished_at or card.job.created_at,
            who=str(card.job.requested_by),
            credits=card.price_words,
            campaign=card.job.campaign.name if card.job.campaign else "",
            model=names[card.job.model_id],
            media_kind=card.job.media_kind,
            picture=next((file for file in card.files if file.thumbnail_name), None),
        )
        for card in cards_for(_with_people(jobs))
    ]


def _with_people(jobs: Iterable[Generation]) -> list[Generation]:
    keys = [job.pk for job in jobs]
    rows = Generation.objects.select_related("requested_by__user", "campaign", "api_key")
    found = rows.in_bulk(keys)
    return [found[key] for key in keys if key in found]


def file_items(member: Membership, files: Sequence[StoredFile]) -> list[Item]:
    ids = {file.pk: file.source.partition(":")[2] for file in files}
    jobs = access.jobs(member).filter(public_id__in=set(ids.values())).select_related("campaign")
    found = {str(job.public_id): job for job in jobs}
    names = catalogue.names_of(job.model_id for job in found.values())
    return [
        Item(
            reference=file.source,
            title=file.title,
            url=reverse("desk:show", args=[ids[file.pk]]),
            at=file.created_at,
            who=str(file.made_by or ""),
            campaign=job.campaign.name if job.campaign else "",
            model=names[job.model_id],
            media_kind=file.expected_kind,
        )
        for file in files
        if (job := found.get(ids[file.pk])) is not None
    ]


_OF_JOBS = {PERSON: "requested_by", CAMPAIGN: "campaign", MODEL: "model_id", KEY: "api_key"}


def _of_jobs(**said: Any) -> Source:
    """A list of jobs: what is the same in all of them."""
    same = {
        "words": words_of,
        "reference": _REFERENCE,
        "named": by_public_id,
        "at": "created_at",
        "tie": "public_id",
        "items": job_items,
        "columns": _OF_JOBS,
    }
    return Source(**{**same, **said})


SOURCES = (
    _of_jobs(
        kind="stuck",
        label=_("Stuck"),
        about=_("Open jobs that take longer than usual, or ask for a look."),
        tone="warning",
        rows=stuck,
        cause=_WHY_STUCK,
        acts=("ask", "send", "release"),
    ),
    _of_jobs(
        kind="uncertain",
        label=_("Uncertain"),
        about=_("Sent, and no answer came. The same job is asked for again by itself."),
        tone="warning",
        rows=uncertain,
        cause=_WHY_UNCERTAIN,
        acts=("send",),
    ),
    _of_jobs(
        kind="waiting",
        label=_("Waiting"),
        about=_("Not sent to Rivya yet: for a key, for reference files, for a pause to end."),
        tone="queued",
        rows=waiting,
        cause=_WHY_WAITING,
        acts=("send", "release"),
    ),
    _of_jobs(
        kind="failed",
        label=_("Failed"),
        about=_("Jobs that ended without a result."),
        tone="failed",
        rows=failed,
        cause=F("error_code"),
        at="finished_at",
    ),
    Source(
        kind="copies",
        label=_("Copies missing"),
        about=_("Rivya finished these jobs, and their files are not here."),
        tone="failed",
        rows=not_here,
        cause=_WHY_NOT_HERE,
        words=copy_words_of,
        reference=F("source"),
        named=lambda reference: Q(source=reference),
        at="created_at",
        tie="public_id",
        items=file_items,
        columns={PERSON: "made_by"},
        acts=("copy",),
    ),
)
