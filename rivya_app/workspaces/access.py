"""Who is a member of what, and who works on which campaign. The only module that reads memberships
and campaigns for other apps."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from rivya_app.core.rows import found_or_404
from rivya_app.workspaces.models import Campaign, Membership, Role, User, Workspace

MAY_SUBMIT = (Role.SELLER, Role.MANAGER, Role.OWNER)
MAY_DECIDE = (Role.MANAGER, Role.OWNER)


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


def people(workspace: Workspace, keys: Collection[int]) -> Sequence[Membership]:
    """Members by their keys, those who left too, with their users loaded, by name."""
    rows = Membership.objects.filter(workspace=workspace, pk__in=keys).select_related("user")
    return sorted(rows, key=str)


def owners_of(workspace: Workspace) -> Sequence[Membership]:
    """The people who may top up and hold keys."""
    return members_with(workspace, Role.OWNER)


def member_named(workspace: Workspace, email: str) -> Membership | None:
    """The active member with this address."""
    return _active().filter(workspace=workspace, user__email__iexact=email).first()


def members_at(domain: str) -> Sequence[Membership]:
    """Active members whose address is at `domain`, of any workspace."""
    return list(_active().filter(user__email__endswith=f"@{domain}"))


def campaigns(member: Membership) -> QuerySet[Campaign]:
    """Every campaign of the member's workspace, by name."""
    return Campaign.objects.filter(workspace=member.workspace_id)


def campaign(member: Membership, public_id: UUID | str, *, lock: bool = False) -> Campaign:
    """One campaign of the member's workspace, under its lock if asked. Raises Http404."""
    return found_or_404(campaigns(member), lock=lock, public_id=public_id)


def submits_to(member: Membership) -> QuerySet[Campaign]:
    """The campaigns that the member may make briefs for: not archived, and open to them.

    An owner is never shut out: whoever pays can always put right what stands still.
    """
    if not member.has_role(*MAY_SUBMIT):
        return Campaign.objects.none()
    found = campaigns(member).filter(is_archived=False)
    if member.has_role(Role.OWNER):
        return found
    return found.filter(_names(Campaign.submitters.through.objects.all(), member))


def decides_in(member: Membership) -> QuerySet[Campaign]:
    """The campaigns whose drafts the member may decide on, archived ones too: what was sent for
    review before still waits. An owner who is not named among the deciders does not decide."""
    if not member.has_role(*MAY_DECIDE):
        return Campaign.objects.none()
    return campaigns(member).filter(_names(Campaign.deciders.through.objects.all(), member))


def deciders_of(workspace: Workspace, campaign: Campaign | None) -> Sequence[Membership]:
    """The people whose decision a draft of this campaign waits for; without one, all who may."""
    everybody = members_with(workspace, *MAY_DECIDE)
    named = set(campaign.deciders.values_list("pk", flat=True)) if campaign else set()
    return [member for member in everybody if not named or member.pk in named]


def _names(people: QuerySet[Any], member: Membership) -> Q:
    """Campaigns that leave it to everybody, or name the member in `people`. Without a join, so
    that a row is found once and can be locked."""
    named = people.filter(campaign=OuterRef("pk"))
    return ~Exists(named) | Exists(named.filter(membership=member))
