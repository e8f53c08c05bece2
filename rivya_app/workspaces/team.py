"""What owners do about the people of a workspace, and how somebody leaves it.

Under the workspace's lock, so that whoever is the last owner is known for certain.
"""

from collections.abc import Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F

from rivya_app.core import clock
from rivya_app.workspaces import access, audit, campaigns, leaving
from rivya_app.workspaces.models import Membership, Role, User, Workspace


class LastOwner(Exception):
    """A workspace must keep an owner, and this is the only one."""


class NoHeir(Exception):
    """Nobody was named who could go on with the work."""


@transaction.atomic(durable=True)
def change_roles(*, member: Membership, public_id: UUID | str, roles: Sequence[str]) -> Membership:
    """Raises Http404, PermissionDenied, LastOwner; ValueError for no role or an unknown one."""
    lock_team(member.workspace)
    _require_owner(member)
    person = access.colleague(member, public_id, lock=True)
    wanted = _in_order(roles)
    if wanted == person.roles:
        return person
    if Role.OWNER not in wanted:
        _require_another_owner(person)
    before, person.roles = person.roles, wanted
    person.save(update_fields=["roles"])
    facts = {"before": ", ".join(before), "after": ", ".join(wanted)}
    audit.note(
        person.workspace, "team.roles_changed", member=member, subject=str(person), facts=facts
    )
    return person


@transaction.atomic(durable=True)
def remove(*, member: Membership, public_id: UUID | str, heir_id: UUID | str) -> Membership:
    """Take somebody out of the team; `heir_id` goes on with what they had open.

    Every session of theirs ends. Raises Http404, PermissionDenied (also for oneself), LastOwner,
    NoHeir.
    """
    lock_team(member.workspace)
    _require_owner(member)
    person = access.colleague(member, public_id, lock=True)
    if person.pk == member.pk:
        raise PermissionDenied
    return _end(person, heir_id, by=member, act="team.removed")


@transaction.atomic(durable=True)
def leave(*, member: Membership, heir_id: UUID | str) -> Membership:
    """Leave the team oneself, likewise. Raises Http404, LastOwner, NoHeir."""
    lock_team(member.workspace)
    person = access.colleague(member, member.public_id, lock=True)
    return _end(person, heir_id, by=person, act="team.left")


def lock_team(workspace: Workspace) -> None:
    """One change of who is in at a time. Rows that refer to the workspace are not held up."""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)


def _end(person: Membership, heir_id: UUID | str, *, by: Membership, act: str) -> Membership:
    _require_another_owner(person)
    heir = access.heirs_for(person).filter(public_id=heir_id).first()
    if heir is None:
        raise NoHeir
    person.is_active, person.ended_at, person.heir = False, clock.now(), heir
    person.save(update_fields=["is_active", "ended_at", "heir"])
    Membership.objects.filter(heir=person).update(heir=heir)
    end_sessions(person.user)
    taken = campaigns.without(person, heir=heir, by=by)
    leaving.hand_on(leaving.Departure(person, heir, taken))
    audit.note(person.workspace, act, member=by, subject=str(person), facts={"goes_on": str(heir)})
    return person


def end_sessions(user: User) -> None:
    """Sign the person out everywhere, at their next request."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)


def _in_order(roles: Sequence[str]) -> list[str]:
    wanted = [str(role) for role in Role if role in roles]
    if not wanted or len(wanted) != len(set(roles)):
        raise ValueError("At least one role, and only those that there are.")
    return wanted


def _require_owner(member: Membership) -> None:
    """Asked again under the lock: two owners may remove each other at once."""
    if (
        not access.team(member.workspace)
        .filter(pk=member.pk, roles__contains=[Role.OWNER])
        .exists()
    ):
        raise PermissionDenied


def _require_another_owner(person: Membership) -> None:
    if not person.has_role(Role.OWNER):
        return
    if not [one for one in access.owners_of(person.workspace) if one.pk != person.pk]:
        raise LastOwner(str(person))
