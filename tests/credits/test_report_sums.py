"""Whatever happened, in any zone, by any filter: every place that says a sum says the same one."""

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rivya_app.core import clock
from rivya_app.credits import report_entries, usage
from rivya_app.credits.models import LedgerEntry
from tests.credits import spending
from tests.credits.spending import House, body_and_foot, csv_rows, drilled, make_house

pytestmark = pytest.mark.django_db(transaction=True)

NOW = datetime(2026, 11, 26, 18, 40, tzinfo=UTC)
ZONES = [
    "Asia/Kolkata",
    "America/St_Johns",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "America/Havana",  # its days begin in the summer-time hour
    "Pacific/Kiritimati",
    "UTC",
]
MODELS = ["z-image", "veo-3", "never-listed"]
START = datetime(2026, 9, 25, tzinfo=UTC)
ZERO = Decimal(0)

# Many within hours of a month's end, which is another moment in each zone.
moments = st.one_of(
    st.integers(0, 62 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
    st.tuples(st.sampled_from([10, 11]), st.integers(-15 * 60, 15 * 60)).map(
        lambda told: datetime(2026, told[0], 1, tzinfo=UTC) + timedelta(minutes=told[1])
    ),
)
amounts = st.decimals(min_value=0, max_value=400, places=2)
jobs = st.lists(
    st.fixed_dictionaries(
        {
            "person": st.integers(0, 2),
            "campaign": st.integers(0, 2),
            "flow": st.integers(0, 1),
            "key": st.integers(0, 1),
            "model": st.sampled_from(MODELS),
            "held": amounts,
            "reserved": st.none() | amounts,
            "end": st.sampled_from(["settle", "settle", "settle", "release", "open"]),
            "final": amounts,
            "at": moments,
            "lasted": st.integers(0, 3 * 24 * 60),
        }
    ),
    max_size=12,
)
cuts = st.fixed_dictionaries(
    {
        "zone": st.sampled_from(ZONES),
        "by": st.sampled_from(["person", "campaign", "workflow", "model", "key", "day"]),
        "period": st.sampled_from(
            ["this_month", "last_month", "this_year", "last_30_days", "all", "own"]
        ),
        "from": st.dates(date(2026, 9, 20), date(2026, 11, 30)),
        "days": st.integers(0, 70),
        "person": st.none() | st.integers(0, 2),
        "campaign": st.none() | st.integers(0, 2),
        "workflow": st.none() | st.integers(0, 1),
        "model": st.none() | st.sampled_from(MODELS),
        "key": st.none() | st.integers(0, 1),
    }
)


def play(house: House, told: list[dict[str, Any]]) -> None:
    from django.db import transaction

    from rivya_app.credits import ledger

    for job in told:
        who = spending.payer(house, **{name: job[name] for name in _PAYS})
        reference = spending.hold(who, job["held"], at=job["at"])
        ended = job["at"] + timedelta(minutes=job["lasted"])
        if job["reserved"] is not None:
            with clock.at(job["at"]), transaction.atomic():
                ledger.confirm_reserved(reference, job["reserved"])
        if job["end"] == "settle":
            spending.settle(reference, job["final"], at=ended)
        elif job["end"] == "release":
            spending.release(reference, at=ended)
    with clock.at(NOW), transaction.atomic():
        account = ledger.lock_account(house.workspace)
        ledger.correct_to_wallet(account, Decimal("-12.50"), "used in Studio")


_PAYS = ("person", "campaign", "flow", "key", "model")


def asked_of(house: House, cut: dict[str, Any]) -> tuple[dict[str, str], Any]:
    """The cut as an address says it, and the same as a question to one entry."""
    rows = {
        "person": house.people,
        "campaign": house.campaigns,
        "workflow": house.flows,
        "key": house.keys,
    }
    asked = {name: cut[name] for name in ("zone", "by", "period")}
    if cut["period"] == "own":
        asked |= {"from": str(cut["from"]), "to": str(cut["from"] + timedelta(days=cut["days"]))}
    wanted: dict[str, Any] = {}
    columns = {"person": "member_id", "campaign": "campaign_id", "workflow": "workflow_id"}
    columns |= {"key": "api_key_id"}
    for name, column in columns.items():
        if cut[name] is not None:
            row = rows[name][cut[name]]
            asked[name] = str(row.public_id) if row else "none"
            wanted[column] = row.pk if row else None
    if cut["model"] is not None:
        asked["model"] = wanted["model_id"] = cut["model"]
    return asked, lambda entry: all(getattr(entry, name) == key for name, key in wanted.items())


def is_within(cut: dict[str, Any], at: datetime) -> bool:
    """By the calendar on the wall there, which the report does not ask."""
    zone = zoneinfo.ZoneInfo(cut["zone"])
    day, today = at.astimezone(zone).date(), NOW.astimezone(zone).date()
    before = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    return {
        "this_month": (day.year, day.month) == (today.year, today.month),
        "last_month": (day.year, day.month) == (before.year, before.month),
        "this_year": day.year == today.year,
        "last_30_days": today - timedelta(days=29) <= day <= today,
        "all": True,
        "own": cut["from"] <= day <= cut["from"] + timedelta(days=cut["days"]),
    }[cut["period"]]


def browser_of(house: House) -> Client:
    browser = Client()
    browser.force_login(house.owner.user)
    return browser


@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # a smaller example is not worth its minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(told=jobs, cut=cuts, home_zone=st.sampled_from(ZONES))
def test_every_place_says_the_same_sum(told, cut, home_zone, monkeypatch):
    monkeypatch.setattr(report_entries, "PAGE_SIZE", 4)
    monkeypatch.setattr(report_entries, "CHUNK", 3)
    house = make_house(home_zone)
    play(house, told)
    asked, is_wanted = asked_of(house, cut)
    entries = [one for one in LedgerEntry.objects.filter(account=house.account) if is_wanted(one)]
    counted = [one for one in entries if is_within(cut, one.created_at)]
    spent = sum((one.spent for one in counted), ZERO)
    closing = [one.amount for one in counted if one.kind in ("settle", "release")]
    browser = browser_of(house)
    with clock.at(NOW):
        answer = browser.get(reverse("credits:where"), asked)
        drill = browser.get(reverse("credits:entries"), asked)
        table = csv_rows(browser.get(reverse("credits:where-csv"), asked))
        everything = drilled(browser, f"{reverse('credits:entries')}?{answer.context['query']}")
        behind = [(row, drilled(browser, row.url)) for row in answer.context["rows"][:4]]
        check_statement(house, browser)
    shown = answer.context
    assert shown["errors"] == {}
    assert shown["total"].spent == spent == drill.context["page"].total.spent
    assert shown["total"].returned == sum(closing, ZERO)
    assert shown["total"].count == len([one for one in counted if one.spent]) == len(table)
    held = [-(one.amount + one.spent) for one in entries if one.kind != "wallet"]
    assert shown["held"] == sum(held, ZERO)
    assert sum((Decimal(row["credits_spent"]) for row in table), ZERO) == spent
    assert everything == spent
    assert all(found == row.row.sums.spent for row, found in behind)
    if shown["rows"]:
        assert body_and_foot(answer.content.decode()) == (spent, spent)
    if spent:
        assert shown["chart"].total == spent
        assert sum(one.total for one in shown["chart"].series) == spent
        by_column = [
            sum((row.parts[place] for row in shown["report"].rows), ZERO)
            for place in range(len(shown["report"].parts))
        ]
        assert [column.total for column in shown["chart"].columns] == by_column


def check_statement(house: House, browser: Client) -> None:
    """October by the workspace's calendar: the page, the kept sum and the ledger."""
    october = {"month": "2026-10"}
    for scope, named in (
        (("workspace", house.account.pk), {}),
        (("campaign", house.campaigns[1].pk), {"campaign": str(house.campaigns[1].public_id)}),
        (("member", house.people[0].pk), {"person": str(house.people[0].public_id)}),
    ):
        answer = browser.get(reverse("credits:statement"), {**october, **named})
        if answer.context["errors"]:  # nothing of theirs is that old
            continue
        kept = usage.use_of(house.account, [scope], "2026-10")[scope].spent
        assert answer.context["total"].spent == kept
        days = answer.context["days"]
        assert sum((day.sums.spent for day in days), ZERO) == kept
        assert sum((line.settled for day in days for line in day.lines), ZERO) == kept
        if kept:
            assert body_and_foot(answer.content.decode()) == (kept, kept)
