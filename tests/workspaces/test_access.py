import pytest
from django.http import Http404

from rivya_app.core.rows import found_or_404
from rivya_app.workspaces import access, actions
from rivya_app.workspaces.models import Membership, Role
from tests.cast import make_member

pytestmark = pytest.mark.django_db


def test_it_finds_the_owners_of_this_workspace(workspace, owner, manager, stranger):
    both = make_member(workspace, Role.SELLER, Role.OWNER)
    assert list(access.owners_of(workspace)) == [owner, both]
    assert list(access.members_with(workspace, "manager", "seller")) == [manager, both]


def test_it_leaves_out_people_who_were_switched_off(workspace, owner):
    other = make_member(workspace, Role.OWNER, email="other@team.example")
    other.is_active = False
    other.save()
    assert list(access.owners_of(workspace)) == [owner]
    owner.user.is_active = False
    owner.user.save()
    assert list(access.owners_of(workspace)) == []


def test_a_known_person_joins_a_second_workspace_with_the_account_they_have(seller, stranger):
    member = actions.add_member(
        workspace=stranger.workspace,
        email=seller.user.email.upper(),
        name="ignored",
        roles=[Role.SELLER],
    )
    assert member.user == seller.user
    with pytest.raises(actions.AlreadyMember):
        actions.add_member(
            workspace=stranger.workspace, email=seller.user.email, name="", roles=[Role.OWNER]
        )


def test_a_row_of_another_workspace_is_a_row_nobody_has(seller, stranger):
    mine = Membership.objects.filter(workspace=seller.workspace)
    assert found_or_404(mine, public_id=seller.public_id, lock=True) == seller
    for unknown in (stranger.public_id, "not-a-uuid", None):
        with pytest.raises(Http404):
            found_or_404(mine, public_id=unknown)
