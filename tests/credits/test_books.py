"""The books close: what a month began with, plus what came, less what went, is what is there."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rivya_app.core import clock
from rivya_app.credits import differences, ledger, wallet
from rivya_app.credits.books import books_of
from rivya_app.credits.differences import Named
from rivya_app.credits.ledger import Payer
from rivya_app.credits.models import CreditAccount, Difference, LedgerEntry
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.workspaces.models import Membership, Workspace
from tests.shop import CREDITS

BEGAN = datetime(2026, 1, 28, 22, 30, tzinfo=UTC)

amounts = st.decimals(min_value=0, max_value=60, places=2)
acts = st.one_of(
    st.tuples(st.just("hold"), amounts),
    st.tuples(st.just("confirm"), amounts),
    st.tuples(st.just("settle"), amounts),
    st.tuples(st.just("release"), amounts),
    st.tuples(st.just("read"), st.decimals(min_value=0, max_value=500, places=2)),
    st.tuples(st.just("read again"), st.decimals(min_value=0, max_value=500, places=2)),
    st.tuples(st.just("name"), amounts),
)
steps = st.lists(st.tuples(acts, st.integers(min_value=1, max_value=200)), max_size=40)


class History:
    """A workspace of its own to which the drawn acts happen, hours or days apart."""

    def __init__(self, seller: Membership, owner: Membership, zone: str) -> None:
        self.home = Workspace.objects.create(name="Drawn", time_zone=zone)
        mine = {"workspace": self.home}
        self.owner = Membership.objects.create(user=owner.user, roles=["owner"], **mine)
        maker = Membership.objects.create(user=seller.user, roles=["seller"], **mine)
        key = ApiKey.objects.create(purpose="x", fingerprint=uuid4().hex * 2, **mine)
        flow = Workflow.objects.create(moment="listing_images", api_key=key, **mine)
        self.payer = Payer(maker, flow, key)
        self.open: list[str] = []

    def play(self, kind: str, amount: Decimal) -> None:
        if kind == "hold":
            self.hold(amount)
        elif kind == "read":
            self.read(amount)
        elif kind == "read again":
            self.read(amount)
            with clock.at(clock.now() + timedelta(seconds=5)):
                self.read(amount)
        elif kind == "name":
            self.name()
        elif self.open:
            self.close(kind, amount)

    def hold(self, amount: Decimal) -> None:
        reference = f"generation:{uuid4()}"
        try:
            with transaction.atomic():
                ledger.hold(self.home, amount, reference=reference, payer=self.payer)
        except ledger.NotEnoughCredits:
            return
        self.open.append(reference)

    def close(self, kind: str, amount: Decimal) -> None:
        with transaction.atomic():
            if kind == "confirm":
                ledger.confirm_reserved(self.open[-1], amount)
            elif kind == "settle":
                ledger.settle(self.open.pop(), amount)
            else:
                ledger.release(self.open.pop())

    def read(self, balance: Decimal) -> None:
        asked_at = clock.now() + timedelta(milliseconds=1)
        wallet.record(self.home, balance, asked_at=asked_at, cause="test")

    def name(self) -> None:
        unnamed = Difference.objects.filter(account__workspace=self.home, kind="unknown").first()
        if unnamed is not None:
            named = Named("outside" if unnamed.amount < 0 else "top_up")
            differences.name(member=self.owner, public_id=unnamed.public_id, named=named)

    def account(self) -> CreditAccount:
        return CreditAccount.objects.select_related("workspace").get(workspace=self.home)

    def assert_closed(self) -> None:
        account = self.account()
        books = books_of(account)
        assert books.gap == 0, books
        assert books.now == account.available + account.held
        total = LedgerEntry.objects.filter(account=account).aggregate(sum=Sum("amount"))["sum"]
        assert account.available == (total or 0)
        assert account.differences.count() == account.entries.filter(kind="wallet").count()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata"])
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(drawn=steps)
def test_they_close_whatever_happens_and_whenever_it_is_read(zone, seller, owner, drawn):
    history = History(seller, owner, zone)
    moment = BEGAN
    with clock.at(moment):
        history.read(Decimal(120))
        history.assert_closed()
    for (kind, amount), hours in drawn:
        moment += timedelta(hours=hours)
        with clock.at(moment):
            history.play(kind, amount)
            history.assert_closed()


@pytest.mark.django_db(transaction=True)
def test_a_month_begins_with_what_the_one_before_ended_with(seller, owner):
    history = History(seller, owner, "Asia/Kolkata")
    with clock.at(BEGAN):
        history.read(Decimal(120))
        history.hold(Decimal(20))
        history.close("settle", Decimal(15))
        history.hold(Decimal(5))
    with clock.at(datetime(2026, 1, 31, 18, 31, tzinfo=UTC)):  # February in Kolkata
        history.read(Decimal(205))  # a top-up of 100
        books = books_of(history.account())
        assert (books.began, books.added, books.spent, books.other) == (105, 100, 0, 0)
        assert (books.now, books.held, books.available) == (205, 5, 200)
        history.assert_closed()
    with clock.at(BEGAN + timedelta(hours=1)):  # still January there
        assert books_of(history.account()).since.month == 1


@pytest.mark.django_db(transaction=True)
def test_they_do_not_close_where_a_difference_was_lost(seller, owner):
    history = History(seller, owner, "UTC")
    for balance in (120, 200):
        history.read(Decimal(balance))
    Difference.objects.latest("id").delete()
    assert books_of(history.account()).gap == 80


def test_they_close_with_the_stand_in_through_a_top_up_studio_and_a_late_return(
    shop, seller, owner, workspace
):
    """Everything that moves a balance, once, through the product's own road."""
    shop.rivya.fault("fail", times=1, keep_credits=True)
    failed = shop.finish(shop.submit(seller))
    shop.finish(shop.submit(seller))
    assert (failed.status, failed.final_credits) == ("failed", 1)

    def moves(by: int) -> str:
        shop.rivya.set_credits(shop.rivya.wallet()["credits"] + by)
        assert wallet.read(workspace, cause="test")
        return Difference.objects.latest("id").kind

    assert moves(+1) == "returned"
    assert moves(+100) == "top_up"
    assert moves(-30) == "unknown"
    studio = Difference.objects.latest("id")
    differences.name(member=owner, public_id=studio.public_id, named=Named("outside"))
    account = CreditAccount.objects.select_related("workspace").get()
    books = books_of(account)
    assert (books.began, books.added, books.returned, books.spent) == (0, CREDITS + 100, 1, 2)
    assert (books.other, books.now) == (-30, CREDITS + 69)
    assert books.gap == 0
    assert books.available == shop.rivya.wallet()["credits"]
