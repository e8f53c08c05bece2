"""Who may reach a brief: any member of its workspace; who may ask for drafts is said here too."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from rivya_app.briefs.models import WAITING_STATES, Brief, Draft
from rivya_app.core.rows import found_or_404
from rivya_app.gateway import kinds
from rivya_app.gateway.access import workflow_for
from rivya_app.gateway.models import Workflow
from rivya_app.generations import access as generations
from rivya_app.generations import origins
from rivya_app.generations.models import OPEN_STATUSES
from rivya_app.workspaces.access import MAY_SUBMIT, submits_to
from rivya_app.workspaces.models import Membership


def briefs(member: Membership) -> QuerySet[Brief]:
    """Every brief of the member's workspace, newest first."""
    return Brief.objects.filter(workspace=member.workspace_id)


def brief(member: Membership, public_id: UUID | str, *, lock: bool = False) -> Brief:
    """One brief of the member's workspace, under its lock if asked. Raises Http404."""
    related = ("workspace", "campaign", "created_by__user", "handed_to__user", "workflow__api_key")
    rows = briefs(member).select_related(*related)
    return found_or_404(rows, lock=lock, public_id=public_id)


def kept_by(member: Membership) -> Q:
    """The briefs that are the member's to go on with: handed to them, or their own still."""
    return Q(handed_to=member) | Q(created_by=member, handed_to=None)


def may_ask(member: Membership, brief: Brief) -> bool:
    """Whether the member may ask for drafts of this brief: by role, and by its campaign's word."""
    if not member.has_role(*MAY_SUBMIT):
        return False
    return not brief.campaign_id or submits_to(member).filter(pk=brief.campaign_id).exists()


def pays_for(brief: Brief, media_kind: str) -> Workflow:
    """The workflow of the brief's drafts of this kind: the brief's own where it makes the kind and
    is in use, else the kind's main one. Raises KeyError for a kind nobody makes."""
    own = brief.workflow
    fits = own and own.archived_at is None and kinds.kind_made_by(own.moment) == media_kind
    return own if own and fits else workflow_for(brief.workspace, media_kind)


def home_of_job(member: Membership, job_id: UUID | str) -> str:
    """Where a job belongs that was made for no brief, as an address; "" where nobody knows.

    Raises Http404.
    """
    job = generations.job(member, job_id)
    home = origins.home_of(origins.origins_of(member, job))
    return home.url if home else ""


def locked(brief: Brief) -> Brief:
    """The same brief, read anew under its lock."""
    return Brief.objects.select_for_update().get(pk=brief.pk)


def drafts_of(brief: Brief) -> list[Draft]:
    """Every attempt, by position and attempt, with its job."""
    rows = brief.drafts.select_related(
        "generation__requested_by__user", "generation__api_key", "generation__workflow"
    )
    return list(rows.order_by("position", "attempt"))


def attempts_at(member: Membership, public_id: UUID | str, position: int) -> list[Draft]:
    """Every attempt at one draft of a brief, in order, at least one. Raises Http404."""
    rows = Draft.objects.filter(brief=brief(member, public_id), position=position)
    related = ("brief__workspace", "brief__campaign", "generation__requested_by__user")
    found = list(rows.select_related(*related).order_by("attempt"))
    if not found:
        raise Http404
    return found


def number_of(draft: Draft) -> int:
    """Which one of its kind a draft is in its brief, from 1: the first film beside two pictures is
    video 1."""
    alike = Draft.objects.filter(
        brief=draft.brief_id, generation__media_kind=draft.generation.media_kind
    )
    return alike.filter(position__lt=draft.position).values("position").distinct().count() + 1


def draft_of_job(member: Membership, job_id: UUID | str) -> Draft | None:
    """The draft whose job this is, where it is one."""
    rows = Draft.objects.filter(brief__workspace=member.workspace_id, generation__public_id=job_id)
    return rows.select_related("brief", "generation").first()


def drafts_of_jobs(member: Membership, job_ids: Collection[UUID | str]) -> list[Draft]:
    """The drafts of those of these jobs that are the workspace's, in the order of their brief."""
    rows = Draft.objects.filter(
        brief__workspace=member.workspace_id, generation__public_id__in=job_ids
    )
    related = rows.select_related("brief__campaign", "brief__workspace", "generation")
    return list(related.order_by("brief", "position", "attempt"))


def still_waiting(references: Collection[str]) -> set[str]:
    """Those of these briefs (`brief:<uuid>`, also with a position behind it) that wait for credits
    or budget or have a job under way, and so still need their files."""
    ids = {reference: reference.split(":")[1] for reference in references}
    is_open = Q(drafts__generation__status__in=OPEN_STATUSES)
    rows = Brief.objects.filter(public_id__in=ids.values())
    waiting = rows.filter(Q(state__in=WAITING_STATES) | is_open).distinct()
    found = {str(public_id) for public_id in waiting.values_list("public_id", flat=True)}
    return {reference for reference, public_id in ids.items() if public_id in found}
