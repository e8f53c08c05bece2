"""Two at once, as threads on PostgreSQL. A race has a twin without its guard, which must lose."""

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from rivya_app.credits import ledger
from rivya_app.credits.models import CreditAccount, LedgerEntry
from rivya_app.generations import jobs
from rivya_app.generations.models import Generation
from tests.credits.account import give
from tests.shop import CREDITS

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """Run `act(number)` in `count` threads that start together; errors are returned, not raised."""
    gate, results = threading.Barrier(count), [None] * count

    def run(number: int) -> None:
        gate.wait(timeout=10)
        try:
            results[number] = act(number)
        except Exception as error:  # noqa: BLE001  the test looks at it
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def hold_in_threads(workspace: Any, payer: Any) -> int:
    def hold(number: int) -> None:
        with transaction.atomic():
            ledger.hold(workspace, Decimal(10), reference=f"generation:{number}", payer=payer)

    at_once(8, hold)
    return LedgerEntry.objects.filter(kind="hold").count()


def test_it_never_holds_more_than_there_is(workspace, payer):
    give(workspace, 30)
    assert hold_in_threads(workspace, payer) == 3
    account = CreditAccount.objects.get(workspace=workspace)
    assert (account.available, account.held) == (0, 30)


def test_it_would_hold_too_much_without_the_account_lock(workspace, payer, monkeypatch):
    give(workspace, 30)
    gate = threading.Barrier(8)

    def unlocked(home: Any) -> CreditAccount:
        account = CreditAccount.objects.get(workspace=home)
        gate.wait(timeout=10)
        return account

    monkeypatch.setattr(ledger, "lock_account", unlocked)
    assert hold_in_threads(workspace, payer) > 3


def test_it_sends_a_job_once_when_two_workers_take_it(shop, seller):
    job = shop.job(shop.submit(seller))
    at_once(4, lambda _number: jobs.submit(job.public_id))
    assert len(shop.sends()) == 1


def test_it_would_send_twice_without_the_row_lock(shop, seller, monkeypatch):
    job = shop.job(shop.submit(seller))
    gate = threading.Barrier(4)

    def unlocked(public_id: Any) -> Generation:
        row = Generation.objects.select_related("workspace", "api_key").get(public_id=public_id)
        if row.status == "queued":
            gate.wait(timeout=10)
        return row

    monkeypatch.setattr(jobs, "_lock", unlocked)
    at_once(4, lambda _number: jobs.submit(job.public_id))
    assert len(shop.sends()) > 1


def test_it_applies_one_of_many_final_answers(shop, seller):
    from rivya_app.gateway.clients import client_for

    job = shop.job(shop.submit(seller))
    jobs.submit(job.public_id)
    job.refresh_from_db()
    shop.rivya.finish(job.task_id)
    with client_for(shop.key) as rivya:
        final = rivya.generations.get(job.task_id)
    applied = at_once(6, lambda _n: jobs.apply_remote(job.public_id, final, cause="poll"))
    assert sorted(map(bool, applied)) == [False] * 5 + [True]
    account = CreditAccount.objects.get(workspace=shop.workspace)
    assert (account.available, account.held) == (CREDITS - 1, 0)


def test_it_makes_one_brief_of_one_form_sent_from_two_tabs(shop, seller):
    token = uuid4()
    briefs = at_once(6, lambda _number: shop.submit(seller, form_token=token).pk)
    assert len(set(briefs)) == 1
    assert Generation.objects.count() == 1
