"""A threshold is told once a period, for the highest that was passed; so is a low balance."""

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from rivya_app.core import clock
from rivya_app.credits import ledger, limit_actions, thresholds
from rivya_app.credits.limit_actions import WantedLimit
from rivya_app.credits.models import BudgetTold, CreditAccount, ThresholdTold
from rivya_app.notices.models import Notice
from rivya_app.workspaces.models import Campaign
from tests.credits.account import give, limit, without_lock
from tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
USUAL = [50, 80, 100]


@pytest.fixture
def account(workspace, owner):
    give(workspace, 5000)
    return CreditAccount.objects.get(workspace=workspace)


def hold(payer, amount, reference):
    with transaction.atomic():
        ledger.hold(payer.member.workspace, Decimal(amount), reference=reference, payer=payer)


def told(kind="threshold"):
    return Notice.objects.filter(kind=kind).order_by("id")


def passed():
    return sorted(ThresholdTold.objects.values_list("threshold", flat=True))


def test_each_threshold_is_told_once_to_the_owner_and_the_person(account, payer, owner):
    limit(account, 100, scope="member", member=payer.member, thresholds=USUAL)
    hold(payer, 49, "generation:a")
    assert not told().exists()
    hold(payer, 1, "generation:b")
    hold(payer, 5, "generation:c")
    assert {one.member for one in told()} == {owner, payer.member}
    assert told().count() == 2
    assert "Asha Seller” has used 50% of its limit" in told()[0].sentence
    assert passed() == [50]


def test_of_several_passed_at_once_the_highest_is_told_and_all_are_kept(account, payer, owner):
    limit(account, 100, is_hard=False, thresholds=USUAL)
    hold(payer, 85, "generation:a")
    assert [one.facts["percent"] for one in told()] == [80]
    assert passed() == [50, 80]
    hold(payer, 40, "generation:b")
    assert [one.facts["percent"] for one in told()] == [80, 100]


def test_a_settlement_that_costs_more_than_was_held_tells_too(account, payer):
    limit(account, 100, thresholds=[80])
    hold(payer, 70, "generation:a")
    assert not told().exists()
    with transaction.atomic():
        ledger.settle("generation:a", Decimal(90))
    assert told().count() == 1


def test_below_every_threshold_nobody_is_told(account, payer):
    limit(account, 100, thresholds=[80])
    hold(payer, 79, "generation:a")
    with transaction.atomic():
        ledger.release("generation:a")
    assert not told().exists()
    assert not ThresholdTold.objects.exists()


def test_a_new_month_begins_anew(account, payer):
    limit(account, 100, thresholds=[80])
    hold(payer, 80, "generation:a")
    with transaction.atomic():
        ledger.settle("generation:a", Decimal(80))
    assert told().count() == 1
    with clock.at(clock.now() + timedelta(days=32)):
        hold(payer, 10, "generation:b")
        assert told().count() == 1
        hold(payer, 70, "generation:c")
    assert told().count() == 2
    assert ThresholdTold.objects.values("period").distinct().count() == 2


def test_a_limit_in_all_never_begins_anew_by_itself(account, payer):
    limit(account, 100, period="total", thresholds=[80])
    hold(payer, 80, "generation:a")
    with transaction.atomic():
        ledger.settle("generation:a", Decimal(80))
    with clock.at(clock.now() + timedelta(days=32)):
        hold(payer, 10, "generation:b")
    assert told().count() == 1


def changed(owner, row, amount):
    wanted = WantedLimit(row.period, Decimal(amount), row.is_hard, tuple(row.thresholds))
    return limit_actions.change_limit(member=owner, public_id=row.public_id, wanted=wanted)


def test_lowering_a_limit_past_a_threshold_tells(account, payer, owner):
    row = limit(account, 100, thresholds=USUAL)
    hold(payer, 40, "generation:a")
    assert not told().exists()
    changed(owner, row, 45)
    assert [one.facts["percent"] for one in told()] == [80]


