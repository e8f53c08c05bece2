"""Who is in, with which roles, and what becomes of those who leave."""

from decimal import Decimal

import pytest
from django.contrib.auth import get_user
from django.urls import reverse

from rivya_app.briefs import access as briefs
from rivya_app.notices import actions as notices
from rivya_app.notices.access import notices_of
from rivya_app.workspaces import access, campaigns, leaving, team
from rivya_app.workspaces.models import AuditEntry, CampaignChange, Membership
from tests.campaigns.making import made
from tests.cast import PASSWORD, make_member
from tests.workspaces.inviting import invited

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(workspace):
    return make_member(workspace, "owner", name="Uma Second", email="uma@team.example")


def removed(owner, person, heir=None):
    return team.remove(member=owner, public_id=person.public_id, heir_id=(heir or owner).public_id)


# --- The page -------------------------------------------------------------------------------------


def test_every_member_sees_who_is_in_and_owners_more(client_of, owner, seller, stranger):
    invited(owner)
    page = client_of(seller).get(reverse("team:index")).content.decode()
    assert "Vikram Owner" in page
    assert "Account owner" in page
    for hidden in ("nila@new.example", owner.user.email, "Change roles", str(stranger)):
        assert hidden not in page
    page = client_of(owner).get(reverse("team:index")).content.decode()
    assert "nila@new.example" in page
    assert seller.user.email in page
    assert reverse("team:remove", args=[seller.public_id]) in page
    assert reverse("team:remove", args=[owner.public_id]) not in page
    assert str(stranger) not in page


def test_it_asks_the_database_as_often_for_many_as_for_few(
    client_of, owner, workspace, django_assert_max_num_queries, django_assert_num_queries
):
    browser = client_of(owner)
    invited(owner)
    browser.get(reverse("team:index"))
    with django_assert_max_num_queries(12) as few:
        browser.get(reverse("team:index"))
    for number in range(5):
        make_member(workspace, "seller", email=f"{number}@team.example")
        invited(owner, f"{number}@new.example")
    with django_assert_num_queries(len(few)):
        browser.get(reverse("team:index"))


def test_it_says_when_somebody_was_last_here(client_of, owner, seller):
    Membership.objects.update(seen_at=None)
    client_of(seller).get(reverse("home"))
    seller.refresh_from_db()
    first = seller.seen_at
    assert first
    client_of(seller).get(reverse("home"))
    seller.refresh_from_db()
    assert seller.seen_at == first


# --- Roles ----------------------------------------------------------------------------------------


def change(browser, person, *roles):
    return browser.post(
        reverse("team:change-roles", args=[person.public_id]), {"roles": list(roles)}
    )


def test_an_owner_changes_roles_and_it_holds_at_once(client_of, owner, seller):
    browser = client_of(seller)
    assert browser.get(reverse("team:audit")).status_code == 403
    assert change(client_of(owner), seller, "support", "seller").status_code == 302
    seller.refresh_from_db()
    assert seller.roles == ["seller", "support"]
    assert browser.get(reverse("team:audit")).status_code == 200
    entry = AuditEntry.objects.get(act="team.roles_changed")
    assert (entry.by, entry.subject) == ("Vikram Owner", "Asha Seller")
    assert entry.facts == {"before": "seller", "after": "seller, support"}


def test_a_change_that_changes_nothing_is_not_noted(client_of, owner, seller):
    change(client_of(owner), seller, "seller")
    assert not AuditEntry.objects.filter(act="team.roles_changed").exists()


def test_the_last_owner_keeps_the_role(client_of, owner, second):
    browser = client_of(owner)
    assert change(browser, second, "seller").status_code == 302
    answer = change(browser, owner, "manager")
    assert answer.status_code == 422
    assert "only owner" in answer.content.decode()
    owner.refresh_from_db()
    assert owner.roles == ["owner"]


