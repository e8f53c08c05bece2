"""What each scope holds and has spent is what the ledger says."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Q, Sum

from rivya_app.credits import ledger, limits, usage
from rivya_app.credits.ledger import OverLimit, Payer
from rivya_app.credits.models import CreditAccount, LedgerEntry, Limit, Usage
from rivya_app.workspaces.models import Campaign
from tests.credits.account import give

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


def limit(account, amount, **fields) -> Limit:
    values = {"scope": "workspace", "period": "month", "is_hard": True, "thresholds": []}
    return Limit.objects.create(account=account, amount=amount, **values | fields)


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
    assert (refusal.value.limit, refusal.value.left) == (wanted, 15)
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
