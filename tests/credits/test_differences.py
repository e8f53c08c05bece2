"""What moved Rivya's balance beside our jobs: guessed from facts, told of, named by an owner."""

from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.http import Http404

from rivya_app.core import clock
from rivya_app.credits import differences, expiries, ledger, wallet
from rivya_app.credits.differences import Named
from rivya_app.credits.expiries import WantedExpiry
from rivya_app.credits.models import CreditAccount, Difference, LedgerEntry, WalletSnapshot
from rivya_app.notices.models import Notice
from rivya_app.workspaces.models import AuditEntry
from tests.credits.account import give

pytestmark = pytest.mark.django_db(transaction=True)


def found() -> Difference:
    return Difference.objects.latest("id")


def kinds() -> list[str]:
    return list(Difference.objects.order_by("id").values_list("kind", flat=True))


def kept(monkeypatch, *amounts: int) -> None:
    """Failed jobs kept these amounts."""
    fail = [Decimal(amount) for amount in amounts]
    monkeypatch.setitem(differences._kept, "test", lambda _home, _since: fail)


def ends(owner, *, in_days: int, count: int | None):
    day = clock.now().date() + timedelta(days=in_days)
    amount = None if count is None else Decimal(count)
    return expiries.add(member=owner, wanted=WantedExpiry("pack", "Pack", amount, day))


def test_every_difference_has_its_row_with_the_amount_and_time_of_its_entry(workspace, owner):
    for balance in (100, 250, 240):
        give(workspace, balance)
    entries = LedgerEntry.objects.filter(kind="wallet").order_by("id")
    rows = Difference.objects.order_by("id")
    assert [(row.entry, row.amount, row.found_at) for row in rows] == [
        (entry, entry.amount, entry.created_at) for entry in entries
    ]
    assert kinds() == ["first_reading", "top_up", "unknown"]


