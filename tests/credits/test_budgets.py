"""A campaign's budget, as the ledger keeps it."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import transaction

from rivya_app.credits import budgets, ledger
from rivya_app.credits.models import LedgerEntry
from rivya_app.credits.statement import spent_and_held
from rivya_app.workspaces.models import Campaign
from tests.credits.account import give

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign(workspace):
    return Campaign.objects.create(workspace=workspace, name="Festive table", budget=10)


def hold(campaign, payer, amount, reference="generation:a", **more):
    with transaction.atomic():
        return ledger.hold(
            campaign.workspace,
            Decimal(amount),
            reference=reference,
            payer=replace(payer, campaign=campaign),
            **more,
        )


def test_it_holds_up_to_the_budget_and_no_further(campaign, payer):
    give(campaign.workspace, 100)
    assert hold(campaign, payer, 10)
    assert budgets.left_of(campaign) == 0
    with pytest.raises(ledger.OverBudget) as refusal:
        hold(campaign, payer, 1, "generation:b")
    assert (refusal.value.needed, refusal.value.left) == (1, 0)
    assert LedgerEntry.objects.filter(kind="hold").count() == 1


def test_what_comes_back_can_be_held_again(campaign, payer):
    give(campaign.workspace, 100)
    hold(campaign, payer, 10)
    with transaction.atomic():
        ledger.settle("generation:a", Decimal(4))
    assert budgets.used_by([campaign])[campaign.pk] == (4, 4)
    assert hold(campaign, payer, 6, "generation:b")
    assert budgets.used_by([campaign])[campaign.pk] == (10, 4)


def test_a_reservation_beyond_the_budget_is_the_truth(campaign, payer):
    give(campaign.workspace, 100)
    hold(campaign, payer, 10)
    with transaction.atomic():
        ledger.confirm_reserved("generation:a", Decimal(13))
    assert budgets.left_of(campaign) == -3
    with pytest.raises(ledger.OverBudget):
        hold(campaign, payer, Decimal("0.01"), "generation:b")


def test_a_raised_budget_counts_at_once_and_a_lowered_one_too(campaign, payer):
    give(campaign.workspace, 100)
    hold(campaign, payer, 10)
    Campaign.objects.filter(pk=campaign.pk).update(budget=20)
    assert hold(campaign, payer, 10, "generation:b")
    Campaign.objects.filter(pk=campaign.pk).update(budget=5)
    assert budgets.left_of(campaign) == -15


def test_the_shares_are_the_sum_and_so_are_the_references(campaign, payer, manager):
    give(campaign.workspace, 100)
    hold(campaign, payer, 3)
    with transaction.atomic():
        ledger.settle("generation:a", Decimal(2))
    other = replace(payer, member=manager, model_id="kling-2-6")
    hold(campaign, other, 5, "generation:b")
    used, spent = budgets.used_by([campaign])[campaign.pk]
    shares = budgets.shares_of(campaign)
    assert [(share.member, share.used, share.held) for share in shares] == [
        ("Meera Manager", 5, 5),
        ("Asha Seller", 2, 0),
    ]
    assert sum(share.used for share in shares) == used == 7
    assert sum(share.spent for share in shares) == spent == 2
    assert [share.job_count for share in shares] == [1, 1]
    by_job = spent_and_held(["generation:a", "generation:b", "generation:none"])
    found = {reference: (one.all, one.spent) for reference, one in by_job.items()}
    assert found == {"generation:a": (2, 2), "generation:b": (5, 0)}