def test_a_role_that_is_none_changes_nothing(client_of, owner, seller):
    assert change(client_of(owner), seller).status_code == 422
    assert change(client_of(owner), seller, "emperor").status_code == 422
    with pytest.raises(ValueError, match="At least one"):
        team.change_roles(member=owner, public_id=seller.public_id, roles=["emperor"])


def test_nobody_else_changes_roles(client_of, manager, support, seller, stranger):
    for person in (manager, support):
        assert change(client_of(person), seller, "owner").status_code == 403
        with pytest.raises(team.PermissionDenied):
            team.change_roles(member=person, public_id=seller.public_id, roles=["owner"])
    assert change(client_of(stranger), seller, "owner").status_code == 404
    assert seller.roles == ["seller"]


@pytest.mark.parametrize("name", ["team:change-roles", "team:remove"])
def test_an_old_sign_in_is_asked_for_the_password_first(client, owner, seller, name):
    client.force_login(owner.user)
    answer = client.get(reverse(name, args=[seller.public_id]))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_reauthenticate"))


# --- Leaving --------------------------------------------------------------------------------------


def test_whoever_is_removed_is_signed_out_at_once(client_of, owner, seller):
    browser = client_of(seller)
    assert browser.get(reverse("home")).status_code == 200
    address = reverse("team:remove", args=[seller.public_id])
    answer = client_of(owner).post(address, {"heir": str(owner.public_id)})
    assert answer.status_code == 302
    seller.refresh_from_db()
    assert (seller.is_active, bool(seller.ended_at), seller.heir) == (False, True, owner)
    answer = browser.get(reverse("home"))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))
    assert not get_user(browser).is_authenticated


def test_they_would_stay_signed_in_without_the_raised_number(
    client_of, owner, seller, stranger, monkeypatch
):
    monkeypatch.setattr(team, "end_sessions", lambda _user: None)
    browser = client_of(seller)
    removed(owner, seller)
    assert browser.get(reverse("workspaces:profile")).status_code == 200
    assert get_user(browser).is_authenticated


def test_a_person_who_is_elsewhere_too_signs_in_again_and_goes_on_there(
    client_of, client, owner, seller, stranger
):
    elsewhere = Membership.objects.create(
        workspace=stranger.workspace, user=seller.user, roles=["seller"]
    )
    browser = client_of(seller)
    removed(owner, seller)
    assert browser.get(reverse("home")).status_code == 302
    client.post(reverse("account_login"), {"login": seller.user.email, "password": PASSWORD})
    assert client.get(reverse("home")).wsgi_request.member == elsewhere


def test_one_is_removed_only_with_somebody_who_goes_on(client_of, owner, seller, support, stranger):
    for heir in ("", support.public_id, seller.public_id, stranger.public_id):
        address = reverse("team:remove", args=[seller.public_id])
        assert client_of(owner).post(address, {"heir": str(heir)}).status_code == 422
    with pytest.raises(team.NoHeir):
        removed(owner, seller, support)
    seller.refresh_from_db()
    assert seller.is_active


def test_the_last_owner_neither_leaves_nor_removes_themself(client_of, owner, manager):
    answer = client_of(owner).post(reverse("team:leave"), {"heir": str(manager.public_id)})
    assert answer.status_code == 422
    assert "only owner" in answer.content.decode()
    address = reverse("team:remove", args=[owner.public_id])
    assert client_of(owner).post(address, {"heir": str(manager.public_id)}).status_code == 403
    owner.refresh_from_db()
    assert owner.is_active


def test_a_member_leaves_and_is_signed_out(client_of, owner, seller):
    browser = client_of(seller)
    assert browser.get(reverse("team:leave")).status_code == 200
    answer = browser.post(reverse("team:leave"), {"heir": str(owner.public_id)}, follow=True)
    assert "You left Asha Crafts" in answer.content.decode()
    assert not get_user(browser).is_authenticated
    seller.refresh_from_db()
    assert not seller.is_active
    entry = AuditEntry.objects.get(act="team.left")
    assert (entry.by, entry.facts) == ("Asha Seller", {"goes_on": "Vikram Owner"})


