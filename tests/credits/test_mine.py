"""A member's own share of the credits."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.credits import own_share
from rivya_app.credits.models import Limit
from tests.cast import make_member
from tests.credits.spending import hold, make_house, payer, spend

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
URL = reverse("credits:mine")


@pytest.fixture
def house():
    with clock.at(NOW):
        house = make_house()
        spend(payer(house, 0, 1), 30, at=NOW)
        spend(payer(house, 0, 0, model="veo-3"), 12, at=NOW)
        spend(payer(house, 0), 5, at=datetime(2026, 10, 3, tzinfo=UTC))
        spend(payer(house, 1, 1), 70, at=NOW)
        hold(payer(house, 0, 1), 9, at=NOW)
        yield house


def limit(house, amount, **fields):
    values = {"scope": "workspace", "period": "month", "is_hard": True, "thresholds": []}
    return Limit.objects.create(account=house.account, amount=amount, **values | fields)


def rooms(answer):
    return [(room.name, room.amount, room.used, room.left) for room in answer.context["rooms"]]


def test_it_shows_ones_own_share_and_nobody_elses(house, client_of):
    answer = client_of(house.people[0]).get(URL)
    shown = answer.content.decode()
    assert "You spent 42 credits this month" in shown
    assert answer.context["held"] == 9
    assert [(row.pick.name, row.sums.spent) for row in answer.context["by_model"]] == [
        ("z-image", 30),
        ("veo-3", 12),
    ]
    assert [(row.pick.name, row.sums.spent) for row in answer.context["by_campaign"]] == [
        ("Diwali", 30),
        ("No campaign", 12),
    ]
    assert [line.settled for line in answer.context["page"].lines] == [12, 30, 5]
    assert "Kiran Das" not in shown


def test_its_list_goes_back_as_far_as_the_ledger(house, client_of, monkeypatch):
    monkeypatch.setattr(own_share, "SHOWN", 2)
    browser = client_of(house.people[0])
    first = browser.get(URL)
    second = browser.get(first.context["older_url"])
    assert [line.settled for line in second.context["page"].lines] == [5]
    theirs = client_of(house.people[1]).get(first.context["older_url"])
    assert [line.settled for line in theirs.context["page"].lines] == [70]


def test_it_says_what_one_can_still_spend(house, client_of):
    diwali, eid = house.campaigns[1:]
    diwali.budget = Decimal(200)
    diwali.save()
    limit(house, 1000)
    limit(house, 100, scope="member", member=house.people[0], period="total")
    limit(house, 60, scope="key", api_key=house.keys[0])
    limit(house, 1, scope="member", member=house.people[1])
    limit(house, 2, is_hard=False)
    answer = client_of(house.people[0]).get(URL)
    assert sorted(rooms(answer)) == [
        ("Campaign Diwali", 200, 109, 91),
        ("Everybody together", 1000, 121, 879),
        ("Key purpose-0", 60, 121, -61),
        ("You", 100, 56, 44),
    ]
    assert answer.context["balance"] == 100_000 - 117 - 9
    assert str(eid) not in str(rooms(answer))


def test_a_limit_on_a_key_that_was_rotated_counts_on(house, client_of):
    old, new = house.keys
    old.line = new.line
    old.state = "retired"
    old.save()
    house.flows[0].api_key = new
    house.flows[0].save()
    house.flows[1].api_key = new
    house.flows[1].save()
    limit(house, 60, scope="key", api_key=old)
    assert [room.used for room in client_of(house.people[0]).get(URL).context["rooms"]] == [121]


def test_a_campaign_that_is_not_open_to_one_is_no_room(house, client_of):
    diwali = house.campaigns[1]
    diwali.budget = Decimal(200)
    diwali.save()
    diwali.submitters.add(house.people[1])
    limit(house, 50, scope="campaign", campaign=diwali)
    assert rooms(client_of(house.people[0]).get(URL)) == []
    assert len(rooms(client_of(house.people[1]).get(URL))) == 2


def test_who_starts_no_jobs_is_told_so(house, client_of):
    reader = make_member(house.workspace, "support", email="leela@x.example")
    shown = client_of(reader).get(URL).content.decode()
    assert "Your role starts nothing that costs credits." in shown
    assert "New brief</a>" not in shown.split("<main", 1)[1]


def test_the_rail_offers_it_where_it_does_not_offer_the_whole(house, client_of, monkeypatch):
    from rivya_app.core import context
    from rivya_app.core.context import Entry

    shown = client_of(house.people[0]).get(URL).content.decode()
    assert f'class="rail-link" href="{URL}" aria-current="page"' in shown
    # As if the page of the whole lay where the report does.
    entries = [Entry("credits:where", "wallet", "Credits", ("credits",))]
    entries += [Entry("credits:mine", "wallet", "Your credits", instead_of="credits:where")]
    monkeypatch.setattr(context, "ENTRIES", tuple(entries))
    assert (
        'class="rail-link" href="/credits/mine/"'
        in client_of(house.people[0]).get(URL).content.decode()
    )
    owners = client_of(house.owner).get(URL).content.decode()
    assert 'class="rail-link" href="/credits/mine/"' not in owners
    assert 'class="rail-link" href="/credits/where/"' in owners