def test_a_difference_that_cannot_be_kept_keeps_its_entry_out_too(workspace, monkeypatch):
    give(workspace, 100)
    monkeypatch.setattr(differences, "explain", lambda *_a, **_k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        give(workspace, 250)
    assert LedgerEntry.objects.filter(kind="wallet").count() == 1
    assert WalletSnapshot.objects.count() == 1
    assert CreditAccount.objects.get().available == 100


@pytest.mark.parametrize(
    ("amounts", "balance", "kind"),
    [
        ((12, 5), 105, "returned"),  # one of them
        ((12, 5), 117, "returned"),  # all of them
        ((12, 5), 109, "top_up"),
        ((), 105, "top_up"),
    ],
)
def test_it_knows_what_failed_jobs_kept_when_it_comes_back(
    workspace, monkeypatch, amounts, balance, kind
):
    give(workspace, 100)
    kept(monkeypatch, *amounts)
    give(workspace, balance)
    assert found().kind == kind


def test_what_came_back_does_not_come_back_again(workspace, monkeypatch):
    give(workspace, 100)
    kept(monkeypatch, 5)
    give(workspace, 105)
    give(workspace, 110)
    assert kinds() == ["first_reading", "returned", "top_up"]


def test_what_was_missing_and_comes_back_is_one_late_return(workspace):
    give(workspace, 100)
    give(workspace, 91)
    assert found().kind == "unknown"
    give(workspace, 100)
    assert kinds() == ["first_reading", "returned", "returned"]
    assert differences.unknown_sum(CreditAccount.objects.get()) == 0


def test_what_an_owner_has_named_is_not_taken_for_a_late_return(workspace, owner):
    give(workspace, 100)
    give(workspace, 91)
    said = Named("outside")
    differences.name(member=owner, public_id=found().public_id, named=said)
    give(workspace, 100)
    assert kinds() == ["first_reading", "outside", "top_up"]


@pytest.mark.parametrize(
    ("in_days", "count", "kind"),
    [
        (0, 40, "expired"),
        (-2, 40, "expired"),
        (1, None, "expired"),
        (0, 39, "unknown"),
        (-6, 40, "unknown"),
        (4, 40, "unknown"),
    ],
)
def test_it_knows_credits_that_ended_about_when_and_as_many_as_the_owner_said(
    workspace, owner, in_days, count, kind
):
    give(workspace, 100)
    ends(owner, in_days=in_days, count=count)
    give(workspace, 60)
    assert found().kind == kind


def test_a_pack_does_not_end_twice_and_one_taken_away_not_at_all(workspace, owner):
    give(workspace, 100)
    pack = ends(owner, in_days=0, count=30)
    give(workspace, 80)
    give(workspace, 60)
    assert kinds()[1:] == ["expired", "unknown"]
    expiries.remove(member=owner, public_id=pack.public_id)
    give(workspace, 55)
    assert found().kind == "unknown"


def test_owners_are_told_once_unknown_differences_pass_the_mark(workspace, owner, seller):
    give(workspace, 100)
    give(workspace, 80)  # just the mark
    assert not Notice.objects.filter(kind="wallet_difference").exists()
    give(workspace, 79)
    told = Notice.objects.get(kind="wallet_difference")
    assert told.member == owner
    assert told.link == "/credits/wallet/"
    assert str(found().public_id) in told.event_key
    give(workspace, 79)
    assert Notice.objects.filter(kind="wallet_difference").count() == 1


def test_named_ones_and_old_ones_do_not_count_towards_the_mark(workspace, owner):
    with clock.at(clock.now() - timedelta(days=31)):
        give(workspace, 100)
        give(workspace, 85)
    give(workspace, 70)
    differences.name(member=owner, public_id=found().public_id, named=Named("outside"))
    give(workspace, 60)
    assert differences.unknown_sum(CreditAccount.objects.get()) == 10
    assert not Notice.objects.filter(kind="wallet_difference").exists()


def test_an_owner_names_one_and_may_change_it(workspace, owner):
    give(workspace, 100)
    give(workspace, 90)
    public_id = found().public_id
    differences.name(member=owner, public_id=public_id, named=Named("outside", "Kabir, in Studio"))
    row = found()
    assert (row.kind, row.note, row.named_by) == ("outside", "Kabir, in Studio", owner)
    assert row.named_at is not None
    differences.name(member=owner, public_id=public_id, named=Named("outside", "Kabir, in Studio"))
    assert AuditEntry.objects.filter(act="credits.difference_named").count() == 1
    differences.name(member=owner, public_id=public_id, named=Named("expired"))
    assert found().kind == "expired"
    facts = AuditEntry.objects.filter(act="credits.difference_named").values_list(
        "facts", flat=True
    )
    assert [(one["before"], one["after"]) for one in facts] == [
        ("outside", "expired"),
        ("unknown", "outside"),
    ]


def test_nobody_else_names_one_and_nothing_is_called_what_it_cannot_be(
    workspace, owner, support, stranger
):
    give(workspace, 100)
    first = found()
    give(workspace, 90)
    row = found()
    with pytest.raises(PermissionDenied):
        differences.name(member=support, public_id=row.public_id, named=Named("outside"))
    with pytest.raises(Http404):
        differences.name(member=stranger, public_id=row.public_id, named=Named("outside"))
    with pytest.raises(Http404):
        differences.name(member=owner, public_id=uuid4(), named=Named("outside"))
    for one, kind in ((row, "top_up"), (row, "first_reading"), (first, "top_up")):
        with pytest.raises(ValueError, match="is no"):
            differences.name(member=owner, public_id=one.public_id, named=Named(kind))
    assert kinds() == ["first_reading", "unknown"]
    assert not AuditEntry.objects.exists()


def test_one_entry_has_one_difference(workspace):
    give(workspace, 100)
    row = found()
    with pytest.raises(IntegrityError), transaction.atomic():
        Difference.objects.create(
            account=row.account, entry=row.entry, kind="unknown", amount=row.amount
        )


def test_what_was_found_before_is_named_by_the_migration(workspace, payer):
    """Run as on a full table: rows that are there stay, those that lack are made."""
    for balance in (100, 250, 240):
        give(workspace, balance)
    with transaction.atomic():
        ledger.hold(workspace, Decimal(5), reference="generation:a", payer=payer)
    before = list(Difference.objects.order_by("id").values_list("entry", "kind", "amount"))
    Difference.objects.exclude(kind="top_up").delete()
    migration = import_module("rivya_app.credits.migrations.0009_name_what_was_found")
    with connection.cursor() as cursor:
        cursor.execute(migration._NAME)
        cursor.execute(migration._NAME)
    after = Difference.objects.order_by("entry").values_list("entry", "kind", "amount")
    assert list(after) == before
    assert {row.found_at for row in Difference.objects.all()} == {
        entry.created_at for entry in LedgerEntry.objects.filter(kind="wallet")
    }


def test_marks_are_the_owners_and_a_change_of_them_is_noted(workspace, owner, support):
    marks = {"low_mark": Decimal(80), "unknown_mark": Decimal(5)}
    with pytest.raises(PermissionDenied):
        wallet.change_marks(member=support, **marks)
    wallet.change_marks(member=owner, **marks)
    wallet.change_marks(member=owner, **marks)
    account = CreditAccount.objects.get()
    assert (account.low_mark, account.unknown_mark) == (80, 5)
    noted = AuditEntry.objects.get(act="credits.marks_changed")
    assert noted.facts["low_mark"] == ["50.00", "80"]
