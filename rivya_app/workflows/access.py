"""Who may do what with a workflow, and its trial runs. Rows come from gateway/access.py."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Max, OuterRef, Subquery
from django.http import Http404

from rivya_app.chat.access import MAY_CHAT
from rivya_app.chat.models import Conversation
from rivya_app.gateway import access, kinds
from rivya_app.gateway.models import Workflow
from rivya_app.generations.models import Generation
from rivya_app.workflows.models import TrialRun
from rivya_app.workspaces.models import Membership, Role


def may_change(member: Membership) -> bool:
    return member.has_role(Role.OWNER)


def may_try(member: Membership, flow: Workflow) -> bool:
    """Owners, and whoever answers for its usage; a conversation by those who may have one."""
    if is_chat(flow) and not member.has_role(*MAY_CHAT):
        return False
    return member.has_role(Role.OWNER) or flow.owner_id == member.pk


def is_tried(flow: Workflow) -> bool:
    """Whether a run on trial can be made of it: of any that is not archived."""
    return flow.archived_at is None


def is_chat(flow: Workflow) -> bool:
    """Whether it is asked in conversations and makes no files."""
    return kinds.kind_made_by(flow.moment) == kinds.CHAT


def workflow_to_try(member: Membership, public_id: UUID | str) -> Workflow:
    """Raises Http404, PermissionDenied."""
    flow = access.workflow_named(member, public_id)
    if not may_try(member, flow):
        raise PermissionDenied
    if not is_tried(flow):
        raise Http404
    return flow


def newest_trial(flow: Workflow) -> TrialRun | None:
    related = (
        "generation__requested_by__user",
        "generation__api_key",
        "turn__conversation",
        "turn__member__user",
    )
    return flow.trial_runs.select_related(*related).first()


def trial_with(flow: Workflow, token: UUID) -> TrialRun | None:
    """What the form with this token has made already."""
    rows = flow.trial_runs.select_related("generation", "turn__conversation")
    return rows.filter(token=token).first()


def trial_of(generation: Generation) -> TrialRun | None:
    rows = TrialRun.objects.filter(generation=generation)
    return rows.select_related("workflow", "generation__requested_by__user").first()


def newest_questions(flows: Sequence[Workflow]) -> dict[int, datetime]:
    """When each workflow of conversations was last asked, by its key. One query, none without
    such a workflow."""
    asked = [flow.pk for flow in flows if is_chat(flow)]
    if not asked:
        return {}
    rows = Conversation.objects.filter(workflow__in=asked).order_by()
    return dict(rows.values_list("workflow").annotate(Max("asked_at")))


def newest_jobs(flows: Sequence[Workflow]) -> dict[int, Generation]:
    """The newest job of each workflow, on trial or not, by the workflow's key. Two queries."""
    theirs = Generation.objects.filter(
        workspace=OuterRef("workspace"), workflow=OuterRef("pk")
    ).order_by("-created_at", "-id")
    rows = Workflow.objects.filter(pk__in=[flow.pk for flow in flows]).order_by()
    newest = rows.values_list(Subquery(theirs.values("pk")[:1]), flat=True)
    jobs = Generation.objects.filter(pk__in=[key for key in newest if key])
    return {job.workflow_id: job for job in jobs}
