import pytest
from django.urls import reverse

from rivya_app.notices import access, actions
from rivya_app.notices.models import Notice

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
    assert access.unread_count(seller) == 1
    client_of(seller).post(reverse("notices:mark-all-read"))
    assert access.unread_count(seller) == 0


def test_it_marks_nothing_by_a_mere_visit(client_of, seller, notice):
    assert client_of(seller).get(reverse("notices:mark-all-read")).status_code == 405
    client_of(seller).get(reverse("notices:index"))
    assert access.unread_count(seller) == 1


def test_it_asks_the_database_as_often_for_many_as_for_one(
    client_of, seller, notice, django_assert_max_num_queries
):
    for number in range(80):
        actions.tell([seller], kind="job_failed", facts={}, link="/", event_key=f"failed:{number}")
    browser = client_of(seller)
    with django_assert_max_num_queries(6):
        page = browser.get(reverse("notices:index"))
    assert len(page.context["page"]) == 30
    assert client_of(seller).get(reverse("notices:index") + "?page=zzz").status_code == 200
