"""The command that compares balances and usage with the ledger, and mends them."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from rivya_app.credits import ledger
from rivya_app.credits.models import CreditAccount, Usage
from tests.credits.account import give

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(workspace, payer):
    give(workspace, 100)
    with transaction.atomic():
        ledger.hold(workspace, Decimal(10), reference="generation:a", payer=payer)
        ledger.settle("generation:a", Decimal(7))
        ledger.hold(workspace, Decimal(5), reference="generation:b", payer=payer)
    return CreditAccount.objects.get(workspace=workspace)


def recount(*options):
    said = StringIO()
    call_command("recount_credits", *options, stdout=said)
    return said.getvalue()


def test_it_finds_nothing_where_all_is_right(account):
    assert "Everything is as the ledger says." in recount("--check")


def test_it_says_what_differs_and_ends_with_an_error(account):
    CreditAccount.objects.update(held=50)
    Usage.objects.filter(scope="member", period="").update(spent=99)
    with pytest.raises(CommandError, match="2 differ"):
        recount("--check")
    account.refresh_from_db()
    assert account.held == 50


def test_it_mends_what_differs(account):
    CreditAccount.objects.update(available=1, held=50)
    Usage.objects.filter(scope="key").delete()
    said = recount()
    assert "available is kept as 1.00, the ledger says 88.00" in said
    assert "held is kept as 50.00, the ledger says 5.00" in said
    assert "kept 0 held, 0 spent; the ledger says 5.00 held, 7.00 spent" in said
    account.refresh_from_db()
    assert (account.available, account.held) == (88, 5)
    assert "Everything is as the ledger says." in recount("--check")


def test_it_looks_at_one_workspace_where_only_one_is_named(account, stranger):
    CreditAccount.objects.update(held=50)
    assert "Everything" in recount("--check", "--workspace", stranger.workspace.name)
