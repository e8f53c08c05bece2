"""What an owner decides about models: which a workflow may use, and which one it starts from."""

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db import transaction

from rivya_app.gateway import access, catalogue
from rivya_app.gateway.catalogue import Changes
from rivya_app.gateway.models import Workflow
from rivya_app.workspaces import audit
from rivya_app.workspaces.models import Membership, Role


class NotPermitted(Exception):
    """A decision that would leave a workflow without a model, or with one it may not use.

    `code` is "unknown" (not a model of this kind) or "unusable".
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def refresh(*, member: Membership) -> Changes:
    """Read Rivya's list now. Raises errors.RivyaError; the list as last read stays in use then."""
    _require_owner(member)
    return catalogue.refresh()


def permit(
    *, member: Membership, media_kind: str, model_ids: Iterable[str], start_from: str = ""
) -> Workflow:
    """Let a kind's workflow use these models alone, or without any every one Rivya offers.

    `start_from` is the model new briefs begin with; empty takes the cheapest. Raises NotPermitted.
    """
    _require_owner(member)
    known = {card.model_id for card in catalogue.models_for(media_kind)}
    allowed = sorted(set(model_ids))
    with transaction.atomic(durable=True):
        flow = _locked(member, media_kind)
        known.update(flow.allowed_model_ids)  # one that is gone may stay permitted
        if not known.issuperset(allowed):
            raise NotPermitted("unknown")
        flow.allowed_model_ids = allowed
        _start_from(flow, start_from)
        flow.save(update_fields=["allowed_model_ids", "default_model_id"])
        _note(member, flow)
    return flow


def start_from(*, member: Membership, media_kind: str, model_id: str) -> Workflow:
    """Let new briefs of a kind begin with this model. Raises NotPermitted."""
    _require_owner(member)
    with transaction.atomic(durable=True):
        flow = _locked(member, media_kind)
        _start_from(flow, model_id)
        flow.save(update_fields=["default_model_id"])
        _note(member, flow)
    return flow


def _start_from(flow: Workflow, model_id: str) -> None:
    if model_id and model_id != flow.default_model_id:
        card = access.model_of(flow, model_id)
        if card is None or not card.is_choosable:
            raise NotPermitted("unusable")
    is_allowed = not flow.allowed_model_ids or model_id in flow.allowed_model_ids
    if model_id and not is_allowed:
        raise NotPermitted("unusable")
    flow.default_model_id = model_id


def _locked(member: Membership, media_kind: str) -> Workflow:
    flow = access.workflow_for(member.workspace, media_kind)
    return Workflow.objects.select_for_update(of=("self",), no_key=True).get(pk=flow.pk)


def _note(member: Membership, flow: Workflow) -> None:
    facts = {name: getattr(flow, name) for name in ("default_model_id", "allowed_model_ids")}
    audit.note(flow.workspace, "workflow.changed", member=member, subject=str(flow), facts=facts)


def _require_owner(member: Membership) -> None:
    if not member.has_role(Role.OWNER):
        raise PermissionDenied
