"""What an owner does with workflows. Of each moment exactly one stays the main one."""

from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID, uuid5

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404

from rivya_app.core import clock
from rivya_app.gateway import access
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.workspaces import audit
from rivya_app.workspaces.models import Membership, Role


class IsMain(Exception):
    """The main workflow of a moment is not archived: another one has to become the main one."""


class IsArchived(Exception):
    """An archived workflow cannot be the main one."""


@dataclass(frozen=True, slots=True)
class WantedWorkflow:
    """A workflow as typed and checked by the form."""

    moment: str
    name: str = ""
    sentence: str = ""
    default_model_id: str = ""
    allowed_model_ids: list[str] = field(default_factory=list)
    reference: str = Workflow.Reference.OPTIONAL
    reference_kinds: list[str] = field(default_factory=list)
    completion: str = Workflow.Completion.POLLING
    api_key: ApiKey | None = None
    owner: Membership | None = None
    at_low_credits: str = Workflow.AtLowCredits.WAIT
    is_streamed: bool = True  # of conversations


_NAMES = [one.name for one in fields(WantedWorkflow) if one.name != "moment"]


@transaction.atomic(durable=True)
def make_workflow(*, member: Membership, wanted: WantedWorkflow, form_token: UUID) -> Workflow:
    """One more workflow of a moment; the same form sent again finds the first one's."""
    _require_owner(member)
    access.workflow(member.workspace, wanted.moment)  # so that there is a main one beside it
    values = {name: getattr(wanted, name) for name in _NAMES}
    flow, is_new = Workflow.objects.get_or_create(
        workspace=member.workspace,
        public_id=id_of(member, form_token),
        defaults={**values, "moment": wanted.moment, "is_main": False, "created_by": member},
    )
    if is_new:
        _note(member, "workflow.added", flow, _facts(flow))
    return flow


def id_of(member: Membership, form_token: UUID) -> UUID:
    """Who the workflow of one form is or will be."""
    return uuid5(member.workspace.public_id, f"workflow:{form_token}")


@transaction.atomic(durable=True)
def change_workflow(
    *, member: Membership, public_id: UUID | str, wanted: WantedWorkflow
) -> Workflow:
    """Everything but its moment. Raises Http404."""
    _require_owner(member)
    flow, _others = _locked(member, public_id)
    before = _facts(flow)
    for name in _NAMES:
        setattr(flow, name, getattr(wanted, name))
    changed = {name: value for name, value in _facts(flow).items() if before[name] != value}
    if changed:
        flow.changed_at = clock.now()
        flow.save(update_fields=[*_NAMES, "changed_at"])
        _note(member, "workflow.changed", flow, changed)
    return flow


@transaction.atomic(durable=True)
def make_main(*, member: Membership, public_id: UUID | str) -> Workflow:
    """Let this one serve where none is chosen. Raises Http404, IsArchived."""
    _require_owner(member)
    flow, others = _locked(member, public_id)
    if flow.archived_at:
        raise IsArchived
    if flow.is_main:
        return flow
    for other in others:
        if other.is_main:
            _set_main(other, is_main=False)
    _set_main(flow, is_main=True)
    _note(member, "workflow.made_main", flow)
    return flow


@transaction.atomic(durable=True)
def archive_workflow(*, member: Membership, public_id: UUID | str) -> Workflow:
    """Put it away: it takes no new briefs, and what runs goes on. Raises Http404, IsMain."""
    _require_owner(member)
    flow, _others = _locked(member, public_id)
    if flow.is_main:
        raise IsMain
    return flow if flow.archived_at else _set_archived(member, flow, "workflow.archived")


@transaction.atomic(durable=True)
def unarchive_workflow(*, member: Membership, public_id: UUID | str) -> Workflow:
    """Take it into use again, beside the main one. Raises Http404."""
    _require_owner(member)
    flow, _others = _locked(member, public_id)
    return _set_archived(member, flow, "workflow.unarchived") if flow.archived_at else flow


def _locked(member: Membership, public_id: UUID | str) -> tuple[Workflow, list[Workflow]]:
    """The workflow and the others of its moment, all under their locks, taken in one order.

    Weaker than FOR UPDATE: a job that names a workflow may be recorded meanwhile.
    """
    moment = access.workflow_named(member, public_id).moment
    rows = Workflow.objects.filter(workspace=member.workspace_id, moment=moment)
    locked = list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
    flow = next((one for one in locked if str(one.public_id) == str(public_id)), None)
    if flow is None:
        raise Http404
    return flow, [one for one in locked if one.pk != flow.pk]


def _set_main(flow: Workflow, *, is_main: bool) -> None:
    flow.is_main, flow.changed_at = is_main, clock.now()
    flow.save(update_fields=["is_main", "changed_at"])


def _set_archived(member: Membership, flow: Workflow, act: str) -> Workflow:
    flow.archived_at = None if flow.archived_at else clock.now()
    flow.changed_at = clock.now()
    flow.save(update_fields=["archived_at", "changed_at"])
    _note(member, act, flow)
    return flow


def _facts(flow: Workflow) -> dict[str, Any]:
    """As an audit keeps them: plain words and numbers, no secret."""
    values = {name: getattr(flow, name) for name in _NAMES}
    key = flow.api_key.purpose if flow.api_key else ""
    return {**values, "api_key": key, "owner": str(flow.owner or "")}


def _note(
    member: Membership, act: str, flow: Workflow, facts: dict[str, Any] | None = None
) -> None:
    audit.note(member.workspace, act, member=member, subject=str(flow), facts=facts)


def _require_owner(member: Membership) -> None:
    if not member.has_role(Role.OWNER):
        raise PermissionDenied
