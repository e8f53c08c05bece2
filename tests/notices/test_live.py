import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.notices import access, actions, pages, ways
from rivya_app.notices.models import Mail, Notice

pytestmark = pytest.mark.django_db

LIVE = reverse("notices:live")
HOME = reverse("home")


def tell(member, number=1, kind="review_asked", at=None):
    with clock.at(at or clock.now()), transaction.atomic():
        actions.tell(
            [member], kind=kind, facts={"title": f"Lamp {number}"}, link="/", event_key=f"{number}"
        )


def version(browser, path=HOME):
    return re.search(r'id="unread-badge" data-version="([^"]+)"', page_of(browser, path))[1]


def page_of(browser, path=HOME):
    return browser.get(path).content.decode()


def test_every_page_of_a_member_asks(client_of, manager):
    page = page_of(client_of(manager), reverse("library:index"))
    assert f'data-url="{LIVE}"' in page
    assert "js/notices.js" in page
    assert "js/notices.js" not in page_of(client_of(None), reverse("account_login"))


def test_it_says_nothing_while_nothing_changed(client_of, manager):
    browser = client_of(manager)
    assert browser.get(LIVE, {"v": version(browser)}).status_code == 204
    tell(manager)
    seen = version(browser)
    assert browser.get(LIVE, {"v": seen}).status_code == 204
    tell(manager, 2)
    answer = browser.get(LIVE, {"v": seen})
    assert answer.status_code == 200
    assert '>2<span class="visually-hidden"> unread' in answer.content.decode()


def test_it_hears_of_reading_in_another_tab(client_of, manager):
    browser = client_of(manager)
    tell(manager)
    seen = version(browser)
    actions.mark_all_read(member=manager)
    answer = browser.get(LIVE, {"v": seen})
    assert answer.status_code == 200
    assert 'id="unread-badge"' in answer.content.decode()
    assert "visually-hidden" not in answer.content.decode()


def test_it_hears_nothing_of_another_person(client_of, manager, owner):
    browser = client_of(manager)
    seen = version(browser)
    tell(owner)
    assert browser.get(LIVE, {"v": seen}).status_code == 204


def test_it_counts_to_99(client_of, manager):
    for number in range(103):
        tell(manager, number)
    assert pages.unread_of(manager).words == "99+"
    assert ">99+<" in page_of(client_of(manager))


def test_it_asks_the_notices_once_however_many_there_are(
    client_of, manager, django_assert_num_queries
):
    with django_assert_num_queries(1):
        assert pages.unread_of(manager).count == 0
    for number in range(40):
        tell(manager, number)
    with django_assert_num_queries(1):
        assert pages.unread_of(manager).count == 40


def test_it_brings_what_a_browser_may_show(client_of, manager):
    tell(manager, 1)
    tell(manager, 2, kind="package_ready")  # not wanted in the browser
    tell(manager, 3, at=clock.now() - timedelta(minutes=10))  # no news
    answer = client_of(manager).get(LIVE).content.decode()
    shown = re.findall(r'<li data-id="([^"]+)" data-kind="review_asked"', answer)
    assert shown == [str(access.notices_of(manager).get(event_key="1").public_id)]
    assert "“Lamp 1” waits for your decision.</li>" in answer
    assert "Lamp 2" not in answer


def test_it_brings_nothing_that_was_turned_off(client_of, manager):
    tell(manager)
    ways.keep(manager, {"review_asked": ways.Choice(Mail.NOW, browser=False)})
    assert "<li" not in client_of(manager).get(LIVE).content.decode()


def test_it_brings_nothing_that_was_read(client_of, manager):
    tell(manager)
    actions.mark_all_read(member=manager)
    assert "<li" not in client_of(manager).get(LIVE).content.decode()


def test_the_answer_of_a_page_with_open_jobs_carries_the_number(client_of, shop, seller):
    brief = shop.submit(seller)
    tell(seller, kind="job_failed")
    answer = client_of(seller).get(reverse("briefs:show-live", args=[brief.public_id]))
    assert 'id="unread-badge" data-version="1.' in answer.content.decode()


def test_read_ones_are_forgotten_in_the_end(manager):
    tell(manager, 1)
    tell(manager, 2)
    old, unread = access.notices_of(manager).order_by("pk")
    actions.mark_read(member=manager, public_id=old.public_id)
    assert actions.forget() == 0
    with clock.at(clock.now() + timedelta(days=181)):
        assert actions.forget() == 1
    assert Notice.objects.get() == unread
