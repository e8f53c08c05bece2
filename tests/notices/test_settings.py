from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from rivya_app.core import clock, letters
from rivya_app.core.models import Letter
from rivya_app.notices import ways
from rivya_app.notices.models import Mail, NoticeChoice

pytestmark = pytest.mark.django_db

SETTINGS = reverse("notices:settings")


def typed(browser, **changes):
    """What the form of the page would send, with some of it changed."""
    form = browser.get(SETTINGS).context["form"]
    fields = {name: form[name].value() for name in form.fields}
    sent = {name: "on" if value is True else value for name, value in fields.items()}
    sent |= changes
    return {name: value for name, value in sent.items() if value is not False}


def test_what_needs_somebody_is_mailed_at_once_from_the_beginning(manager, owner, seller):
    assert ways.of(manager)["review_asked"] == ways.Choice(Mail.NOW, browser=True)
    assert ways.of(owner)["yes_asked"].mail == Mail.NOW
    assert ways.of(owner)["low_credits"].mail == Mail.NOW
    assert ways.of(owner)["key_trouble"].mail == Mail.NOW
    assert ways.of(owner)["threshold"].mail == Mail.NOW
    assert ways.of(seller)["result_ready"].mail == Mail.NONE
    assert ways.of(seller)["job_failed"].mail == Mail.DIGEST


def test_it_depends_on_the_role_who_is_in_a_hurry(seller, support):
    assert ways.of(seller)["needs_look"].mail == Mail.DIGEST
    assert ways.of(support)["needs_look"].mail == Mail.NOW


def test_it_shows_the_kinds_of_ones_roles(client_of, researcher, owner):
    theirs = client_of(researcher).get(SETTINGS).content.decode()
    assert "A result is ready" in theirs
    assert "A decision is needed" not in theirs
    assert "A key is not accepted" in client_of(owner).get(SETTINGS).content.decode()


def test_it_keeps_what_was_chosen(client_of, manager):
    browser = client_of(manager)
    sent = typed(
        browser, **{"mail-review_asked": "digest", "browser-review_asked": False, "digest_hour": 17}
    )
    assert browser.post(SETTINGS, sent).url == SETTINGS
    assert ways.of(manager)["review_asked"] == ways.Choice(Mail.DIGEST, browser=False)
    assert ways.postbox_of(manager).digest_hour == 17
    form = browser.get(SETTINGS).context["form"]
    assert form["mail-review_asked"].value() == "digest"
    assert form["digest_hour"].value() == 17


def test_only_what_differs_is_written(client_of, manager):
    browser = client_of(manager)
    browser.post(SETTINGS, typed(browser, **{"mail-review_asked": "none"}))
    assert [row.kind for row in NoticeChoice.objects.filter(member=manager)] == ["review_asked"]
    browser.post(SETTINGS, typed(browser, **{"mail-review_asked": "now"}))
    assert not NoticeChoice.objects.filter(member=manager).exists()


def test_mail_can_be_turned_off_and_on_as_a_whole(client_of, manager):
    browser = client_of(manager)
    browser.post(SETTINGS, typed(browser, wants_mail=False))
    assert not ways.postbox_of(manager).wants_mail
    assert ways.of(manager)["review_asked"].mail == Mail.NOW
    browser.post(SETTINGS, typed(browser, wants_mail="on"))
    assert ways.postbox_of(manager).wants_mail


def test_it_refuses_what_it_did_not_offer_and_keeps_what_was_typed(client_of, manager):
    browser = client_of(manager)
    sent = typed(browser, **{"mail-review_asked": "often", "mail-yes_answered": "none"})
    answer = browser.post(SETTINGS, sent)
    assert answer.status_code == 422
    assert answer.context["form"]["mail-yes_answered"].value() == "none"
    assert not NoticeChoice.objects.exists()
    assert browser.post(SETTINGS, typed(browser, digest_hour=24)).status_code == 422


def test_a_kind_that_is_not_of_ones_table_is_not_written(client_of, researcher):
    browser = client_of(researcher)
    browser.post(SETTINGS, typed(browser, **{"mail-key_trouble": "none"}))
    assert not NoticeChoice.objects.exists()


def test_it_changes_nobody_elses(client_of, manager, seller):
    browser = client_of(manager)
    browser.post(SETTINGS, typed(browser, **{"mail-job_failed": "none"}))
    assert ways.of(seller)["job_failed"].mail == Mail.DIGEST


def test_an_owner_hears_that_letters_do_not_leave(client_of, owner, seller):
    words = "E-mail from this server is not getting through"
    assert words not in client_of(owner).get(SETTINGS).content.decode()
    with transaction.atomic():
        for number in range(3):
            letters.write(key=f"{number}", to="somebody@x.example", subject="Names", text="")
    now = clock.now()
    Letter.objects.update(state="given_up", settled_at=now, next_try_at=None, text="", html="")
    page = client_of(owner).get(SETTINGS).content.decode()
    assert words in page
    assert "3 letters of the last 7 days could not be sent." in page
    assert "somebody@x.example" not in page
    assert words not in client_of(seller).get(SETTINGS).content.decode()
    with clock.at(now + timedelta(days=8)):
        assert words not in client_of(owner).get(SETTINGS).content.decode()
