from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.notices import access, actions
from rivya_app.notices.models import Notice
from rivya_app.workspaces.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def notice(seller):
    actions.tell(
        [seller],
        kind=Notice.Kind.RESULT_READY,
        facts={"title": "Brass <lamp>"},
        link="/notifications/?from=notice",
        event_key="ready:1",
    )
    return access.notices_of(seller).get()


def test_it_shows_a_member_their_own(client_of, seller, owner, notice):
    mine = client_of(seller).get(reverse("notices:index")).content.decode()
    assert "“Brass &lt;lamp&gt;” is ready." in mine
    theirs = client_of(owner).get(reverse("notices:index")).content.decode()
    assert "Brass" not in theirs


def test_it_opens_the_thing_and_counts_as_read(client_of, seller, notice):
    answer = client_of(seller).get(reverse("notices:open", args=[notice.public_id]))
    assert answer.url == "/notifications/?from=notice"
    notice.refresh_from_db()
    assert notice.is_read
    first = notice.read_at
    client_of(seller).post(reverse("notices:open", args=[notice.public_id]))
    notice.refresh_from_db()
    assert notice.read_at == first


def test_it_does_not_open_or_read_for_another_person(client_of, owner, stranger, notice):
    for other in (owner, stranger):
        answer = client_of(other).get(reverse("notices:open", args=[notice.public_id]))
        assert answer.status_code == 404
    notice.refresh_from_db()
    assert not notice.is_read


def test_it_marks_all_of_mine_and_nobody_elses_as_read(client_of, seller, owner, notice):
    client_of(owner).post(reverse("notices:mark-all-read"))
    assert access.notices_of(seller).filter(read_at=None).count() == 1
    client_of(seller).post(reverse("notices:mark-all-read"))
    assert access.notices_of(seller).filter(read_at=None).count() == 0


def test_it_marks_nothing_by_a_mere_visit(client_of, seller, notice):
    assert client_of(seller).get(reverse("notices:mark-all-read")).status_code == 405
    client_of(seller).get(reverse("notices:index"))
    assert access.notices_of(seller).filter(read_at=None).count() == 1


def test_it_asks_the_database_as_often_for_many_as_for_one(
    client_of, seller, notice, django_assert_max_num_queries
):
    for number in range(80):
        actions.tell([seller], kind="job_failed", facts={}, link="/", event_key=f"failed:{number}")
    browser = client_of(seller)
    with django_assert_max_num_queries(7):  # one asks for a pause
        page = browser.get(reverse("notices:index"))
    assert len(page.context["page"]) == 30
    assert client_of(seller).get(reverse("notices:index") + "?page=zzz").status_code == 200


def tell(member, number, kind="result_ready", title="Brass lamp", at=None, **facts):
    with clock.at(at or clock.now()), transaction.atomic():
        actions.tell(
            [member],
            kind=kind,
            facts={"title": title, **facts},
            link=f"/jobs/{number}/",
            event_key=f"{number}",
        )


def index(browser, **query):
    return browser.get(reverse("notices:index"), query).content.decode()


def test_it_groups_by_the_readers_day(client_of, seller):
    User.objects.filter(pk=seller.user_id).update(time_zone="Asia/Kolkata")
    noon = datetime(2026, 11, 26, 12, tzinfo=UTC)
    tell(seller, 1, title="Now", at=noon)
    tell(seller, 2, title="Late", at=datetime(2026, 11, 25, 19, tzinfo=UTC))  # 00:30 there
    tell(seller, 3, title="Before", at=datetime(2026, 11, 25, 18, tzinfo=UTC))
    tell(seller, 4, title="Long ago", at=datetime(2026, 11, 20, 18, tzinfo=UTC))
    with clock.at(noon):
        days = client_of(seller).get(reverse("notices:index")).context["days"]
    assert [(day.title, len(day.lines)) for day in days] == [
        ("Today", 2),
        ("Yesterday", 1),
        ("Friday, 20 Nov", 1),
    ]


def test_it_folds_a_burst_about_one_thing(client_of, seller):
    for number in range(4):
        tell(seller, number)
    tell(seller, 5, title="Vase")
    page = index(client_of(seller))
    assert "4 drafts of “Brass lamp” are ready." in page
    assert "“Vase” is ready." in page
    for notice in access.notices_of(seller):
        assert reverse("notices:open", args=[notice.public_id]) in page


def test_it_keeps_read_and_unread_ones_apart(client_of, seller):
    for number in range(3):
        tell(seller, number)
    actions.mark_read(member=seller, public_id=access.notices_of(seller).first().public_id)
    page = index(client_of(seller))
    assert "2 drafts of “Brass lamp” are ready." in page
    assert "“Brass lamp” is ready." in page


@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        ("job_failed", {}, "3 drafts of “Brass lamp” could not be made."),
        (
            "decided",
            {"decision": "approved", "by": "Meera"},
            "3 drafts of “Brass lamp” were approved by Meera.",
        ),
    ],
)
def test_it_says_several_in_one_sentence(client_of, seller, kind, facts, said):
    for number in range(3):
        tell(seller, number, kind, **facts)
    assert said in index(client_of(seller))


def test_it_never_folds_what_asks_for_changes(client_of, seller):
    for number in range(3):
        tell(seller, number, "decided", decision="changes_wanted", by="Meera")
    assert index(client_of(seller)).count("Meera asks for changes to “Brass lamp”.") == 3


def test_it_is_narrowed_by_kind_and_by_unread(client_of, seller):
    tell(seller, 1, title="Lamp")
    tell(seller, 2, "job_failed", title="Vase")
    actions.mark_read(member=seller, public_id=access.notices_of(seller).first().public_id)
    browser = client_of(seller)
    assert "Lamp" in index(browser, kind="result_ready")
    assert "Vase" not in index(browser, kind="result_ready")
    assert "Vase" not in index(browser, unread="1")
    assert "Nothing here" in index(browser, kind="job_failed", unread="1")
    assert "Vase" in index(browser, kind="nonsense", unread="perhaps")


def test_the_script_gets_the_list_alone(client_of, seller):
    tell(seller, 1)
    answer = client_of(seller).get(reverse("notices:index"), headers={"HX-Request": "true"})
    assert answer.content.decode().strip().startswith('<div id="notice-list"')


def test_what_came_after_the_page_stays_unread(client_of, seller):
    tell(seller, 1)
    browser = client_of(seller)
    until = browser.get(reverse("notices:index")).context["until"]
    tell(seller, 2)
    browser.post(reverse("notices:mark-all-read"), {"until": until})
    assert access.notices_of(seller).get(read_at=None).event_key == "2"
    for odd in ("yesterday", "2026-11-26T12:00:00", "2026-13-45T12:00:00+00:00"):
        assert browser.post(reverse("notices:mark-all-read"), {"until": odd}).status_code == 302
    assert access.notices_of(seller).filter(read_at=None).count() == 0
