"""Who may reach keys and workflows, and which models a workflow may use.

Members of their workspace reach both; secrets are shown to nobody.
"""

from dataclasses import replace
from uuid import UUID

from django.db.models import QuerySet

from rivya_app.core.rows import found_or_404
from rivya_app.gateway import catalogue, kinds
from rivya_app.gateway.cards import ModelCard
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.gateway.webhook_models import InboxEvent, WebhookEndpoint
from rivya_app.workspaces.models import Membership, Workspace


def keys_of(member: Membership) -> QuerySet[ApiKey]:
    """The workspace's keys, those in use first; their secrets stay sealed until they are used."""
    rows = ApiKey.objects.filter(workspace=member.workspace_id).defer("secret")
    return rows.select_related("created_by__user").order_by("state", "purpose", "-created_at")


def key(member: Membership, public_id: UUID | str, *, lock: bool = False) -> ApiKey:
    """One key of the member's workspace, under its lock if asked. Raises Http404."""
    return found_or_404(keys_of(member), lock=lock, public_id=public_id)


def acting_key(paying: ApiKey) -> ApiKey:
    """The key that can ask about what was sent with `paying`: itself while its secret holds (one
    that was replaced ends what it began), then its successor, then the newest one in use of the
    same workspace and environment. One workspace is one Rivya account, so that key reaches the
    same tasks and the same idempotency keys."""
    is_kept = paying.state == ApiKey.State.REPLACED and paying.forgotten_at is None
    if is_kept or paying.state == ApiKey.State.ACTIVE:
        return paying
    heir = successor_of(paying)
    return heir if heir.state == ApiKey.State.ACTIVE else _newest_beside(paying) or paying


def sending_key(paying: ApiKey, *, is_uncertain: bool) -> ApiKey | None:
    """The key that may send what `paying` pays for; None: it waits until there is one.

    What may have arrived already goes with the same secret while there is one, because nobody
    promised that an idempotency key means the same under another. A key that Rivya refuses makes
    its work wait: another purpose's key is not for it. The work of a retired one goes over, as its
    owner wanted.
    """
    if is_uncertain and paying.state == ApiKey.State.REPLACED and paying.forgotten_at is None:
        return paying
    heir = successor_of(paying)
    if heir.state == ApiKey.State.RETIRED:
        return _newest_beside(heir)
    return heir if heir.state == ApiKey.State.ACTIVE else None


def successor_of(key: ApiKey) -> ApiKey:
    """The key that stands under the same purpose now: itself, or the last that replaced it."""
    while key.replaced_by is not None:
        key = key.replaced_by
    return key


def line_of(key: ApiKey) -> list[int]:
    """The key and every other that stood or stands under the same purpose, the newest first, as
    row keys."""
    rows = ApiKey.objects.filter(line=key.line).order_by("-pk")
    return list(rows.values_list("pk", flat=True))


def _newest_beside(key: ApiKey) -> ApiKey | None:
    others = ApiKey.objects.filter(
        workspace=key.workspace_id, environment=key.environment, state=ApiKey.State.ACTIVE
    )
    return others.order_by("-created_at").first()


def webhook_endpoints(member: Membership) -> QuerySet[WebhookEndpoint]:
    """The workspace's endpoints but for removed ones; their secrets stay sealed until used."""
    rows = WebhookEndpoint.objects.filter(workspace=member.workspace_id)
    current = rows.exclude(state=WebhookEndpoint.State.REMOVED)
    return current.select_related("api_key", "created_by__user", "workspace")


def webhook_endpoint(
    member: Membership, public_id: UUID | str, *, lock: bool = False
) -> WebhookEndpoint:
    """One endpoint of the member's workspace, under its lock if asked. Raises Http404."""
    return found_or_404(webhook_endpoints(member), lock=lock, public_id=public_id)


def webhook_keys(member: Membership) -> list[ApiKey]:
    """The newest key in use of each environment, which can speak for its endpoints."""
    keys = ApiKey.objects.filter(workspace=member.workspace_id, state=ApiKey.State.ACTIVE)
    return list(keys.order_by("environment", "-created_at").distinct("environment"))


