"""A page read while jobs run says one moment: its parts agree with each other."""

import threading
from contextlib import contextmanager, nullcontext
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.credits import monthly, own_share, report, report_entries, report_pages
from tests.credits.spending import body_and_foot, hold, make_house, payer, settle, spend, sum_of

pytestmark = pytest.mark.django_db(transaction=True)

MONTH = {"zone": "UTC", "period": "all"}


@contextmanager
def jobs_that_run(house):
    """A thread that holds and settles, over and over, while the block runs."""
    done = threading.Event()

    def run():
        number = 0
        while not done.is_set():
            spend(payer(house, number % 3), 1 + number % 7, at=clock.now(), held=9)
            number += 1
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(timeout=20)


def pages_agree(browser) -> list[Decimal]:
    """The sums a reader meets, in the order they were read."""
    sums = []
    for _visit in range(6):
        where = browser.get(reverse("credits:where"), MONTH)
        body, foot = body_and_foot(where.content.decode())
        assert body == foot == where.context["total"].spent
        assert where.context["chart"] is None or where.context["chart"].total == body
        listed = browser.get(reverse("credits:entries"), MONTH)
        page = listed.context["page"]
        if not page.older:
            assert sum_of(listed.content.decode(), "Spent") == page.total.spent
        statement = browser.get(reverse("credits:statement")).context
        days = statement["days"]
        assert sum((day.sums.spent for day in days), Decimal(0)) == statement["total"].spent
        lines = sum((line.settled for day in days for line in day.lines), Decimal(0))
        assert not statement["is_by_job"] or lines == statement["total"].spent
        sums += [body, page.total.spent, statement["total"].spent]
    return sums


def test_every_page_is_of_one_moment_while_jobs_run(client_of, monkeypatch):
    monkeypatch.setattr(report_entries, "PAGE_SIZE", 100_000)
    house = make_house()
    spend(payer(house), 3, at=clock.now())
    with jobs_that_run(house):
        sums = pages_agree(client_of(house.owner))
    assert sums == sorted(sums)
    assert sums[0] < sums[-1]  # they did run


def spent_between(monkeypatch, house):
    """Somebody's job ends between two of a page's queries, once."""
    read = report_entries.lines_of

    def lines_of(rows, choices):
        thread = threading.Thread(target=lambda: _spend_elsewhere(house))
        thread.start()
        thread.join(timeout=10)
        return read(rows, choices)

    monkeypatch.setattr(report_entries, "lines_of", lines_of)


def _spend_elsewhere(house):
    spend(payer(house), 100, at=clock.now())
    connection.close()


def sums_of_a_list(house, client_of):
    page = client_of(house.owner).get(reverse("credits:entries"), MONTH).context["page"]
    return sum(line.settled for line in page.lines), page.total.spent


def test_a_job_that_ends_between_two_queries_is_in_neither(client_of, monkeypatch):
    house = make_house()
    spend(payer(house), 3, at=clock.now())
    spent_between(monkeypatch, house)
    assert sums_of_a_list(house, client_of) == (3, 3)


def test_without_the_moment_the_list_and_its_sum_would_differ(client_of, monkeypatch):
    house = make_house()
    spend(payer(house), 3, at=clock.now())
    spent_between(monkeypatch, house)
    for pages in (report_pages, monthly, own_share):
        monkeypatch.setattr(pages, "one_moment", nullcontext)
    assert sums_of_a_list(house, client_of) == (3, 103)


def held_and_spent(house, client_of, monkeypatch):
    """A job that is open ends between the two questions of a page."""
    spend(payer(house), 3, at=clock.now())
    running = hold(payer(house), 9, at=clock.now())
    read = report.held_now

    def end():
        settle(running, 9, at=clock.now())
        connection.close()

    def held_now(account, cut):
        thread = threading.Thread(target=end)
        thread.start()
        thread.join(timeout=10)
        return read(account, cut)

    monkeypatch.setattr(report, "held_now", held_now)
    asked = {**MONTH, "model": "z-image"}
    context = client_of(house.owner).get(reverse("credits:where"), asked).context
    return context["held"], context["total"].spent


def test_what_is_held_and_what_is_spent_are_of_the_same_moment(client_of, monkeypatch):
    assert held_and_spent(make_house(), client_of, monkeypatch) == (9, 3)


def test_without_the_moment_credits_would_be_in_neither(client_of, monkeypatch):
    monkeypatch.setattr(report_pages, "one_moment", nullcontext)
    assert held_and_spent(make_house(), client_of, monkeypatch) == (0, 3)
