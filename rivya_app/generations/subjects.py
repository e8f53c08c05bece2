"""Jobs as the credit pages name them: what a reference of the ledger stands for. Reads only."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.credits.subjects import Subject, ids_of, newest_ended
from rivya_app.generations.models import Generation, Status
from rivya_app.workspaces.models import Workspace


def describe(references: Sequence[str]) -> dict[str, Subject]:
    """Each job's title, page and state, by its reference; one query."""
    rows = Generation.objects.filter(public_id__in=ids_of(references))
    found = rows.only("public_id", "title", "media_kind", "status")
    return {job.reference: _subject(job) for job in found}


def kept(workspace: Workspace, after: str, count: int) -> list[str]:
    """Failed jobs for which Rivya kept credits, the newest first; read by the index of failures."""
    rows = Generation.objects.filter(workspace=workspace, status=Status.FAILED, final_credits__gt=0)
    return [job.reference for job in newest_ended(rows, after, count)]


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
