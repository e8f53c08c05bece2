import logging
import smtplib
import threading
import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import QuerySet

from rivya_app.core import clock, letters, postman
from rivya_app.core.models import Letter
from tests.test_races import at_once

pytestmark = pytest.mark.django_db

State = Letter.State
LINK = "https://shop.example/join/a-token-that-lets-somebody-in/"


@pytest.fixture(autouse=True)
def free_turn():
    cache.delete(postman.TURN)
    yield
    cache.delete(postman.TURN)


def write(number=1, to="asha@team.example", **more):
    with transaction.atomic():
        fields = {
            "subject": "Come in",
            "text": f"Here: {LINK}",
            "html": f'<a href="{LINK}">Here</a>',
        }
        letters.write(key=f"test:{number}", to=to, **(fields | more))
    return Letter.objects.get(key=f"test:{number}")


def send(after=timedelta(0)):
    cache.delete(postman.TURN)  # as if the rest were over
    with clock.at(clock.now() + after):
        postman.send_due()


def seen(letter):
    letter.refresh_from_db()
    return letter


def test_it_sends_what_was_written_and_wipes_it(mail_server):
    stop = f"<https://workspace.shop.example/notifications/unsubscribe/{'token:1x_y-' * 16}/>"
    subject = "“पीतल का दीया” को आपके फ़ैसले का इंतज़ार है। " + "बहुत लंबा शीर्षक " * 6
    letter = write(subject=subject, headers={"List-Unsubscribe": stop})
    send()
    (got,) = mail_server.letters
    assert (got["To"], got["Subject"].strip()) == ("asha@team.example", subject.strip())
    assert LINK in got.get_body(("plain",)).get_content()
    assert LINK in got.get_body(("html",)).get_content()
    assert stop in mail_server.raw[0].decode()  # on one line and as it is, for mail programs
    assert got["Auto-Submitted"] == "auto-generated"
    assert seen(letter).state == State.SENT
    assert not letter.text
    assert not letter.html
    with connection.cursor() as cursor:
        cursor.execute("SELECT text || html FROM core_letter")
        assert cursor.fetchone() == ("",)


def test_it_sends_a_letter_once(mail_server):
    write()
    send()
    send(after=timedelta(days=3))
    assert len(mail_server.letters) == 1


def test_it_writes_a_key_once():
    write(subject="First")
    with transaction.atomic():
        assert not letters.write(key="test:1", to="x@team.example", subject="Again", text="")
    assert Letter.objects.get().subject == "First"


@pytest.mark.django_db(transaction=True)
def test_it_writes_nothing_outside_a_transaction():
    with pytest.raises(transaction.TransactionManagementError):
        letters.write(key="alone", to="x@team.example", subject="", text="")


@pytest.mark.django_db(transaction=True)
def test_it_publishes_on_commit_alone(monkeypatch):
    from rivya_app.core import tasks

    published = []
    monkeypatch.setattr(tasks.send_letters, "apply_async", lambda **_how: published.append(1))
    with transaction.atomic():
        letters.write(key="a", to="x@team.example", subject="", text="")
        assert published == []
    assert published == [1]
    with transaction.atomic():
        letters.write(key="b", to="x@team.example", subject="", text="")
        transaction.set_rollback(True)
    assert published == [1]


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_gone_does_not_undo_what_happened(monkeypatch):
    from rivya_app.core import tasks

    def gone(**_how):
        raise ConnectionError("broker")

    monkeypatch.setattr(tasks.send_letters, "apply_async", gone)
    write()
    assert Letter.objects.get().state == State.WAITING


def test_it_tries_again_later_where_the_server_is_gone(mail_server, settings):
    settings.EMAIL_PORT = 1  # nobody listens
    letter = write()
    send()
    assert (seen(letter).state, letter.try_count) == (State.WAITING, 1)
    assert letter.trouble == "ConnectionRefusedError"
    assert letter.text.reveal().endswith(LINK)
    settings.EMAIL_PORT = 1
    send()  # not due yet
    assert seen(letter).try_count == 1


def test_it_leaves_a_dead_server_alone_after_the_first_letter(mail_server):
    mail_server.is_silent = True
    for number in range(4):
        write(number)
    postman.send_due()
    postman.send_due()  # the rest is not over
    assert mail_server.calls == 1
    assert Letter.objects.filter(try_count=1).count() == 1


def test_a_page_that_mails_does_not_wait_for_the_server(mail_server, client_of, seller):
    mail_server.is_silent = True
    answer = client_of(None).post("/accounts/password/reset/", {"email": seller.user.email})
    assert answer.status_code == 302
    assert mail_server.calls == 0
    assert Letter.objects.get().to == seller.user.email


def test_it_gives_up_after_two_days_of_trying(mail_server):
    mail_server.says["asha@team.example"] = "451 later"
    letter = write()
    for _number in range(len(postman.PAUSES)):
        with clock.at(seen(letter).next_try_at):
            cache.delete(postman.TURN)
            postman.send_due()
        assert seen(letter).state == State.WAITING
    assert timedelta(hours=40) < letter.next_try_at - letter.made_at < timedelta(hours=50)
    with clock.at(letter.next_try_at):
        cache.delete(postman.TURN)
        postman.send_due()
    assert seen(letter).state == State.GIVEN_UP
    assert not letter.text
    assert letter.trouble == "address refused: 451"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("550 5.1.1 no such person", State.GIVEN_UP),
        ("553 no such place", State.GIVEN_UP),
        ("552 5.2.2 mailbox full", State.GIVEN_UP),
        ("450 greylisted", State.WAITING),
        ("550 5.7.1 you may not send through us", State.WAITING),
        ("530 5.7.0 say who you are", State.WAITING),
    ],
)
def test_it_gives_up_at_once_only_for_an_address_refused_for_good(mail_server, answer, state):
    mail_server.says["gone@team.example"] = answer
    assert seen(write(1, to="gone@team.example")).state == State.WAITING
    send()
    assert Letter.objects.get(key="test:1").state == state


