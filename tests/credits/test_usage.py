"""What each scope holds and has spent is what the ledger says."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Q, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rivya_app.core import clock
from rivya_app.credits import ledger, limits, usage
from rivya_app.credits.ledger import OverLimit, Payer
from rivya_app.credits.models import CreditAccount, LedgerEntry, Usage
from rivya_app.workspaces.models import Campaign
from tests.credits.account import give, limit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign(workspace):
    return Campaign.objects.create(workspace=workspace, name="Festive table")


@pytest.fixture
def account(workspace):
    give(workspace, 500)
    return CreditAccount.objects.get(workspace=workspace)


def hold(payer: Payer, amount: int, reference: str) -> None:
    with transaction.atomic():
        ledger.hold(payer.member.workspace, Decimal(amount), reference=reference, payer=payer)


def close(reference: str, final: int) -> None:
    with transaction.atomic():
        ledger.settle(reference, Decimal(final))


def rows_of(account):
    rows = Usage.objects.filter(account=account).exclude(held=0, spent=0)
    return sorted(rows.values_list("scope", "subject_id", "period", "held", "spent"))


def test_it_follows_every_entry_and_a_recount_finds_the_same(account, payer, campaign):
    mine = replace(payer, campaign=campaign)
    for number, amount in enumerate((10, 20, 30)):
        hold(mine, amount, f"generation:{number}")
    with transaction.atomic():
        ledger.confirm_reserved("generation:0", Decimal(12))
        ledger.release("generation:1")
    close("generation:0", 7)
    subject = ("campaign", campaign.pk)
    assert usage.use_of(account, [subject], usage.ALL_TIME)[subject] == usage.Use(7, 30)
    spent = LedgerEntry.objects.filter(campaign=campaign).aggregate(sum=Sum("spent"))["sum"]
    assert spent == 7
    before = rows_of(account)
    assert {scope for scope, *_rest in before} == {"workspace", "campaign", "member", "key"}
    with transaction.atomic():
        usage.recount(ledger.lock_account(account.workspace))
    assert rows_of(account) == before


ENTRIES = st.lists(
    st.tuples(
        st.sampled_from(["hold", "reserve", "settle", "release", "wallet"]),
        st.integers(0, 3),  # which job
        st.integers(0, 40),  # credits
        st.booleans(),  # for the campaign
        st.integers(0, 70),  # days later
    ),
    max_size=14,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(history=ENTRIES)
def test_after_any_history_what_is_kept_is_what_the_ledger_says(account, payer, campaign, history):
    with transaction.atomic():
        _play(history, payer, campaign)
        locked = ledger.lock_account(account.workspace)
        counted = ledger.balance_of(locked)
        assert (locked.available, locked.held) == (counted.available, counted.held)
        assert usage.compare(locked) == []
        kept = rows_of(locked)
        usage.recount(locked)
        assert rows_of(locked) == kept
        transaction.set_rollback(True)


def _play(history, payer, campaign):
    moment = clock.now()
    for act, job, amount, is_for_campaign, days in history:
        moment += timedelta(days=days)
        mine = replace(payer, campaign=campaign if is_for_campaign else None)
        with clock.at(moment), suppress(ledger.NotEnoughCredits, ledger.HoldMissing):
            _move(act, f"generation:{job}", Decimal(amount), mine)


def _move(act, reference, amount, payer):
    home = payer.member.workspace
    if act == "hold":
        ledger.hold(home, amount, reference=reference, payer=payer)
    elif act == "reserve":
        ledger.confirm_reserved(reference, amount)
    elif act == "settle":
        ledger.settle(reference, amount)
    elif act == "release":
        ledger.release(reference)
    else:
        ledger.correct_to_wallet(ledger.lock_account(home), amount - 20, note="test")


def test_a_month_is_the_workspaces_own(account, payer, settings):
    account.workspace.time_zone = "Asia/Kolkata"
    account.workspace.save()
    hold(payer, 10, "generation:a")
    close("generation:a", 10)
    month = usage.month_of(account.workspace)
    subject = ("member", payer.member.pk)
    assert usage.use_of(account, [subject], month)[subject].spent == 10
    assert usage.use_of(account, [subject], "2001-01")[subject].spent == 0


@pytest.mark.parametrize("scope", ["workspace", "member", "key", "campaign"])
@pytest.mark.parametrize("period", ["month", "total"])
def test_a_hard_limit_refuses_what_would_go_beyond_it(account, payer, campaign, scope, period):
    mine = replace(payer, campaign=campaign)
    subject = {"member": payer.member, "key": payer.api_key, "campaign": campaign}
    named = {"api_key" if scope == "key" else scope: subject[scope]} if scope in subject else {}
    wanted = limit(account, 30, scope={"key": "key"}.get(scope, scope), period=period, **named)
    hold(mine, 20, "generation:a")
    close("generation:a", 15)
    with pytest.raises(OverLimit) as refusal:
        hold(mine, 16, "generation:b")
    assert (refusal.value.bound.limit_id, refusal.value.left) == (wanted.pk, 15)
    hold(mine, 15, "generation:b")
    assert not LedgerEntry.objects.filter(Q(kind="hold"), amount=-16).exists()


def test_a_soft_limit_refuses_nothing(account, payer):
    soft = limit(account, 5, is_hard=False)
    hold(payer, 20, "generation:a")
    assert [state.percent for state in limits.states_of(account, [soft])] == [400]


def test_a_limit_of_somebody_else_is_no_limit(account, payer, manager):
    limit(account, 1, scope="member", member=manager)
    hold(payer, 20, "generation:a")
    assert LedgerEntry.objects.filter(kind="hold").count() == 1
