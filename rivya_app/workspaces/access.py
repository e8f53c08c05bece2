"""Who is a member of what. The only module that reads memberships for other apps."""

from collections.abc import Sequence

from django.db.models import QuerySet

from rivya_app.workspaces.models import Membership, Role, User, Workspace


def _active() -> QuerySet[Membership]:
    found = Membership.objects.filter(is_active=True, user__is_active=True)
    return found.select_related("user", "workspace").order_by("id")


def member_for(user: User, workspace_id: str | None) -> Membership | None:
    """The user's active membership of the workspace with this public id, else their first one."""
    mine = list(_active().filter(user=user))
    for member in mine:
        if str(member.workspace.public_id) == workspace_id:
            return member
    return mine[0] if mine else None


def members_with(workspace: Workspace, *roles: str) -> Sequence[Membership]:
    """Active members holding at least one of `roles`, oldest first, with their users loaded."""
    return list(_active().filter(workspace=workspace, roles__overlap=list(roles)))


def owners_of(workspace: Workspace) -> Sequence[Membership]:
    """The people who may top up and hold keys."""
    return members_with(workspace, Role.OWNER)


def member_named(workspace: Workspace, email: str) -> Membership | None:
    """The active member with this address."""
    return _active().filter(workspace=workspace, user__email__iexact=email).first()


def members_at(domain: str) -> Sequence[Membership]:
    """Active members whose address is at `domain`, of any workspace."""
    return list(_active().filter(user__email__endswith=f"@{domain}"))
