import time

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from rivya_app.core import guard
from rivya_app.core.checks import routes, views_name_their_policy
from rivya_app.core.guard import Policy, members, policy_of, public
from tests.cast import PASSWORD, make_member

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]


def test_it_refuses_a_view_that_names_no_policy(client_of, owner, settings, caplog):
    settings.STRICT_GUARD = False
    response = client_of(owner).get("/t/forgotten/")
    assert response.status_code == 403
    assert "without an access policy" in caplog.text


def test_it_raises_for_such_a_view_where_programmers_look(client_of, owner):
    with pytest.raises(ImproperlyConfigured, match="forgotten says nowhere who may use it"):
        client_of(owner).get("/t/forgotten/")


def test_it_lists_such_views_before_the_server_starts():
    assert [error.id for error in views_name_their_policy()] == ["access.E001"]
    assert "forgotten" in views_name_their_policy()[0].msg


@pytest.mark.urls("rivya_app.urls")
def test_it_finds_a_policy_on_every_view_of_the_product():
    assert views_name_their_policy() == []
    assert len(list(routes())) > 20


def test_it_opens_a_public_page_to_anybody(client_of, stranger):
    assert client_of(None).get("/t/open/").content == b"open"
    assert client_of(stranger).get("/t/open/").content == b"open"


@pytest.mark.parametrize("path", ["own", "team", "deciders", "staff"])
def test_it_sends_the_anonymous_to_sign_in_and_back(client_of, path):
    response = client_of(None).get(f"/t/{path}/?a=1")
    assert response.status_code == 302
    assert response.url == f"{reverse('account_login')}?next=/t/{path}/%3Fa%3D1"


def test_it_lets_each_role_through_where_it_is_named(client_of, owner, manager, seller):
    assert client_of(owner).get("/t/deciders/").status_code == 200
    assert client_of(manager).get("/t/deciders/").status_code == 200
    assert client_of(seller).get("/t/deciders/").status_code == 403


def test_it_lets_every_member_through_where_no_role_is_named(client_of, researcher):
    assert client_of(researcher).get("/t/team/").content == b"member Kabir Researcher"


def test_it_says_so_to_a_person_without_a_workspace(client_of, seller):
    seller.is_active = False
    seller.save()
    response = client_of(seller).get("/t/team/")
    assert response.status_code == 403
    assert "not a member of a workspace" in response.content.decode()
    assert client_of(seller).get("/t/own/").status_code == 200


def test_it_gives_members_of_staff_no_way_into_a_workspace(client_of, seller):
    seller.user.is_staff = seller.user.is_superuser = True
    seller.user.save()
    assert client_of(seller).get("/t/deciders/").status_code == 403
    assert client_of(seller).get("/t/staff/").status_code == 200


def test_it_keeps_staff_pages_for_staff_outside_the_demo(client_of, owner, settings):
    assert client_of(owner).get("/t/staff/").status_code == 403
    settings.DEMO = True
    assert client_of(owner).get("/t/staff/").status_code == 200
    assert client_of(None).get("/t/staff/").status_code == 200


def test_it_forgets_a_person_who_was_switched_off(client_of, owner):
    browser = client_of(owner)
    assert browser.get("/t/team/").status_code == 200
    owner.user.is_active = False
    owner.user.save()
    assert browser.get("/t/team/").status_code == 302


def test_it_enters_the_workspace_the_session_names(client_of, seller, stranger):
    second = make_member(stranger.workspace, "seller", name="Asha elsewhere", email="x@x.example")
    second.user = seller.user
    second.save()
    browser = client_of(seller)
    assert browser.get("/t/team/").wsgi_request.member == seller
    session = browser.session
    session["workspace"] = str(stranger.workspace.public_id)
    session.save()
    assert browser.get("/t/team/").wsgi_request.member == second
    second.is_active = False
    second.save()
    assert browser.get("/t/team/").wsgi_request.member == seller


def test_it_does_not_take_two_policies_for_one_view():
    with pytest.raises(ImproperlyConfigured):
        members("owner")(public(lambda request: None))


