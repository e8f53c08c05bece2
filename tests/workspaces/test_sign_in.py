import re

import pytest
from django.contrib.auth import get_user
from django.contrib.auth.hashers import get_hasher, identify_hasher
from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from django.utils import translation

from rivya_app.core import postman
from rivya_app.core.models import Letter
from rivya_app.workspaces import actions, demo
from rivya_app.workspaces.models import User
from rivya_app.workspaces.sign_in import password_link
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def nobody_tried_before():
    cache.clear()


def sign_in(client, email, password=PASSWORD, **more):
    return client.post(LOGIN, {"login": email, "password": password, **more})


def test_it_lets_a_person_in_by_e_mail_in_any_case(client, seller):
    answer = sign_in(client, seller.user.email.upper(), next="/profile/")
    assert answer.status_code == 302
    assert answer.url == "/profile/"
    assert get_user(client) == seller.user


def test_it_refuses_a_wrong_password_and_an_unknown_person_alike(client, seller):
    wrong = sign_in(client, seller.user.email, "not the pass phrase")
    unknown = sign_in(client, "nobody@team.example", "not the pass phrase")
    assert not get_user(client).is_authenticated
    assert wrong.context["form"].errors == unknown.context["form"].errors != {}


def test_it_does_not_let_in_a_person_who_was_switched_off(client, seller):
    seller.user.is_active = False
    seller.user.save()
    sign_in(client, seller.user.email)
    assert not get_user(client).is_authenticated


def test_it_slows_down_guessing(client, seller):
    for _ in range(5):
        sign_in(client, seller.user.email, "not the pass phrase")
    sign_in(client, seller.user.email)
    assert not get_user(client).is_authenticated
    cache.clear()
    sign_in(client, seller.user.email)
    assert get_user(client).is_authenticated


def test_it_does_not_lead_elsewhere_after_signing_in(client, seller):
    answer = sign_in(client, seller.user.email, next="https://elsewhere.example/")
    assert answer.url == reverse("home")


def test_it_keeps_passwords_with_argon2(settings):
    from rivya_app import settings as product

    settings.PASSWORD_HASHERS = product.PASSWORD_HASHERS
    user = User.objects.create_user("argon@team.example", PASSWORD, name="A")
    assert identify_hasher(user.password).algorithm == get_hasher("argon2").algorithm == "argon2"


def test_signing_out_needs_a_press(client_of, seller):
    browser = client_of(seller)
    assert browser.get(reverse("account_logout")).status_code == 200
    assert get_user(browser).is_authenticated
    browser.post(reverse("account_logout"))
    assert not get_user(browser).is_authenticated


def test_a_forgotten_password_is_set_anew_by_mail(client, seller):
    client.post(reverse("account_reset_password"), {"email": seller.user.email})
    assert mail.outbox == []  # the page waits for no mail server
    postman.send_due()
    (letter,) = mail.outbox
    link = re.search(r"https?://testserver(\S+)", letter.body)
    assert link
    set_password(client, link[1], "another long pass phrase")
    sign_in(client, seller.user.email, "another long pass phrase")
    assert get_user(client).is_authenticated


def set_password(client, path, password):
    form = client.get(path, follow=True)
    return client.post(form.request["PATH_INFO"], {"password1": password, "password2": password})


def test_the_mail_speaks_the_readers_language(client, seller, monkeypatch):
    from allauth.account.adapter import DefaultAccountAdapter

    spoken = []
    monkeypatch.setattr(
        DefaultAccountAdapter, "send_mail", lambda *_: spoken.append(translation.get_language())
    )
    User.objects.filter(pk=seller.user.pk).update(language="hi")
    client.post(reverse("account_reset_password"), {"email": seller.user.email})
    assert spoken == ["hi"]


def test_a_strangers_address_gets_no_mail_and_the_same_answer(client, seller):
    known = client.post(reverse("account_reset_password"), {"email": seller.user.email})
    assert Letter.objects.count() == 1
    unknown = client.post(reverse("account_reset_password"), {"email": "x@elsewhere.example"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert Letter.objects.count() == 1


def test_the_password_link_of_a_new_owner_works_once(client, settings):
    _workspace, owner = actions.create_workspace(
        name="New House", owner_email="New@House.example", owner_name="Nila"
    )
    link = password_link(owner.user)
    assert link.startswith(settings.SITE_URL)
    path = link.removeprefix(settings.SITE_URL)
    set_password(client, path, PASSWORD)
    sign_in(client, "new@house.example")
    assert get_user(client).is_authenticated
    client.logout()
    assert "token_fail" in client.get(path, follow=True).context


def test_two_step_sign_in_asks_for_the_second_step(client_of, client, seller):
    from allauth.mfa.totp.internal import auth

    secret = auth.generate_totp_secret()
    auth.TOTP.activate(seller.user, secret)
    answer = sign_in(client, seller.user.email)
    assert answer.url == reverse("mfa_authenticate")
    assert not get_user(client).is_authenticated
    code = auth.format_hotp_value(
        auth.hotp_value(secret, next(auth.yield_hotp_counters_from_time()))
    )
    assert client.get(answer.url).status_code == 200
    client.post(answer.url, {"code": code})
    assert get_user(client).is_authenticated


@pytest.fixture
def demo_seller(workspace):
    return demo.make_people(workspace)["seller"]


def press(client, email, **more):
    return client.post(reverse("demo-sign-in"), {"email": email, **more})


def test_the_demo_lets_its_people_in_by_a_press(client, demo_seller, settings):
    settings.DEMO = True
    assert demo.entrances()[0].role_word == "Seller"
    assert press(client, demo_seller.user.email, next="/profile/").url == "/profile/"
    assert get_user(client) == demo_seller.user


def test_the_demo_lets_nobody_else_in(client, demo_seller, seller, settings):
    settings.DEMO = True
    assert press(client, seller.user.email).status_code == 404
    assert press(client, "").status_code == 404
    assert press(client, demo_seller.user.email, next="//elsewhere.example").url == reverse("home")


def test_there_is_no_demo_outside_the_demo(client, demo_seller):
    assert demo.entrances() == []
    assert press(client, demo_seller.user.email).status_code == 404
    sign_in(client, demo_seller.user.email, demo.PASSWORD)
    assert not get_user(client).is_authenticated


def test_a_demo_person_signs_in_by_password_in_the_demo(client, demo_seller, settings):
    settings.DEMO = True
    sign_in(client, demo_seller.user.email, demo.PASSWORD)
    assert get_user(client) == demo_seller.user


def test_making_the_demos_people_again_changes_nothing(workspace, demo_seller):
    assert demo.make_people(workspace)["seller"] == demo_seller