def test_one_refused_letter_holds_up_no_other(mail_server):
    mail_server.says["gone@team.example"] = "550 5.1.1 no such person"
    write(1, to="gone@team.example")
    write(2, to="two\nlines@team.example")
    write(3)
    send()
    states = list(Letter.objects.order_by("pk").values_list("state", flat=True))
    assert states == [State.GIVEN_UP, State.GIVEN_UP, State.SENT]
    assert mail_server.calls == 1  # over one connection


def test_content_that_is_refused_is_tried_again(mail_server):
    mail_server.says["END"] = "554 sender not verified"
    letter = write()
    send()
    assert (seen(letter).state, letter.trouble) == (State.WAITING, "content refused: 554")


def test_a_server_that_says_no_goodbye_is_no_failure(mail_server):
    mail_server.ends_after = "DATA"
    letter = write()
    send()
    assert seen(letter).state == State.SENT


def test_killed_before_it_was_marked_the_same_message_goes_again(mail_server, monkeypatch):
    letter = write()
    settle = postman._settle

    def die(*_what):
        raise SystemExit

    monkeypatch.setattr(postman, "_settle", die)
    with pytest.raises(SystemExit):
        send()
    monkeypatch.setattr(postman, "_settle", settle)
    send()  # the lease holds
    assert len(mail_server.letters) == 1
    send(after=postman.LEASE)
    assert seen(letter).state == State.SENT
    first, second = mail_server.letters
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]
    send(after=timedelta(days=1))
    assert len(mail_server.letters) == 2


def test_other_letters_have_other_message_ids(mail_server):
    write(1)
    write(2)
    send()
    assert len({got["Message-ID"] for got in mail_server.letters}) == 2


def test_a_letter_that_kills_its_workers_is_given_up(mail_server):
    letter = write()
    Letter.objects.update(try_count=len(postman.PAUSES) + 1)
    send()
    assert (seen(letter).state, letter.trouble) == (State.GIVEN_UP, "never settled")
    assert mail_server.letters == []


def test_a_lost_field_key_gives_up_that_letter_alone(mail_server):
    write(1)
    Letter.objects.filter(key="test:1").update(try_count=0)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_letter SET text = 'gAAAAAnonsense'")
    write(2)
    send()
    states = list(
        Letter.objects.defer("text", "html").order_by("pk").values_list("state", flat=True)
    )
    assert states == [State.GIVEN_UP, State.SENT]


@pytest.fixture
def slow_claims(monkeypatch):
    """Between looking and taking there is time for others to look as well."""
    save = Letter.save

    def save_later(letter, **what):
        time.sleep(0.3)
        save(letter, **what)

    monkeypatch.setattr(Letter, "save", save_later)


def both_look_first(monkeypatch):
    """Neither of two takes before both have looked."""
    save, both = Letter.save, threading.Barrier(2)

    def save_later(letter, **what):
        both.wait(timeout=20)
        save(letter, **what)

    monkeypatch.setattr(Letter, "save", save_later)


def claim_in_threads(count=4):
    found = at_once(count, lambda _number: postman._claim())
    assert not [one for one in found if isinstance(one, BaseException)]
    return sorted(one.pk for one in found if one is not None)


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_take_the_same_letter(slow_claims):
    pks = [write(number).pk for number in range(2)]
    assert claim_in_threads() == pks


@pytest.mark.django_db(transaction=True)
def test_they_would_without_the_lock(monkeypatch):
    write()
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_how: rows)
    both_look_first(monkeypatch)
    assert len(claim_in_threads(2)) == 2


def test_nothing_of_a_letter_is_logged(mail_server, caplog):
    caplog.set_level(logging.DEBUG)
    mail_server.says["asha@team.example"] = "550 5.1.1 no asha@team.example here"
    write(1, subject="Come in, Asha")
    mail_server.says["END"] = "554 5.7.1 refused"
    write(2, to="b@team.example")
    send()
    assert "address refused: 550" in caplog.text
    for word in (LINK, "a-token", "team.example", "Come in", "Asha"):
        assert word not in caplog.text
    assert all("asha" not in row.trouble for row in Letter.objects.all())


def test_troubled_counts_what_was_given_up_and_what_is_late(mail_server):
    assert not letters.troubled()
    mail_server.says["gone@team.example"] = "550 5.1.1 no such person"
    mail_server.says["slow@team.example"] = "451 later"
    write(1, to="gone@team.example")
    write(2, to="slow@team.example")
    send()
    assert letters.troubled() == letters.Troubled(given_up=1, late=0)
    with clock.at(clock.now() + timedelta(hours=2)):
        assert letters.troubled() == letters.Troubled(given_up=1, late=1)
    with clock.at(clock.now() + timedelta(days=8)):
        assert letters.troubled().given_up == 0


def test_it_forgets_settled_letters_in_the_end(mail_server):
    write(1)
    send()
    write(2)
    assert letters.forget() == 0
    with clock.at(clock.now() + timedelta(days=91)):
        assert letters.forget() == 1
    assert Letter.objects.get().key == "test:2"


def test_an_unknown_word_of_the_server_is_its_trouble(monkeypatch):
    class Odd:
        def open(self):
            raise smtplib.SMTPAuthenticationError(535, b"who are you, asha?")

        def close(self):
            raise OSError

    monkeypatch.setattr(postman, "get_connection", Odd)
    letter = write()
    send()
    assert (seen(letter).state, letter.trouble) == (State.WAITING, "SMTPAuthenticationError: 535")