def test_a_raised_limit_tells_again_when_it_is_passed_again(account, payer, owner):
    row = limit(account, 100, period="total", thresholds=[80])
    hold(payer, 80, "generation:a")
    changed(owner, row, 200)
    assert passed() == []
    hold(payer, 79, "generation:b")
    assert told().count() == 1
    hold(payer, 1, "generation:c")
    assert told().count() == 2


def test_a_new_limit_that_is_used_already_tells_at_once(account, payer, owner):
    hold(payer, 60, "generation:a")
    wanted = WantedLimit("month", Decimal(100), is_hard=True, thresholds=(50, 80))
    limit_actions.make_limit(member=owner, wanted=wanted)
    assert [one.facts["percent"] for one in told()] == [50]


def hold_in_threads(payer):
    at_once(6, lambda number: hold(payer, 20, f"generation:{number}"))


def test_racing_holds_tell_a_threshold_once(account, payer):
    limit(account, 150, is_hard=False, thresholds=[50])
    hold_in_threads(payer)
    assert passed() == [50]
    assert told().count() == 1


def test_without_the_lock_the_unique_row_still_tells_once(account, payer, monkeypatch):
    limit(account, 20, is_hard=False, thresholds=[50])
    without_lock(monkeypatch, together=6)
    hold_in_threads(payer)
    assert passed() == [50]
    assert told().count() == 1


def test_without_lock_and_unique_row_it_would_be_recorded_often(account, payer, monkeypatch):
    limit(account, 20, is_hard=False, thresholds=[50])
    without_lock(monkeypatch, together=6)
    gate = threading.Barrier(6)
    # Its update would lock the account as well, and nobody may commit before the rest.
    monkeypatch.setattr(ledger, "_write", lambda _account, entry, *, held: entry)
    monkeypatch.setattr(thresholds, "_notify_of_limit", lambda *_: gate.wait(timeout=10))
    table, name = "credits_thresholdtold", "threshold_told_once"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    try:
        hold_in_threads(payer)
        assert len(passed()) > 1
    finally:
        ThresholdTold.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE (limit_id, period, threshold)"
            )


# --- Budgets of campaigns -------------------------------------------------------------------------


def test_a_budget_tells_managers_and_owners_at_80_and_100_once(account, payer, owner, manager):
    campaign = Campaign.objects.create(workspace=account.workspace, name="Festive", budget=100)
    mine = replace(payer, campaign=campaign)
    hold(mine, 79, "generation:a")
    assert not told().exists()
    for number in range(3):
        hold(mine, 2, f"generation:b{number}")
    assert {one.member for one in told()} == {owner, manager}
    assert told().count() == 2
    assert "Festive” has used 80% of its budget" in told()[0].sentence
    hold(mine, 15, "generation:c")
    assert told().count() == 4
    assert sorted(BudgetTold.objects.values_list("threshold", flat=True)) == [80, 100]


def test_another_budget_tells_anew(account, payer, owner):
    campaign = Campaign.objects.create(workspace=account.workspace, name="Festive", budget=100)
    mine = replace(payer, campaign=campaign)
    hold(mine, 80, "generation:a")
    Campaign.objects.update(budget=200)
    hold(mine, 79, "generation:b")
    assert told().count() == 1
    hold(mine, 1, "generation:c")
    assert told().count() == 2


# --- The balance ----------------------------------------------------------------------------------


def test_a_low_balance_is_told_once_until_it_was_above_the_mark(workspace, payer, owner):
    give(workspace, 100)  # the mark is 50
    hold(payer, 50, "generation:a")
    assert not told("low_balance").exists()
    hold(payer, 1, "generation:b")
    hold(payer, 1, "generation:c")
    assert [one.member for one in told("low_balance")] == [owner]
    assert "49 credits are left; you asked to be told below 50" in told("low_balance")[0].sentence
    for reference in ("generation:a", "generation:b", "generation:c"):
        with transaction.atomic():
            ledger.release(reference)
    hold(payer, 60, "generation:d")
    assert told("low_balance").count() == 2


def test_racing_holds_tell_a_low_balance_once(workspace, payer, owner):
    give(workspace, 100)
    at_once(6, lambda number: hold(payer, 10, f"generation:{number}"))
    assert told("low_balance").count() == 1
