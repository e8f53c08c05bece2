"""Who is a member of what. The only module that reads memberships for other apps."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from rivya_app.workspaces.models import Membership, Role, User, Workspace


def _active() -> QuerySet[Membership]:
    return Membership.objects.filter(is_active=True, user__is_active=True)


def member_for(user: User, workspace_id: str | None) -> Membership | None:
    """The user's active membership of the workspace with this public id, else their first one."""
    mine = list(_active().filter(user=user).select_related("workspace", "user").order_by("id"))
    for member in mine:
        if str(member.workspace.public_id) == workspace_id:
            return member
    return mine[0] if mine else None


def memberships_of(user: User) -> QuerySet[Membership]:
    """Every workspace this person may enter."""
    return _active().filter(user=user).select_related("workspace").order_by("id")


def members_with(workspace: Workspace, *roles: str) -> Sequence[Membership]:
    """Active members holding at least one of `roles`, oldest first, with their users loaded."""
    found = _active().filter(workspace=workspace, roles__overlap=list(roles))
    return list(found.select_related("user", "workspace").order_by("id"))


def owners_of(workspace: Workspace) -> Sequence[Membership]:
    """The people who may top up and hold keys."""
    return members_with(workspace, Role.OWNER)


def membership(workspace: Workspace, public_id: UUID) -> Membership | None:
    """A member of this workspace by public id, active or not."""
    found = Membership.objects.filter(workspace=workspace, public_id=public_id)
    return found.select_related("user").first()
