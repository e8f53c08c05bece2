import re
import threading
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from rivya_app.core import clock
from rivya_app.core.models import Letter
from rivya_app.notices import access, actions, mailing, ways, words
from rivya_app.notices.models import Mail, Notice, NoticeChoice, Postbox
from rivya_app.workspaces.models import Membership, User
from tests.notices.kinds import FACTS
from tests.test_races import at_once

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
ASKED = Notice.Kind.REVIEW_ASKED
SOON = timedelta(seconds=90)


@pytest.fixture(autouse=True)
def reads(settings):
    settings.SITE_URL = "https://shop.example"


def tell(member, number=1, kind=ASKED, at=NOON, facts=None, link="/reviews/1/"):
    with clock.at(at), transaction.atomic():
        actions.tell(
            [member],
            kind=kind,
            facts=facts or {"title": f"Lamp {number}", "media": "image"},
            link=link,
            event_key=f"told:{number}",
        )


def sweep(at=NOON + SOON):
    with clock.at(at):
        return mailing.sweep()


def letter():
    return Letter.objects.get()


def choose(member, kind, mail):
    NoticeChoice.objects.update_or_create(
        member=member, kind=kind, defaults={"mail": mail, "browser": False}
    )


def test_what_needs_somebody_is_mailed_after_a_moment(manager):
    tell(manager)
    assert sweep(at=NOON + timedelta(seconds=30)) == 0
    assert sweep() == 1
    found = letter()
    assert found.to == manager.user.email
    assert found.subject == "“Lamp 1” waits for your decision."
    workspace = manager.workspace.public_id
    assert f"https://shop.example/reviews/1/?workspace={workspace}" in found.text.reveal()
    assert f'href="https://shop.example/reviews/1/?workspace={workspace}"' in found.html.reveal()


def test_it_is_never_mailed_again(manager):
    tell(manager)
    assert [sweep(), sweep(), sweep(at=NOON + timedelta(days=1))] == [1, 0, 0]
    tell(manager)  # the same event once more
    assert sweep(at=NOON + timedelta(hours=1)) == 0


def test_a_burst_is_one_letter(manager):
    for number in range(5):
        tell(manager, number, at=NOON + timedelta(seconds=number * 15))
    assert sweep(at=NOON + timedelta(seconds=76)) == 1
    assert sweep(at=NOON + timedelta(hours=1)) == 0
    text = letter().text.reveal()
    assert all(f"“Lamp {number}” waits" in text for number in range(5))
    assert letter().subject == f"5 things for you in {manager.workspace.name}"


def test_drafts_of_one_thing_are_one_sentence_with_a_link_each(seller):
    choose(seller, "result_ready", Mail.NOW)
    for number in range(4):
        facts = {"title": "Brass lamp", "media": "image"}
        tell(seller, number, "result_ready", facts=facts, link=f"/jobs/{number}/")
    sweep()
    assert letter().subject == "4 drafts of “Brass lamp” are ready."
    for body in (letter().text.reveal(), letter().html.reveal()):
        assert all(f"/jobs/{number}/?workspace=" in body for number in range(4))


def test_what_was_read_meanwhile_is_not_mailed(manager):
    tell(manager, 1)
    tell(manager, 2)
    actions.mark_read(member=manager, public_id=access.notices_of(manager).first().public_id)
    sweep()
    assert letter().subject == "“Lamp 1” waits for your decision."


def test_what_is_shown_in_the_app_alone_is_not_mailed(seller):
    tell(seller, kind="result_ready")
    assert sweep() == 0
    assert not Notice.objects.filter(mail_due_at__isnull=False).exists()
    assert access.notices_of(seller).filter(read_at=None).count() == 1


def test_whoever_left_or_wants_none_gets_none(manager, owner):
    tell(manager, 1)
    Membership.objects.filter(pk=manager.pk).update(is_active=False)
    tell(owner, 2)
    Postbox.objects.create(member=owner, wants_mail=False)
    assert sweep() == 0
    assert not Notice.objects.filter(mail_due_at__isnull=False).exists()


def test_a_person_who_may_not_sign_in_gets_none(manager):
    tell(manager)
    User.objects.filter(pk=manager.user_id).update(is_active=False)
    assert sweep() == 0


def test_a_made_up_past_is_not_mailed(manager):
    for days in range(2, 30):
        tell(manager, days, at=NOON - timedelta(days=days))
    tell(manager, 1, at=NOON)
    assert sweep() == 1
    assert letter().subject == "“Lamp 1” waits for your decision."


@pytest.mark.parametrize(
    ("zone", "hour", "at"),
    [
        ("UTC", 8, datetime(2026, 11, 27, 8, tzinfo=UTC)),
        ("UTC", 13, datetime(2026, 11, 26, 13, tzinfo=UTC)),
        ("Asia/Kolkata", 8, datetime(2026, 11, 27, 2, 30, tzinfo=UTC)),
        ("America/New_York", 6, datetime(2026, 11, 27, 11, tzinfo=UTC)),
    ],
)
def test_the_digest_comes_once_a_day_at_the_readers_hour(seller, zone, hour, at):
    User.objects.filter(pk=seller.user_id).update(time_zone=zone)
    Postbox.objects.create(member=seller, digest_hour=hour)
    tell(seller, 1, "job_failed")
    tell(seller, 2, "job_failed", at=NOON + timedelta(minutes=20))
    assert sweep() == 0
    assert sweep(at=NOON + timedelta(minutes=25)) == 0
    assert sweep(at=at - timedelta(minutes=1)) == 0
    assert sweep(at=at + timedelta(minutes=1)) == 1
    assert letter().subject.startswith("2 things")


