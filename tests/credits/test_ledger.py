"""Holding, settling and returning credits."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from rivya_app.credits import ledger
from rivya_app.credits.ledger import NotEnoughCredits, Payer
from rivya_app.credits.models import CreditAccount, LedgerEntry
from rivya_app.workspaces.models import Workspace
from tests.credits.account import give

pytestmark = pytest.mark.django_db(transaction=True)


def account(workspace: Workspace) -> CreditAccount:
    return CreditAccount.objects.get(workspace=workspace)


def assert_cache_is_the_sum(workspace: Workspace) -> None:
    row = account(workspace)
    total = row.entries.aggregate(total=Sum("amount"))["total"] or 0
    assert row.available == total


def hold(workspace: Workspace, payer: Payer, amount: int, reference: str = "generation:a") -> bool:
    with transaction.atomic():
        return ledger.hold(workspace, Decimal(amount), reference=reference, payer=payer)


def test_it_sets_credits_aside_and_takes_what_was_used(workspace, payer):
    give(workspace, 100)
    assert hold(workspace, payer, 10)
    assert (account(workspace).available, account(workspace).held) == (90, 10)
    with transaction.atomic():
        ledger.confirm_reserved("generation:a", Decimal(12))
    assert (account(workspace).available, account(workspace).held) == (88, 12)
    with transaction.atomic():
        ledger.settle("generation:a", Decimal(8))
    assert (account(workspace).available, account(workspace).held) == (92, 0)
    assert LedgerEntry.objects.aggregate(total=Sum("spent"))["total"] == 8
    assert_cache_is_the_sum(workspace)


def test_it_returns_the_whole_hold(workspace, payer):
    give(workspace, 100)
    hold(workspace, payer, 10)
    with transaction.atomic():
        ledger.release("generation:a")
    assert (account(workspace).available, account(workspace).held) == (100, 0)
    assert_cache_is_the_sum(workspace)


def test_it_refuses_more_than_there_is_and_writes_nothing(workspace, payer):
    give(workspace, 9)
    with pytest.raises(NotEnoughCredits) as refusal:
        hold(workspace, payer, 10)
    assert (refusal.value.needed, refusal.value.available) == (10, 9)
    assert not LedgerEntry.objects.filter(kind="hold").exists()
    assert account(workspace).available == 9


def test_it_holds_confirms_and_closes_a_reference_once(workspace, payer):
    give(workspace, 100)
    assert hold(workspace, payer, 10)
    assert not hold(workspace, payer, 10)
    with transaction.atomic():
        assert ledger.confirm_reserved("generation:a", Decimal(10))
        assert not ledger.confirm_reserved("generation:a", Decimal(20))
        assert ledger.settle("generation:a", Decimal(10))
        assert not ledger.settle("generation:a", Decimal(10))
        assert not ledger.release("generation:a")
    assert account(workspace).available == 90
    assert_cache_is_the_sum(workspace)


@pytest.mark.parametrize("kinds", [("hold", "hold"), ("settle", "release"), ("settle", "settle")])
def test_it_is_the_database_that_refuses_a_second_time(workspace, payer, kinds):
    give(workspace, 100)
    first, second = kinds
    row = {"account": account(workspace), "amount": 1, "reference": "generation:x"}
    LedgerEntry.objects.create(kind=first, **row)
    with pytest.raises(IntegrityError):
        LedgerEntry.objects.create(kind=second, **row)


def test_it_writes_the_truth_even_below_zero(workspace, payer):
    give(workspace, 10)
    hold(workspace, payer, 10)
    with transaction.atomic():
        ledger.settle("generation:a", Decimal(25))
    assert account(workspace).available == -15
    assert_cache_is_the_sum(workspace)


def test_it_counts_every_entry_for_who_and_what_paid(workspace, payer):
    give(workspace, 100)
    hold(workspace, payer, 10)
    with transaction.atomic():
        ledger.settle("generation:a", Decimal(10))
    for entry in LedgerEntry.objects.filter(reference="generation:a"):
        assert entry.member == payer.member
        assert entry.workflow == payer.workflow
        assert entry.api_key == payer.api_key
        assert entry.model_id == "z-image"


def test_it_moves_credits_only_inside_a_transaction(workspace, payer):
    give(workspace, 100)
    with pytest.raises(transaction.TransactionManagementError):
        ledger.hold(workspace, Decimal(1), reference="generation:a", payer=payer)


def test_it_cannot_close_what_was_never_held(workspace, payer):
    give(workspace, 100)
    with pytest.raises(ledger.HoldMissing), transaction.atomic():
        ledger.settle("generation:never", Decimal(1))
