"""Who may reach a rule of the gate, or an ask: the owners; of their own asks, the askers."""

from uuid import UUID

from django.db.models import QuerySet

from rivya_app.core.rows import found_or_404
from rivya_app.credits.models import Ask, GateRule
from rivya_app.workspaces.models import Membership, Role


def rules(member: Membership) -> QuerySet[GateRule]:
    """Every rule of the member's workspace, in use or ended."""
    found = GateRule.objects.filter(workspace=member.workspace_id)
    return found.select_related("campaign", "created_by__user")


def rule(member: Membership, public_id: UUID | str, *, lock: bool = False) -> GateRule:
    """One rule of the member's workspace, under its lock if asked. Raises Http404."""
    return found_or_404(rules(member), lock=lock, public_id=public_id)


def asks(member: Membership) -> QuerySet[Ask]:
    """Every ask of the member's workspace, newest first."""
    related = ("workspace", "rule__campaign", "asked_by__user", "answered_by__user", "campaign")
    return Ask.objects.filter(workspace=member.workspace_id).select_related(*related)


def ask(member: Membership, public_id: UUID | str, *, lock: bool = False) -> Ask:
    """One ask of the member's workspace, under its lock if asked. Raises Http404."""
    return _one(member, public_id, lock=lock)


def own_ask(member: Membership, public_id: UUID | str, *, lock: bool = False) -> Ask:
    """The same, for who asked. Raises Http404."""
    return _one(member, public_id, lock=lock, asked_by=member)


def _one(member: Membership, public_id: UUID | str, *, lock: bool, **whose: Membership) -> Ask:
    rows = asks(member)
    if lock:  # who waited for the row would be given the answerer that was joined before
        rows = rows.select_related(None).select_related("workspace", "asked_by__user")
    return found_or_404(rows, lock=lock, public_id=public_id, **whose)


def pending_count(member: Membership) -> int:
    """How many asks wait for this member's answer: an owner's. One query that may stop early."""
    if not member.has_role(Role.OWNER):
        return 0
    waiting = Ask.objects.filter(workspace=member.workspace_id, state=Ask.State.PENDING)
    return waiting[:100].count()
