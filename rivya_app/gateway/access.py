"""Who may reach keys and workflows: members of their workspace; secrets are shown to nobody."""

from uuid import UUID

from django.db.models import QuerySet

from rivya_app.core.rows import found_or_404
from rivya_app.gateway import catalogue
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.workspaces.models import Membership, Workspace


def keys_of(member: Membership) -> QuerySet[ApiKey]:
    """The workspace's keys, those in use first; their secrets stay sealed until they are used."""
    rows = ApiKey.objects.filter(workspace=member.workspace_id).defer("secret")
    return rows.select_related("created_by__user").order_by("state", "purpose", "-created_at")


def key(member: Membership, public_id: UUID | str, *, lock: bool = False) -> ApiKey:
    """One key of the member's workspace, under its lock if asked. Raises Http404."""
    return found_or_404(keys_of(member), lock=lock, public_id=public_id)


def acting_key(paying: ApiKey) -> ApiKey:
    """The key that can speak for a job of `paying` now: itself, or where Rivya or an owner ended
    it, the newest one in use of the same workspace and environment. One workspace is one Rivya
    account, so that key reaches the same tasks and the same idempotency keys."""
    if paying.state == ApiKey.State.ACTIVE:
        return paying
    others = ApiKey.objects.filter(
        workspace=paying.workspace_id, environment=paying.environment, state=ApiKey.State.ACTIVE
    )
    return others.order_by("-created_at").first() or paying


def workflow(workspace: Workspace, moment: str) -> Workflow:
    """The workspace's record for a product moment, made on first use."""
    rows = Workflow.objects.select_related("workspace", "api_key")
    found = rows.filter(workspace=workspace, moment=moment).first()
    if found is None:
        Workflow.objects.get_or_create(workspace=workspace, moment=moment)
        found = rows.get(workspace=workspace, moment=moment)
    return found


def starting_model(workspace: Workspace, moment: str = Workflow.Moment.LISTING_IMAGES) -> str:
    """The model a new brief starts from: the workflow's while it can be chosen, else the usual."""
    chosen = catalogue.find(workflow(workspace, moment).default_model_id)
    return chosen.model_id if chosen and chosen.is_choosable else catalogue.default_model_id()
