"""One person in several workspaces."""

import pytest
from django.test import Client
from django.urls import reverse

from rivya_app.workspaces.models import Membership
from tests.shop import typed

pytestmark = pytest.mark.django_db
SWITCH = "/profile/switch/"


@pytest.fixture
def elsewhere(seller, stranger):
    """The seller's membership of the other house."""
    return Membership.objects.create(
        workspace=stranger.workspace, user=seller.user, roles=["owner"], seen_at=seller.seen_at
    )


def here(browser):
    return browser.get(reverse("home")).wsgi_request.member


def go(browser, member, **more):
    return browser.post(SWITCH, {"workspace": str(member.workspace.public_id)}, **more)


def test_the_menu_leads_to_the_others_and_says_where_one_is(client_of, seller, elsewhere):
    browser = client_of(seller)
    page = browser.get(reverse("home")).content.decode()
    assert f'name="workspace" value="{elsewhere.workspace.public_id}"' in page
    assert f'value="{seller.workspace.public_id}"' not in page
    assert go(browser, elsewhere).url == reverse("home")
    page = browser.get(reverse("home")).content.decode()
    assert "<span>Another House</span>" in page
    assert f'value="{seller.workspace.public_id}"' in page


def test_a_person_of_one_workspace_is_offered_no_other(client_of, seller):
    page = client_of(seller).get(reverse("home")).content.decode()
    assert SWITCH not in page


def test_nobody_switches_to_what_is_not_theirs(client_of, seller, stranger, elsewhere):
    browser = client_of(seller)
    elsewhere.is_active = False
    elsewhere.save()
    assert go(browser, elsewhere).status_code == 404
    assert browser.post(SWITCH, {"workspace": "nonsense"}).status_code == 404
    assert browser.post(SWITCH).status_code == 404
    assert browser.get(SWITCH).status_code == 405
    assert here(browser) == seller


def test_a_link_opens_its_own_workspace(client_of, seller, elsewhere):
    browser = client_of(seller)
    link = f"{reverse('team:index')}?workspace={elsewhere.workspace.public_id}&page=2"
    answer = browser.get(link)
    assert (answer.status_code, answer.url) == (302, f"{reverse('team:index')}?page=2")
    assert here(browser) == elsewhere
    back = browser.get(f"{reverse('home')}?workspace={seller.workspace.public_id}")
    assert back.url == reverse("home")
    assert here(browser) == seller


def test_a_link_to_a_workspace_of_others_opens_nothing(client_of, seller, stranger):
    browser = client_of(seller)
    link = f"{reverse('home')}?workspace={stranger.workspace.public_id}"
    assert browser.get(link).status_code == 200
    assert here(browser) == seller


def test_a_link_switches_nothing_by_post(client_of, seller, elsewhere):
    browser = client_of(seller)
    browser.post(f"{reverse('notices:mark-all-read')}?workspace={elsewhere.workspace.public_id}")
    assert here(browser) == seller


def test_the_link_survives_the_sign_in(client, seller, elsewhere):
    link = f"{reverse('team:index')}?workspace={elsewhere.workspace.public_id}"
    answer = client.get(link)
    assert answer.status_code == 302
    client.force_login(seller.user)
    from urllib.parse import parse_qs, urlsplit

    wanted = parse_qs(urlsplit(answer.url).query)["next"][0]
    assert client.get(wanted, follow=True).wsgi_request.member == elsewhere


def test_a_form_of_one_workspace_is_not_taken_in_another(seller, elsewhere, shop):
    """Nothing typed for one team is spent by the other: an earlier window's form is refused."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(seller.user)
    page = browser.get(reverse("briefs:new"))
    token = page.content.decode().partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]
    new = browser.get(reverse("home")).content.decode()
    fresh = new.partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]
    assert go(browser, elsewhere).status_code == 403  # without a token at all
    switched = browser.post(
        SWITCH,
        {"workspace": str(elsewhere.workspace.public_id), "csrfmiddlewaretoken": fresh},
    )
    assert switched.status_code == 302
    answer = browser.post(reverse("briefs:new"), {**typed(), "csrfmiddlewaretoken": token})
    assert answer.status_code == 403
    assert "This page was too old" in answer.content.decode()
    assert not elsewhere.workspace.briefs.exists()
