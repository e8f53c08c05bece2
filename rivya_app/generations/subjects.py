"""Jobs as the credit pages name them: what a reference of the ledger stands for. Reads only."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.credits.subjects import Subject
from rivya_app.generations.models import Generation, Status
from rivya_app.workspaces.models import Workspace


def describe(references: Sequence[str]) -> dict[str, Subject]:
    """Each job's title, page and state, by its reference; one query."""
    rows = Generation.objects.filter(public_id__in=_ids(references))
    found = rows.only("public_id", "title", "media_kind", "status")
    return {job.reference: _subject(job) for job in found}


def kept(workspace: Workspace, after: str, count: int) -> list[str]:
    """Failed jobs for which Rivya kept credits, the newest first; read by the index of failures."""
    rows = Generation.objects.filter(
        workspace=workspace, status=Status.FAILED, final_credits__gt=0
    ).order_by("-finished_at", "-id")
    if after:
        seen = rows.filter(public_id__in=_ids([after])).values_list("finished_at", "id").first()
        rows = rows.filter(_older_than(*seen)) if seen else rows.none()
    return [job.reference for job in rows.only("public_id")[:count]]


def _older_than(finished_at: datetime | None, key: int) -> Q:
    return Q(finished_at__lt=finished_at) | Q(finished_at=finished_at, id__lt=key)


def _ids(references: Sequence[str]) -> list[UUID]:
    found = []
    for reference in references:
        try:
            found.append(UUID(reference.partition(":")[2]))
        except ValueError:
            continue
    return found


def _subject(job: Generation) -> Subject:
    state = Status.QUEUED if job.status == Status.SUBMITTING else Status(job.status)
    kinds = {"image": _("Picture"), "video": _("Video"), "audio": _("Sound")}
    return Subject(
        title=job.title,
        url=reverse("generations:show-job", args=[job.public_id]),
        kind=kinds.get(job.media_kind, job.media_kind),
        state=state.value,
        state_words=str(state.label),
    )
