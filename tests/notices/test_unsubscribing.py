import logging

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from rivya_app.core.redaction import HIDDEN, redact
from rivya_app.notices import unsubscribing, ways
from rivya_app.notices.models import Mail
from rivya_app.workspaces.models import Membership, User

pytestmark = pytest.mark.django_db

KIND = "review_asked"


def path(member, kind=""):
    return "/" + unsubscribing.url_of(member, kind).split("/", 3)[3]


def test_a_visit_stops_nothing(manager, client):
    page = client.get(path(manager, KIND))
    assert page.status_code == 200
    assert "Stop e-mail?" in page.content.decode()
    assert ways.of(manager)[KIND].mail == Mail.NOW
    assert client.head(path(manager)).status_code == 200
    assert ways.postbox_of(manager).wants_mail


def test_one_press_stops_one_kind(manager, client):
    page = client.post(path(manager, KIND), {"List-Unsubscribe": "One-Click"})
    assert page.status_code == 200
    assert "No more e-mail" in page.content.decode()
    assert ways.of(manager)[KIND].mail == Mail.NONE
    assert ways.of(manager)[KIND].browser  # that stays as it was
    assert ways.of(manager)["yes_answered"].mail == Mail.NOW
    assert client.post(path(manager, KIND)).status_code == 200


def test_one_press_stops_everything(manager, client):
    client.post(path(manager))
    assert not ways.postbox_of(manager).wants_mail
    assert "No more e-mail" in client.get(path(manager, KIND)).content.decode()


def test_a_mail_program_needs_no_cookie_and_no_token_of_a_form(manager):
    machine = Client(enforce_csrf_checks=True)
    assert machine.post(path(manager), {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not ways.postbox_of(manager).wants_mail


def test_it_stops_nobody_elses(manager, seller, client):
    client.post(path(manager))
    assert ways.postbox_of(seller).wants_mail


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_forged_address_does_not_exist(manager, client, method):
    good = unsubscribing.url_of(manager).rsplit("/", 2)[-2]
    other_salt = signing.dumps([str(manager.public_id), ""], salt="something else")
    nobody = signing.dumps(["6f1c0f1e-0000-4000-8000-000000000000", ""], salt=unsubscribing._SALT)
    odd_kind = signing.dumps([str(manager.public_id), "nonsense"], salt=unsubscribing._SALT)
    odd_shape = signing.dumps("words", salt=unsubscribing._SALT)
    odd_id = signing.dumps(["words", ""], salt=unsubscribing._SALT)
    forged = (good[:-2] + "xx", "made-up", other_salt, nobody, odd_kind, odd_shape, odd_id)
    for token in forged:
        answer = getattr(client, method)(reverse("notices:unsubscribe", args=[token]))
        assert answer.status_code == 404, token
    assert ways.postbox_of(manager).wants_mail


def test_it_works_for_whoever_left_and_speaks_their_language(manager, client):
    Membership.objects.filter(pk=manager.pk).update(is_active=False)
    User.objects.filter(pk=manager.user_id).update(language="hi")
    page = client.post(path(manager))
    assert page.status_code == 200
    assert 'lang="hi"' in page.content.decode()


def test_the_address_is_in_no_log(manager, client, caplog):
    caplog.set_level(logging.DEBUG)
    address = unsubscribing.url_of(manager)
    assert redact(f"GET {address} 200").endswith(f"/unsubscribe/{HIDDEN}/ 200")
    token = address.rsplit("/", 2)[-2]
    assert token not in redact(f"{address} and {path(manager)}")