def test_a_member_removes_nobody(client_of, manager, seller, stranger):
    address = reverse("team:remove", args=[seller.public_id])
    assert client_of(manager).post(address).status_code == 403
    assert client_of(stranger).post(address).status_code == 404
    with pytest.raises(team.PermissionDenied):
        removed(manager, seller)


# --- What was theirs ------------------------------------------------------------------------------


def test_open_briefs_go_to_the_heir_who_is_told(shop, owner, seller, manager, client_of):
    brief = shop.submit(seller)
    removed(owner, seller, manager)
    brief.refresh_from_db()
    assert (brief.created_by, brief.handed_to, brief.keeper) == (seller, manager, manager)
    told = notices_of(manager).get(kind="handed_on")
    assert told.facts == {"name": "Asha Seller", "count": 1}
    page = client_of(manager).get(f"{reverse('briefs:index')}?mine=1").content.decode()
    assert brief.product in page


def test_running_jobs_end_and_the_heir_hears_of_it(shop, owner, seller, manager):
    brief = shop.submit(seller)
    removed(owner, seller, manager)
    job = shop.finish(brief)
    assert job.status == "succeeded"
    assert notices_of(manager).filter(kind="result_ready").count() == 1
    assert not notices_of(seller).filter(kind="result_ready").exists()
    held = job.workspace.credit_account
    assert held.held == Decimal(0)


def test_it_is_the_heirs_turn_where_it_was_theirs(shop, owner, seller, manager, client_of):
    brief = shop.submit(seller)
    shop.finish(brief)
    removed(owner, seller, manager)
    page = client_of(manager).get(reverse("briefs:show-brief", args=[brief.public_id]))
    assert "your turn" in page.content.decode()


def test_a_second_leaving_hands_on_what_was_handed_on(shop, owner, seller, manager):
    brief = shop.submit(seller)
    removed(owner, seller, manager)
    removed(owner, manager)
    brief.refresh_from_db()
    seller.refresh_from_db()
    assert (brief.keeper, seller.heir) == (owner, owner)
    assert list(briefs.briefs(owner).filter(briefs.kept_by(owner))) == [brief]


def test_what_is_told_to_somebody_gone_is_told_to_the_heir_once(owner, seller, manager):
    from django.db import transaction

    removed(owner, seller, manager)
    seller.refresh_from_db()
    with transaction.atomic():
        notices.tell([seller, manager], kind="job_failed", facts={}, link="/", event_key="x")
    assert notices_of(manager).filter(event_key="x").count() == 1
    assert not notices_of(seller).exists()


def test_campaigns_drop_the_leaver_and_never_open_to_everybody(owner, seller, manager):
    mine = made(owner, name="Diwali", submitters=(seller,), deciders=(manager,))
    both = made(owner, name="Holi", submitters=(seller, manager), deciders=(manager, owner))
    removed(owner, manager, seller)
    assert list(mine.deciders.all()) == [owner]  # the heir's role does not reach
    assert (list(both.deciders.all()), list(both.submitters.all())) == ([owner], [seller])
    removed(owner, seller)
    assert list(mine.submitters.all()) == [owner]
    change = CampaignChange.objects.filter(campaign=mine).first()
    assert change.facts["submitters"] == [["Asha Seller"], ["Vikram Owner"]]


def test_reviews_that_waited_for_them_alone_are_told(shop, owner, seller, manager, workspace):
    from tests import reviewing

    other = make_member(workspace, "manager", name="Nanda Next", email="nanda@team.example")
    campaign = made(owner, deciders=(manager,))
    review = reviewing.asked(shop, seller, campaign=campaign)
    assert not notices_of(other).exists()
    removed(owner, manager, other)
    assert notices_of(other).get(kind="review_asked").link.endswith(f"{review.public_id}/")
    assert access.deciders_of(workspace, campaign) == [other]


def test_a_room_hands_on_under_one_name_once():
    with pytest.raises(leaving.ImproperlyConfigured):
        leaving.register("briefs", lambda _departure: None)
    assert campaigns.without
