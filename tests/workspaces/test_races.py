"""Two at once about the people of a workspace. Each race has a twin without its guard."""

import threading
from typing import Any

import pytest

from rivya_app.core.sealed import Secret
from rivya_app.workspaces import access, invitations, team
from rivya_app.workspaces.invitations import Newcomer
from rivya_app.workspaces.models import AuditEntry, Invitation, Membership, User
from tests.cast import PASSWORD, make_member
from tests.test_races import at_once
from tests.workspaces.inviting import EMAIL, invited

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def second(workspace):
    return make_member(workspace, "owner", name="Uma Second", email="uma@team.example")


def owners_left(workspace):
    return len(access.owners_of(workspace))


def each_removes_the_other(owner, second, heir):
    pairs = [(owner, second), (second, owner)]

    def act(number: int) -> Any:
        member, person = pairs[number]
        return team.remove(member=member, public_id=person.public_id, heir_id=heir.public_id)

    return at_once(2, act)


def test_of_two_owners_who_remove_each_other_one_stays(workspace, owner, second, manager):
    for _round in range(3):
        results = each_removes_the_other(owner, second, manager)
        assert owners_left(workspace) == 1
        refused = [one for one in results if isinstance(one, Exception)]
        assert [type(one) for one in refused] == [team.PermissionDenied]
        Membership.objects.update(is_active=True, ended_at=None, heir=None)


def test_of_two_owners_who_leave_at_once_one_stays(workspace, owner, second, manager):
    people = (owner, second)
    results = at_once(
        2, lambda number: team.leave(member=people[number], heir_id=manager.public_id)
    )
    assert owners_left(workspace) == 1
    assert [type(one) for one in results if isinstance(one, Exception)] == [team.LastOwner]


def test_none_would_stay_without_the_lock(workspace, owner, second, manager, monkeypatch):
    gate, look = threading.Barrier(2), team._require_another_owner

    def look_and_wait(person: Membership) -> None:
        look(person)
        gate.wait(timeout=10)

    monkeypatch.setattr(team, "lock_team", lambda _workspace: None)
    monkeypatch.setattr(team, "_require_another_owner", look_and_wait)
    each_removes_the_other(owner, second, manager)
    assert owners_left(workspace) == 0


def join(invitation: Invitation, name: str = "Nila") -> Membership:
    return invitations.accept_as_newcomer(
        token_hash=invitation.token_hash, newcomer=Newcomer(name, Secret(PASSWORD))
    )


def test_one_of_many_tabs_takes_the_place(owner):
    row = invited(owner)
    results = at_once(4, lambda number: join(row, f"Nila {number}"))
    assert len([one for one in results if isinstance(one, Membership)]) == 1
    assert Membership.objects.filter(user__email=EMAIL).count() == 1
    assert User.objects.filter(email=EMAIL).count() == 1
    assert AuditEntry.objects.filter(act="team.joined").count() == 1


def test_a_person_who_presses_join_twice_joins_once(owner, stranger):
    row = invited(owner, stranger.user.email)
    at_once(4, lambda _n: invitations.accept(token_hash=row.token_hash, user=stranger.user))
    assert Membership.objects.filter(user=stranger.user, workspace=owner.workspace).count() == 1
    assert AuditEntry.objects.filter(act="team.joined").count() == 1


def accepted_and_revoked(owner, stranger):
    row = invited(owner, stranger.user.email)
    acts = (
        lambda: invitations.accept(token_hash=row.token_hash, user=stranger.user),
        lambda: invitations.revoke(member=owner, public_id=row.public_id),
    )
    results = at_once(2, lambda number: acts[number]())
    row.refresh_from_db()
    return row, results


def test_taken_or_revoked_but_never_both(owner, stranger):
    for _round in range(4):
        row, results = accepted_and_revoked(owner, stranger)
        is_in = Membership.objects.filter(user=stranger.user, workspace=owner.workspace).exists()
        assert bool(row.accepted_at) == is_in
        assert bool(row.accepted_at) != bool(row.revoked_at)
        assert len([one for one in results if isinstance(one, Exception)]) == 1
        row.delete()
        Membership.objects.filter(user=stranger.user, workspace=owner.workspace).update(
            workspace=stranger.workspace, user=make_extra(stranger, _round)
        )


def make_extra(stranger: Membership, number: int) -> User:
    """Somebody else to own the row of a round that is over."""
    return User.objects.create_user(f"extra-{number}@team.example", name="Extra")


def test_it_would_be_both_without_the_row_lock(owner, stranger, monkeypatch):
    gate = threading.Barrier(2)

    def unlocked_hash(token_hash: str) -> Invitation | None:
        row = Invitation.objects.select_related("workspace").get(token_hash=token_hash)
        gate.wait(timeout=10)
        return row

    def unlocked(member: Membership, public_id: Any) -> Invitation:
        row = access.invitation(member, public_id)
        gate.wait(timeout=10)
        return row

    monkeypatch.setattr(invitations, "_locked_by_hash", unlocked_hash)
    monkeypatch.setattr(invitations, "_locked", unlocked)
    row, _results = accepted_and_revoked(owner, stranger)
    assert row.accepted_at
    assert row.revoked_at
