import pytest
from django.http import Http404

from rivya_app.core.rows import found_or_404
from rivya_app.workspaces import access, actions
from rivya_app.workspaces.models import Campaign, Membership, Role
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


# --- Who works on which campaign --------------------------------------------------------------


@pytest.fixture
def open_to_all(workspace, stranger):
    Campaign.objects.create(workspace=stranger.workspace, name="Elsewhere")
    return Campaign.objects.create(workspace=workspace, name="Festive table")


@pytest.fixture
def narrowed(workspace, seller, manager):
    campaign = Campaign.objects.create(workspace=workspace, name="Kitchen")
    campaign.submitters.add(seller, make_member(workspace, Role.SELLER, email="b@team.example"))
    campaign.deciders.add(manager, make_member(workspace, Role.MANAGER, email="c@team.example"))
    return campaign


def test_a_campaign_that_names_nobody_is_open_to_everybody_of_the_role(
    open_to_all, seller, manager, owner, researcher, support
):
    for person in (seller, manager, owner, researcher):
        assert list(access.submits_to(person)) == [open_to_all]
    for person in (manager, owner):
        assert list(access.decides_in(person)) == [open_to_all]
    assert not access.submits_to(support).exists()
    for person in (seller, researcher, support):
        assert not access.decides_in(person).exists()


def test_a_campaign_that_names_people_is_theirs(narrowed, workspace, seller, manager, owner):
    other = make_member(workspace, Role.SELLER, email="other@team.example")
    assert list(access.submits_to(seller)) == [narrowed]
    assert not access.submits_to(other).exists()
    assert not access.submits_to(manager).exists()
    assert list(access.decides_in(manager)) == [narrowed]
    second = make_member(workspace, Role.MANAGER, email="second@team.example")
    assert not access.decides_in(second).exists()


def test_an_owner_may_always_submit_but_decides_only_where_they_are_named(narrowed, owner):
    assert list(access.submits_to(owner)) == [narrowed]
    assert not access.decides_in(owner).exists()


def test_being_named_gives_no_role(narrowed, seller):
    narrowed.deciders.add(seller)
    assert not access.decides_in(seller).exists()


def test_an_archived_campaign_takes_no_briefs_but_what_waits_is_decided(
    open_to_all, seller, manager, owner
):
    Campaign.objects.filter(pk=open_to_all.pk).update(is_archived=True)
    for person in (seller, owner):
        assert not access.submits_to(person).exists()
    assert list(access.decides_in(manager)) == [open_to_all]


def test_a_campaign_of_another_workspace_is_one_nobody_has(open_to_all, stranger, seller):
    assert access.campaign(seller, open_to_all.public_id, lock=True) == open_to_all
    with pytest.raises(Http404):
        access.campaign(stranger, open_to_all.public_id)