def inbox_of(member: Membership) -> QuerySet[InboxEvent]:
    """What came to the workspace's endpoints, newest first, without the bodies."""
    rows = InboxEvent.objects.filter(workspace=member.workspace_id).defer("body")
    return rows.select_related("endpoint")


def workflows(member: Membership) -> QuerySet[Workflow]:
    """Every workflow of the member's workspace, archived ones too, the main one of a moment first.

    The secrets of their keys stay sealed until they are used.
    """
    rows = Workflow.objects.filter(workspace=member.workspace_id).defer("api_key__secret")
    return rows.select_related("workspace", "api_key", "owner__user")


def workflow_named(member: Membership, public_id: UUID | str) -> Workflow:
    """One workflow of the member's workspace. Raises Http404."""
    return found_or_404(workflows(member), public_id=public_id)


def workflows_making(workspace: Workspace, media_kind: str) -> list[Workflow]:
    """Every workflow in use that makes `media_kind`; the one that serves where none is chosen
    first. Raises KeyError for another kind."""
    usual = workflow_for(workspace, media_kind)
    moments = [moment for moment in Workflow.Moment if kinds.kind_made_by(moment) == media_kind]
    rows = Workflow.objects.filter(workspace=workspace, moment__in=moments, archived_at=None)
    others = rows.exclude(pk=usual.pk).select_related("workspace", "api_key")
    return [usual, *others.order_by("-is_main", "name", "id")]


def workflow(workspace: Workspace, moment: str) -> Workflow:
    """The workspace's main record for a product moment, made on first use with a working key."""
    from rivya_app.gateway import workflow_shipped  # which asks here for models

    rows = Workflow.objects.filter(is_main=True).select_related("workspace", "api_key")
    found = rows.filter(workspace=workspace, moment=moment).first()
    if found is None:
        workflow_shipped.make(workspace, moment)
        found = rows.get(workspace=workspace, moment=moment)
    return found


def workflow_for(workspace: Workspace, media_kind: str) -> Workflow:
    """The workflow that makes `media_kind`: image, video or audio. Raises KeyError for another."""
    return workflow(workspace, kinds.MOMENTS[media_kind])


def models_of(flow: Workflow) -> list[ModelCard]:
    """Every model of the workflow's kind, those that may be chosen first, then cheaper first."""
    kind = kinds.kind_made_by(flow.moment)
    return catalogue.ranked(as_used_by(flow, card) for card in catalogue.models_for(kind))


def model_of(flow: Workflow, model_id: str) -> ModelCard | None:
    """One model as this workflow may use it, gone or not; None where it was never listed."""
    card = catalogue.find(model_id)
    return None if card is None else as_used_by(flow, card)


def nearest_of(flow: Workflow, model_id: str) -> ModelCard | None:
    """What to take in the workflow instead of a model it can no longer use."""
    return catalogue.nearest(model_id, models_of(flow))


def starting_model(workspace: Workspace, media_kind: str = kinds.IMAGE) -> str:
    """The model a new brief starts from: the workflow's while it can be chosen, else the usual."""
    return first_choice(workflow_for(workspace, media_kind))


def first_choice(flow: Workflow) -> str:
    """The workflow's own default while it can be chosen, else the cheapest it may use, or ""."""
    chosen = model_of(flow, flow.default_model_id)
    if chosen and chosen.is_choosable:
        return chosen.model_id
    return next((card.model_id for card in models_of(flow) if card.is_choosable), "")


def as_used_by(flow: Workflow, card: ModelCard) -> ModelCard:
    """The card of a model as this workflow may use it."""
    allowed = flow.allowed_model_ids
    return replace(
        card,
        wanted_kind=kinds.kind_made_by(flow.moment),
        is_permitted=not allowed or card.model_id in allowed,
        reference=flow.reference,
        reference_kinds=tuple(flow.reference_kinds),
    )
