"""Rivya's balance against the ledger."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from rivya_app.core import clock
from rivya_app.credits import ledger, wallet
from rivya_app.credits.models import CreditAccount, LedgerEntry, WalletSnapshot
from tests.credits.account import give

pytestmark = pytest.mark.django_db(transaction=True)


def available(workspace):
    return CreditAccount.objects.get(workspace=workspace).available


def hold(workspace, payer, amount):
    with transaction.atomic():
        ledger.hold(workspace, Decimal(amount), reference="generation:a", payer=payer)


def test_it_takes_over_a_top_up(workspace, payer):
    give(workspace, 100)
    give(workspace, 150)
    assert available(workspace) == 150
    assert LedgerEntry.objects.filter(kind="wallet").count() == 2


def test_it_writes_nothing_where_both_agree(workspace, payer):
    give(workspace, 100)
    give(workspace, 100)
    assert LedgerEntry.objects.filter(kind="wallet").count() == 1
    assert WalletSnapshot.objects.count() == 2


def test_it_knows_that_a_hold_is_not_yet_taken_at_rivya(workspace, payer):
    give(workspace, 100)
    hold(workspace, payer, 10)
    give(workspace, 100)
    give(workspace, 100)
    assert available(workspace) == 90


def test_it_does_not_mistake_a_reservation_in_flight_for_spending(workspace, payer):
    give(workspace, 100)
    hold(workspace, payer, 10)
    give(workspace, 90)  # Rivya has reserved, its answer is still on the way
    assert available(workspace) == 90
    with transaction.atomic():
        ledger.confirm_reserved("generation:a", Decimal(10))
    give(workspace, 90)
    assert available(workspace) == 90
    assert LedgerEntry.objects.filter(kind="wallet").count() == 1


def test_it_takes_over_a_difference_that_stays(workspace, payer):
    give(workspace, 100)
    hold(workspace, payer, 10)
    give(workspace, 60)  # forty were used elsewhere
    assert available(workspace) == 90
    give(workspace, 60)
    assert available(workspace) == 50


def test_it_takes_over_at_once_what_no_return_explains(workspace, payer):
    give(workspace, 100)
    hold(workspace, payer, 10)
    give(workspace, 300)
    assert available(workspace) == 290


def test_it_ignores_an_answer_older_than_the_one_it_has(workspace, payer):
    give(workspace, 100)
    old = clock.now() - timedelta(minutes=1)
    wallet.record(workspace, Decimal(5), asked_at=old, cause="late")
    assert available(workspace) == 100


def test_it_compares_nothing_while_credits_move(workspace, payer):
    give(workspace, 100)
    asked_at = clock.now()
    hold(workspace, payer, 10)
    wallet.record(workspace, Decimal(55), asked_at=asked_at, cause="test")
    assert available(workspace) == 90
    assert WalletSnapshot.objects.first().expected is None
