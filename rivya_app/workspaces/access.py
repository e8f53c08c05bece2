"""Who is a member of what, and who works on which campaign. The only module that reads memberships
and campaigns for other apps."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from rivya_app.core.rows import found_or_404
from rivya_app.workspaces.models import (
    Campaign,
    Invitation,
    Membership,
    Role,
    User,
    Workspace,
)

MAY_SUBMIT = (Role.SELLER, Role.MANAGER, Role.OWNER, Role.RESEARCHER)
MAY_DECIDE = (Role.MANAGER, Role.OWNER)


def _active() -> QuerySet[Membership]:
    found = Membership.objects.filter(is_active=True, user__is_active=True)
    return found.select_related("user", "workspace").order_by("id")


def memberships_of(user: User) -> list[Membership]:
    """The user's active memberships, oldest first, with their workspaces loaded."""
    return list(_active().filter(user=user))


def membership_in(mine: Sequence[Membership], workspace_id: str | None) -> Membership | None:
    """The one of `mine` that is in the workspace with this public id."""
    return next((one for one in mine if str(one.workspace.public_id) == workspace_id), None)


def team(workspace: Workspace) -> QuerySet[Membership]:
    """Everybody who is in the workspace now, oldest first, with their users loaded."""
    return _active().filter(workspace=workspace)


def colleague(member: Membership, public_id: UUID | str, *, lock: bool = False) -> Membership:
    """Somebody who is in the member's workspace now, the member too. Raises Http404."""
    return found_or_404(team(member.workspace), lock=lock, public_id=public_id)


def heirs_for(leaver: Membership) -> QuerySet[Membership]:
    """Those who could go on with somebody's work: who is there and may ask for drafts."""
    others = team(leaver.workspace).exclude(pk=leaver.pk)
    return others.filter(roles__overlap=list(MAY_SUBMIT))


def hearers(members: Iterable[Membership]) -> list[Membership]:
    """Each of them who is there, and for those who left whoever goes on with their work."""
    rows = list(members)
    gone = [row.pk for row in rows if not row.is_active]
    heirs = _active().in_bulk([row.heir_id for row in rows if row.pk in gone and row.heir_id])
    here = [row if row.is_active else heirs.get(row.heir_id or 0) for row in rows]
    return list({one.pk: one for one in here if one is not None}.values())


def invitations(member: Membership) -> QuerySet[Invitation]:
    """Those of the member's workspace that are neither taken nor revoked; some may be over."""
    rows = Invitation.objects.filter(workspace=member.workspace_id)
    return rows.filter(accepted_at=None, revoked_at=None).select_related("invited_by__user")


def invitation(member: Membership, public_id: UUID | str, *, lock: bool = False) -> Invitation:
    """One of the member's workspace, whatever became of it. Raises Http404."""
    rows = Invitation.objects.filter(workspace=member.workspace_id).select_related("workspace")
    return found_or_404(rows, lock=lock, public_id=public_id)


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


def everybody(member: Membership) -> QuerySet[Membership]:
    """Whoever is or was a member of the member's workspace, for what was done and spent there."""
    rows = Membership.objects.filter(workspace=member.workspace_id)
    return rows.select_related("user").order_by("id")


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