def test_urgent_things_do_not_bring_the_digest_along(owner):
    choose(owner, "job_failed", Mail.DIGEST)
    tell(owner, 1, "job_failed")
    tell(owner, 2)
    assert sweep() == 1
    assert "Lamp 2" in letter().subject


def test_another_hour_holds_for_what_waits(seller):
    tell(seller, kind="job_failed")
    sweep()
    with clock.at(NOON + timedelta(hours=1)):
        actions.choose(member=seller, choices=actions.Choices(wants_mail=True, digest_hour=14))
    assert sweep(at=NOON + timedelta(hours=1, minutes=1)) == 0
    assert sweep(at=NOON + timedelta(hours=2, minutes=1)) == 1


def test_turning_it_off_holds_for_what_waits(manager):
    tell(manager)
    choose(manager, ASKED, Mail.NONE)
    assert sweep() == 0
    choose(manager, ASKED, Mail.NOW)
    assert sweep(at=NOON + timedelta(hours=1)) == 0  # let go, not kept for later


def test_telling_costs_one_statement(manager, owner, django_assert_num_queries):
    with transaction.atomic(), django_assert_num_queries(1):
        actions.tell([manager, owner], kind=ASKED, facts={}, link="/", event_key="x")


# --- Two at once ----------------------------------------------------------------------------------


def sweep_in_threads():
    errors = [one for one in at_once(4, lambda _number: sweep()) if isinstance(one, Exception)]
    assert errors == []
    return Letter.objects.count()


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_write_one_letter(manager):
    for number in range(3):
        tell(manager, number)
    assert sweep_in_threads() == 1


def unlocked(gate):
    def lock(member_id):
        return Membership.objects.select_related("user", "workspace").get(pk=member_id)

    def gathered(member, now):
        rows = list(Notice.objects.filter(member=member, mail_due_at__isnull=False).order_by("pk"))
        gate.wait(timeout=10)
        return rows

    return lock, gathered


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_key_still_holds(manager, monkeypatch):
    tell(manager)
    lock, gathered = unlocked(threading.Barrier(4))
    monkeypatch.setattr(mailing, "_lock", lock)
    monkeypatch.setattr(mailing, "_gathered", gathered)
    assert sweep_in_threads() == 1


@pytest.mark.django_db(transaction=True)
def test_without_lock_and_key_it_would_be_mailed_more_than_once(manager, monkeypatch):
    tell(manager)
    lock, gathered = unlocked(threading.Barrier(4))
    write = mailing.letters.write
    monkeypatch.setattr(mailing, "_lock", lock)
    monkeypatch.setattr(mailing, "_gathered", gathered)
    monkeypatch.setattr(
        mailing.letters, "write", lambda key, **more: write(key=f"{threading.get_ident()}", **more)
    )
    assert sweep_in_threads() > 1


# --- What the letter is ---------------------------------------------------------------------------


class Page(HTMLParser):
    """Names and attributes of the tags, and the text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.words = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.words += data


def test_every_kind_has_an_example():
    assert set(FACTS) == set(Notice.Kind.values) == set(ways.WAYS)


@pytest.mark.parametrize("language", ["en", "hi"])
@pytest.mark.parametrize("kind", Notice.Kind.values)
def test_every_kind_makes_a_letter_in_the_readers_language(owner, kind, language):
    User.objects.filter(pk=owner.user_id).update(language=language, time_zone="Asia/Kolkata")
    owner.refresh_from_db()
    choose(owner, kind, Mail.NOW)
    tell(owner, kind=kind, facts=FACTS[kind])
    assert sweep() == 1
    with translation.override(language):
        sentence = words.sentence(kind, FACTS[kind])
        assert sentence != words.sentence("from-the-future", {})
    found = letter()
    text, page = found.text.reveal(), Page(found.html.reveal())
    assert found.subject == sentence
    assert sentence in text
    assert sentence in page.words
    assert ("html", {"lang": language}) in page.tags
    assert "17:30" in text
    assert "%(" not in text + page.words
    for value in FACTS[kind].values():
        if isinstance(value, str) and value[0].isupper():
            assert value in sentence
    has_hindi = bool(re.search(r"[\u0900-\u097f]", sentence))
    assert has_hindi == (language == "hi")
    assert not [tag for tag, _ in page.tags if tag in ("img", "script", "link", "iframe")]


def test_names_in_a_letter_are_text_and_no_markup(manager):
    tell(manager, facts={"title": "<b>Lamp</b> & co", "media": "image"})
    sweep()
    assert "&lt;b&gt;Lamp&lt;/b&gt; &amp; co" in letter().html.reveal()
    assert "“<b>Lamp</b> & co”" in letter().text.reveal()


def test_a_link_with_a_query_and_a_place_keeps_both(manager):
    tell(manager, link="/reviews/?queue=mine#second")
    sweep()
    workspace = manager.workspace.public_id
    wanted = f"https://shop.example/reviews/?queue=mine&workspace={workspace}#second"
    assert wanted in letter().text.reveal()


def test_it_says_how_to_stop_it(manager):
    tell(manager)
    sweep()
    found = letter()
    stop = found.headers["List-Unsubscribe"].strip("<>")
    assert found.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stop.startswith("https://shop.example/notifications/unsubscribe/")
    assert stop in found.text.reveal()
    assert stop in found.html.reveal()
    assert reverse("notices:settings") in found.html.reveal()
