"""Who may reach a job: any member of its workspace."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from rivya_app.core.rows import found_or_404
from rivya_app.generations.models import OPEN_STATUSES, Generation
from rivya_app.workspaces.models import Membership


def jobs(member: Membership) -> QuerySet[Generation]:
    """Every job of the member's workspace, newest first."""
    return Generation.objects.filter(workspace=member.workspace_id)


def job(member: Membership, public_id: UUID | str, *, lock: bool = False) -> Generation:
    """One job of the member's workspace, under its lock if asked. Raises Http404."""
    rows = jobs(member).select_related("requested_by__user", "campaign", "workflow", "parent")
    return found_or_404(rows, lock=lock, public_id=public_id)


def still_open(references: Collection[str]) -> set[str]:
    """Those of these jobs (`generation:<uuid>`) that are not closed and need their files."""
    ids = [reference.split(":")[1] for reference in references]
    found = Generation.objects.filter(public_id__in=ids, status__in=OPEN_STATUSES)
    return {job.reference for job in found.only("public_id")}
