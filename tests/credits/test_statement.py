"""A month's statement, to be printed."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.credits import monthly, usage
from tests.credits.spending import body_and_foot, hold, make_house, payer, settle, spend

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
URL = reverse("credits:statement")


@pytest.fixture
def house():
    """In India: 12 in October (by its calendar), 20 and 8 in November, 15 held over the change."""
    with clock.at(NOW):
        house = make_house("Asia/Kolkata")
        spend(payer(house, 0, 1), 12, at=datetime(2026, 10, 31, 18, tzinfo=UTC))
        spend(payer(house, 0, 1), 20, at=datetime(2026, 10, 31, 19, tzinfo=UTC))
        open_ = hold(payer(house, 1, 2), 15, at=datetime(2026, 10, 20, tzinfo=UTC))
        settle(open_, 8, at=datetime(2026, 11, 5, tzinfo=UTC))
        yield house


def test_it_is_of_the_workspaces_own_month(house, client_of):
    answer = client_of(house.owner).get(URL, {"month": "2026-11"})
    scope = ("workspace", house.account.pk)
    kept = usage.use_of(house.account, [scope], "2026-11")[scope].spent
    assert answer.context["total"].spent == kept == 28
    assert body_and_foot(answer.content.decode()) == (28, 28)
    assert [(day.day.day, day.sums.spent) for day in answer.context["days"]] == [(1, 20), (5, 8)]
    assert "Statement for November 2026" in answer.content.decode()
    october = client_of(house.owner).get(URL, {"month": "2026-10"})
    assert october.context["total"].spent == 12


def test_it_says_what_was_held_at_both_ends(house, client_of):
    october = client_of(house.owner).get(URL, {"month": "2026-10"}).context
    november = client_of(house.owner).get(URL, {"month": "2026-11"}).context
    assert (october["held_before"], october["held_after"]) == (0, 15)
    assert (november["held_before"], november["held_after"]) == (15, 0)
    assert (october["is_running"], november["is_running"]) == (False, True)


@pytest.mark.parametrize(("of", "spent"), [("campaign", 20), ("person", 8)])
def test_it_is_made_for_a_campaign_or_a_person(house, client_of, of, spent):
    row = house.campaigns[1] if of == "campaign" else house.people[1]
    answer = client_of(house.owner).get(URL, {of: str(row.public_id)})
    assert answer.context["total"].spent == spent
    assert f'<p class="head-sub">{row}</p>' in answer.content.decode()


def test_a_month_with_very_many_jobs_is_listed_by_day(house, client_of, monkeypatch):
    monkeypatch.setattr(monthly, "MOST_LINES", 1)
    answer = client_of(house.owner).get(URL)
    assert [day.lines for day in answer.context["days"]] == [[], []]
    assert "There are more jobs and questions than fit a statement" in answer.content.decode()
    assert body_and_foot(answer.content.decode()) == (28, 28)


def test_a_month_that_never_was_is_said(house, client_of):
    for typed in ("2031-01", "nonsense"):
        answer = client_of(house.owner).get(URL, {"month": typed, "person": "nobody"})
        assert set(answer.context["errors"]) == {"month", "person"}
        assert answer.context["chosen_month"] == "2026-11"


def test_it_is_for_owners(house, client_of, support, seller):
    for member in (support, seller):
        assert client_of(member).get(URL).status_code == 403
