"""How long credits last, and what of a plan or a pack would end unused."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404

from rivya_app.core import clock
from rivya_app.credits import cockpit, expiries, holds, ledger, pace
from rivya_app.credits.expiries import WantedExpiry
from rivya_app.credits.models import CreditAccount, CreditExpiry
from rivya_app.workspaces.models import AuditEntry
from tests.credits.account import give

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def spend(workspace, payer):
    def act(days_ago: float, amount: int) -> None:
        reference = f"generation:{uuid4()}"
        with clock.at(NOW - timedelta(days=days_ago)), transaction.atomic():
            ledger.hold(workspace, Decimal(amount), reference=reference, payer=payer)
            ledger.settle(reference, Decimal(amount))

    return act


def known_since(workspace, days: float, balance: int = 500) -> None:
    with clock.at(NOW - timedelta(days=days)):
        give(workspace, balance)


def look(workspace) -> cockpit.Room:
    with clock.at(NOW):
        return cockpit.room_of(workspace)


def test_it_says_what_was_spent_a_day_and_how_long_the_rest_lasts(workspace, spend):
    known_since(workspace, 40)
    for days_ago in (20, 13, 9, 5, 0.1):  # the first is too long ago
        spend(days_ago, 42)
    room = look(workspace)
    assert (room.pace.a_day, room.pace.days, room.pace.spent_on) == (12, 14, 4)
    assert (room.pace.today, room.pace.shown) == (42, 12)
    assert (room.standing.available, room.days_left) == (290, 24)


def test_a_young_account_is_measured_by_the_days_it_has(workspace, spend):
    known_since(workspace, 8)
    for days_ago in (7, 5, 1):
        spend(days_ago, 8)
    room = look(workspace)
    assert (room.pace.a_day, room.pace.days) == (3, 8)
    assert room.days_left == 476 // 3


@pytest.mark.parametrize(
    ("known", "days", "is_young"),
    [(6, (5, 3, 1), True), (30, (5, 1), False), (30, (), False)],
)
def test_it_says_that_it_cannot_tell_yet_and_why(workspace, spend, known, days, is_young):
    known_since(workspace, known)
    for days_ago in days:
        spend(days_ago, 10)
    room = look(workspace)
    assert (room.days_left, room.pace.shown) == (None, None)
    assert room.pace.is_young == is_young
    assert room.pace.spent_on == len(days)


def test_a_day_is_the_workspaces_own(workspace, spend):
    workspace.time_zone = "Asia/Kolkata"
    workspace.save()
    known_since(workspace, 30)
    spend(0.75, 10)  # 18:00 in London the day before is 23:30 in Kolkata
    spend(0.7, 4)  # and 70 minutes later it is today there
    assert look(workspace).pace.today == 4


def test_last_month_is_counted_until_the_same_point(workspace, spend):
    known_since(workspace, 60)
    spend(28.1, 5)  # 20 Feb, before noon
    spend(27.9, 7)  # 20 Feb, after noon
    spend(48, 3)  # 31 Jan
    account = CreditAccount.objects.select_related("workspace").get()
    with clock.at(NOW):
        assert cockpit._last_month_until_now(account) == 5
    with clock.at(datetime(2026, 3, 31, 12, 0, tzinfo=UTC)):  # February has no such day
        assert cockpit._last_month_until_now(account) == 12


def wanted(in_days: int, credits: int | None = 100, kind: str = "pack") -> WantedExpiry:  # noqa: A002
    amount = None if credits is None else Decimal(credits)
    return WantedExpiry(kind, "", amount, (NOW + timedelta(days=in_days)).date())


def outlooks(workspace, owner) -> list[expiries.Outlook]:
    account = CreditAccount.objects.select_related("workspace").get()
    with clock.at(NOW):
        rows = CreditExpiry.objects.filter(removed_at=None)
        return expiries.outlooks(account, rows, pace.pace_of(account))


def test_it_warns_of_what_would_end_unused_the_first_end_being_used_first(workspace, owner, spend):
    known_since(workspace, 40, 342)
    for days_ago in (9, 5, 1):
        spend(days_ago, 14)  # 3 a day; 300 are left
    with clock.at(NOW):
        for one in (wanted(10, 50), wanted(20, 30), wanted(-2, 10), wanted(-40, 10)):
            expiries.add(member=owner, wanted=one)
        expiries.add(member=owner, wanted=wanted(30, None, "plan"))
    found = outlooks(workspace, owner)
    assert [(one.days_left, one.unused) for one in found] == [
        (-2, None),  # over; the older one is no longer shown
        (10, 20),  # 30 of its 50 can be used until then
        (20, 0),  # 30 more in the next ten days
        (30, 190),  # 220 are left for it, and 30 more can be used
    ]
    assert [one.wastes for one in found] == [False, True, False, True]


def test_no_more_ends_than_there_is_and_nothing_is_said_without_a_pace(workspace, owner, spend):
    known_since(workspace, 3, 40)
    with clock.at(NOW):
        expiries.add(member=owner, wanted=wanted(10, 50))
    assert [(one.unused, one.wastes) for one in outlooks(workspace, owner)] == [(None, False)]


def test_an_end_is_written_down_once_and_taken_away_by_owners_alone(
    workspace, owner, support, stranger
):
    with pytest.raises(PermissionDenied):
        expiries.add(member=support, wanted=wanted(10))
    made = expiries.add(member=owner, wanted=wanted(10))
    assert expiries.add(member=owner, wanted=wanted(10)) == made
    assert CreditExpiry.objects.count() == 1
    with pytest.raises(PermissionDenied):
        expiries.remove(member=support, public_id=made.public_id)
    with pytest.raises(Http404):
        expiries.remove(member=stranger, public_id=made.public_id)
    expiries.remove(member=owner, public_id=made.public_id)
    with pytest.raises(Http404):
        expiries.remove(member=owner, public_id=made.public_id)
    acts = list(AuditEntry.objects.order_by("id").values_list("act", flat=True))
    assert acts == ["credits.expiry_added", "credits.expiry_removed"]


def test_open_holds_are_found_however_many_closed_ones_lie_above_them(
    workspace, payer, monkeypatch
):
    monkeypatch.setattr(holds, "FIRST_LOOK", 2)
    give(workspace, 500)
    account = CreditAccount.objects.get()
    assert holds.open_holds(account) == []
    with transaction.atomic():
        for number in range(12):
            reference = f"generation:{number}"
            ledger.hold(workspace, Decimal(5), reference=reference, payer=payer)
            if number > 2:
                ledger.settle(reference, Decimal(5))
        ledger.confirm_reserved("generation:1", Decimal(8))
        ledger.release("generation:0")
    account.refresh_from_db()
    found = [(one.reference, one.amount, one.is_at_rivya) for one in holds.open_holds(account)]
    assert found == [("generation:2", 5, False), ("generation:1", 8, True)]
    assert holds.before_rivya(holds.open_holds(account)) == 5
    assert holds.open_holds(account, most=4) == []