def test_it_gives_no_policy_to_foreign_views_that_are_not_listed():
    assert policy_of(Client.get, "account_signup") is None
    assert policy_of(Client.get, "account_login") is not None


def test_it_gives_a_view_of_ours_no_policy_for_bearing_a_listed_name():
    assert policy_of(Policy.__init__, "account_login") is None


@pytest.mark.urls("rivya_app.urls")
@pytest.mark.parametrize("name", ["account_signup", "account_email", "account_set_password"])
def test_it_leads_nowhere_where_sign_up_would_be(client_of, owner, name):
    for person in (None, owner):
        assert client_of(person).get(reverse(name)).status_code == 404
        assert client_of(person).post(reverse(name), {"email": "a@b.example"}).status_code == 404


async def _team_page(browser):
    return await browser.get("/t/team/")


@pytest.mark.django_db(transaction=True)
def test_it_holds_under_asgi_too(async_client, seller):
    from asgiref.sync import async_to_sync

    assert async_to_sync(_team_page)(async_client).status_code == 302
    async_client.force_login(seller.user)
    assert async_to_sync(_team_page)(async_client).content == b"member Asha Seller"


# --- Acts that ask for a recent sign-in -----------------------------------------------------------

VAULT = "/t/vault/"


def signed_in_ago(browser, seconds):
    """The same sign-in, so many seconds older."""
    session = browser.session
    records = session["account_authentication_methods"]
    session["account_authentication_methods"] = [
        {**record, "at": time.time() - seconds} for record in records
    ]
    session.save()
    return browser


def test_a_recent_sign_in_goes_through(client_of, owner):
    browser = client_of(owner)
    assert browser.get(VAULT).content == b"GET "
    assert browser.post(VAULT, {"secret": "typed"}).content == b"POST typed"
    signed_in_ago(browser, guard.CONFIRMED_FOR - 60)
    assert browser.get(VAULT).status_code == 200


def test_an_old_one_gives_the_password_first_and_comes_back(client_of, owner):
    browser = signed_in_ago(client_of(owner), guard.CONFIRMED_FOR + 1)
    answer = browser.get(VAULT)
    asks = reverse("account_reauthenticate")
    assert (answer.status_code, answer.url) == (302, f"{asks}?next={VAULT}")
    assert browser.get(answer.url).status_code == 200
    wrong = browser.post(asks, {"password": "not the pass phrase", "next": VAULT})
    assert wrong.status_code == 200
    assert browser.get(VAULT).status_code == 302
    back = browser.post(asks, {"password": PASSWORD, "next": VAULT})
    assert (back.status_code, back.url) == (302, VAULT)
    assert browser.get(VAULT).content == b"GET "


def test_nothing_that_was_posted_meanwhile_is_kept(client_of, owner):
    browser = signed_in_ago(client_of(owner), guard.CONFIRMED_FOR + 1)
    answer = browser.post(f"{VAULT}?also=this", {"secret": "rvya_sk_typed_in_a_form"})
    assert answer.url.endswith(f"next={VAULT}")
    assert "rvya_sk_typed_in_a_form" not in repr(dict(browser.session))
    back = browser.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": VAULT})
    assert (back.status_code, back.url) == (302, VAULT)  # by GET, and empty
    assert browser.get(back.url).content == b"GET "


def test_without_a_note_of_any_sign_in_it_asks_too(client, owner):
    client.force_login(owner.user)
    assert client.get(VAULT).status_code == 302


def test_a_recent_sign_in_opens_nothing_to_other_roles(client_of, manager):
    assert client_of(manager).get(VAULT).status_code == 403


def test_an_old_sign_in_would_go_through_without_the_look_at_it(client_of, owner, monkeypatch):
    monkeypatch.setattr(guard, "_was_confirmed", lambda _request: True)
    browser = signed_in_ago(client_of(owner), guard.CONFIRMED_FOR + 1)
    assert browser.post(VAULT, {"secret": "typed"}).content == b"POST typed"
