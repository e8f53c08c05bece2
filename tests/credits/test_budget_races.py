"""Several at once at the last credits of a budget or a limit. The guard is the account's lock."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from rivya_app.briefs.models import Brief
from rivya_app.credits import budgets, ledger
from rivya_app.credits.models import CreditAccount, LedgerEntry
from rivya_app.workspaces.models import Campaign
from tests.campaigns.making import made
from tests.credits.account import give, limit, without_lock
from tests.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def hold_in_threads(campaign: Campaign, payer: Any) -> int:
    paid = replace(payer, campaign=campaign)

    def hold(number: int) -> None:
        reference = f"generation:{number}"
        with transaction.atomic():
            ledger.hold(campaign.workspace, Decimal(10), reference=reference, payer=paid)

    at_once(8, hold)
    return LedgerEntry.objects.filter(kind="hold").count()


@pytest.fixture
def campaign(workspace):
    return Campaign.objects.create(workspace=workspace, name="Festive table", budget=30)


def test_it_never_holds_beyond_a_budget(campaign, payer):
    give(campaign.workspace, 500)
    assert hold_in_threads(campaign, payer) == 3
    assert budgets.left_of(campaign) == 0


def test_it_would_go_beyond_it_without_the_account_lock(campaign, payer, monkeypatch):
    give(campaign.workspace, 500)
    without_lock(monkeypatch, together=8)
    assert hold_in_threads(campaign, payer) > 3


def test_of_two_briefs_at_the_last_credits_one_starts_and_one_waits(shop, seller, manager):
    campaign = made(manager, budget=1)
    at_once(2, lambda _number: shop.submit(seller, campaign=campaign))
    assert sorted(Brief.objects.values_list("state", flat=True)) == ["needs_budget", "started"]
    assert budgets.used_by([campaign])[campaign.pk][0] == 1


SCOPES = ("workspace", "campaign", "member", "key")


def limit_of(scope, campaign, payer):
    """30 credits for everything that these holds ask."""
    campaign.budget = None
    campaign.save()
    named = {"campaign": campaign, "member": payer.member, "key": payer.api_key}
    column = "api_key" if scope == "key" else scope
    account = CreditAccount.objects.get(workspace=campaign.workspace)
    return limit(account, 30, scope=scope, **({column: named[scope]} if scope in named else {}))


@pytest.mark.parametrize("scope", SCOPES)
def test_it_never_holds_beyond_a_limit(campaign, payer, scope):
    give(campaign.workspace, 500)
    limit_of(scope, campaign, payer)
    assert hold_in_threads(campaign, payer) == 3


@pytest.mark.parametrize("scope", SCOPES)
def test_it_would_go_beyond_a_limit_without_the_account_lock(campaign, payer, scope, monkeypatch):
    give(campaign.workspace, 500)
    limit_of(scope, campaign, payer)
    without_lock(monkeypatch, together=8)
    assert hold_in_threads(campaign, payer) > 3
