"""Who may reach a brief: any member of its workspace; who may change it is asked by the actions."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from rivya_app.briefs.models import Brief, Draft
from rivya_app.workspaces.models import Membership


def briefs(member: Membership) -> QuerySet[Brief]:
    """Every brief of the member's workspace, newest first."""
    return Brief.objects.filter(workspace=member.workspace_id)


def brief(member: Membership, public_id: UUID | str, *, lock: bool = False) -> Brief:
    """One brief of the member's workspace, under its lock if asked. Raises Http404."""
    rows = briefs(member).select_related("workspace", "campaign", "created_by__user")
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def drafts_of(brief: Brief) -> list[Draft]:
    """Every attempt, by position and attempt, with its job."""
    rows = brief.drafts.select_related(
        "generation__requested_by__user", "generation__api_key", "generation__workflow"
    )
    return list(rows.order_by("position", "attempt"))


def draft_of_job(member: Membership, job_id: UUID | str) -> Draft | None:
    """The draft whose job this is, where it is one."""
    rows = Draft.objects.filter(brief__workspace=member.workspace_id, generation__public_id=job_id)
    return rows.select_related("brief", "generation").first()
