"""The rules of the owner's gate: what may not start without a yes. Alone writes them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from rivya_app.core import clock
from rivya_app.credits import gate_access
from rivya_app.credits.models import GateRule
from rivya_app.workspaces import audit
from rivya_app.workspaces.models import Campaign, Membership, Role, Workspace


@dataclass(frozen=True, slots=True)
class WantedRule:
    """A rule as an owner typed it. None and empty conditions hold for everything."""

    above: Decimal | None
    roles: Sequence[str]
    campaign: Campaign | None
    model_ids: Sequence[str]
    valid_hours: int


@transaction.atomic(durable=True)
def add_rule(*, member: Membership, wanted: WantedRule) -> GateRule:
    """Have such spending wait for an owner's yes from now on; one that is there already is found.

    Raises PermissionDenied.
    """
    require_owner(member)
    facts: dict[str, Any] = {
        "above": wanted.above,
        "roles": sorted(wanted.roles),
        "campaign": wanted.campaign,
        "model_ids": sorted(wanted.model_ids),
        "valid_hours": wanted.valid_hours,
    }
    # Under the workspace's row, so that a double press makes one.
    Workspace.objects.select_for_update().get(pk=member.workspace_id)
    same = GateRule.objects.filter(workspace=member.workspace, ended_at=None, **facts).first()
    if same is not None:
        return same
    rule = GateRule.objects.create(workspace=member.workspace, created_by=member, **facts)
    note(member, "gate.rule_added", str(rule), rule)
    return rule


@transaction.atomic(durable=True)
def end_rule(*, member: Membership, public_id: UUID | str) -> GateRule:
    """Let such spending start again without a yes. What was asked stays until it is answered.

    Raises Http404, PermissionDenied.
    """
    require_owner(member)
    rule = gate_access.rule(member, public_id, lock=True)
    if rule.ended_at is None:
        rule.ended_at = clock.now()
        rule.save(update_fields=["ended_at"])
        note(member, "gate.rule_ended", str(rule), rule)
    return rule


def stands_in_the_way(
    member: Membership, amount: Decimal, campaign: Campaign | None, model_ids: Iterable[str]
) -> GateRule | None:
    """The first rule that wants an owner's yes before `member` spends `amount` credits so.

    Every condition that a rule sets must hold. Owners are never asked. One query.
    """
    return first_of(rules_over(member), member, amount, campaign, model_ids)


def rules_over(member: Membership) -> list[GateRule]:
    """The rules that could stand in the member's way, oldest first; none for an owner."""
    if member.has_role(Role.OWNER):
        return []
    return list(GateRule.objects.filter(workspace=member.workspace_id, ended_at=None))


def first_of(
    rules: Iterable[GateRule],
    member: Membership,
    amount: Decimal,
    campaign: Campaign | None,
    model_ids: Iterable[str],
) -> GateRule | None:
    """As `stands_in_the_way`, of rules that were read already."""
    models = set(model_ids)
    holding = (rule for rule in rules if _holds(rule, member, amount, campaign, models))
    return next(holding, None)


def _holds(
    rule: GateRule,
    member: Membership,
    amount: Decimal,
    campaign: Campaign | None,
    models: Collection[str],
) -> bool:
    return (
        (rule.above is None or amount > rule.above)
        and (not rule.roles or member.has_role(*rule.roles))
        and (rule.campaign_id is None or (campaign is not None and campaign.pk == rule.campaign_id))
        and (not rule.model_ids or not set(models).isdisjoint(rule.model_ids))
    )


def note(member: Membership, act: str, subject: str, rule: GateRule, **facts: str) -> None:
    known = {"rule": str(rule), **facts}
    audit.note(member.workspace, act, member=member, subject=subject, facts=known)


def require_owner(member: Membership) -> None:
    if not member.has_role(Role.OWNER):
        raise PermissionDenied
