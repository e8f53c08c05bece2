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
from rivya_app.gateway import inbox, inbox_rows
from rivya_app.gateway.clients import client_for
from rivya_app.gateway.webhook_models import InboxEvent
from rivya_app.generations import jobs
from rivya_app.generations.models import Generation
from tests.credits.account import give, without_lock
from tests.shop import CREDITS
from tests.webhooks import envelope, make_endpoint, tell

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
    without_lock(monkeypatch, together=8)
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


# --- Webhooks -------------------------------------------------------------------------------------


def told_of(shop: Any, job: Generation) -> dict[str, Any]:
    """An event with the end of a job, as Rivya would tell it."""
    shop.rivya.finish(job.task_id)
    with client_for(shop.key) as rivya:
        end = rivya.generations.get(job.task_id)
    return envelope(
        {
            "id": end.id,
            "status": end.status,
            "reserved_credits": str(end.reserved_credits),
            "final_credits": str(end.final_credits),
            "result": {"urls": list(end.result.urls) if end.result else []},
        }
    )


def running(shop: Any, seller: Any) -> Generation:
    shop.rivya.fault("stuck", stage="processing", times=1)  # until a test ends it
    job = shop.job(shop.submit(seller))
    jobs.submit(job.public_id)
    job.refresh_from_db()
    return job


def ended_once(shop: Any, job: Generation) -> bool:
    """Whether one end of the job is written, and its credits are gone once."""
    account = CreditAccount.objects.get(workspace=shop.workspace)
    return (
        job.events.filter(kind="succeeded").count() == 1
        and LedgerEntry.objects.filter(kind="settle").count() == 1
        and (account.available, account.held) == (CREDITS - 1, 0)
    )


def test_it_keeps_one_row_of_an_event_delivered_many_times_at_once(shop, seller):
    endpoint = make_endpoint(shop)
    event = told_of(shop, running(shop, seller))
    assert at_once(8, lambda _number: tell(endpoint, event)) == [202] * 8
    row = InboxEvent.objects.get()
    assert row.duplicate_count == 7


def test_it_would_keep_several_without_the_one_statement(shop, seller, monkeypatch):
    """Looking first and writing then, as two statements, without the unique constraint's word."""
    endpoint = make_endpoint(shop)
    event = told_of(shop, running(shop, seller))
    gate = threading.Barrier(4)

    def look_then_write(_row: Any) -> None:
        is_new = not InboxEvent.objects.filter(event_id=event["id"]).exists()
        gate.wait(timeout=10)
        if is_new:
            InboxEvent.objects.create(
                workspace=shop.workspace,
                endpoint=endpoint,
                event_id=f"{event['id']}-{uuid4()}",  # as if nothing made it unique
                form="standard",
            )

    monkeypatch.setattr(inbox_rows, "keep", look_then_write)
    at_once(4, lambda _number: tell(endpoint, event))
    assert InboxEvent.objects.count() > 1


def test_a_webhook_and_a_poll_and_their_twins_end_a_job_once(shop, seller):
    endpoint, job = make_endpoint(shop), running(shop, seller)
    first, second = told_of(shop, job), told_of(shop, job)
    with client_for(shop.key) as rivya:
        answer = rivya.generations.get(job.task_id)

    def act(number: int) -> Any:
        if number < 4:
            tell(endpoint, (first, second)[number % 2])
            return inbox.drain()
        return jobs.apply_remote(job.public_id, answer, cause="poll")

    at_once(8, act)
    while inbox.drain():
        pass
    assert ended_once(shop, job)
    assert not InboxEvent.objects.filter(state="waiting").exists()


def test_a_webhook_and_a_poll_would_end_it_twice_without_the_row_lock(shop, seller, monkeypatch):
    endpoint, job = make_endpoint(shop), running(shop, seller)
    event = told_of(shop, job)
    tell(endpoint, event)
    with client_for(shop.key) as rivya:
        answer = rivya.generations.get(job.task_id)
    gate = threading.Barrier(2)

    def unlocked(public_id: Any) -> Generation:
        rows = Generation.objects.select_related("workspace", "api_key", "requested_by")
        row = rows.get(public_id=public_id)
        gate.wait(timeout=10)
        return row

    monkeypatch.setattr(jobs, "_lock", unlocked)
    results = at_once(
        2,
        lambda number: (
            jobs.apply_remote(job.public_id, answer, cause="poll") if number else inbox.drain()
        ),
    )
    refused = any(isinstance(result, Exception) for result in results)
    refused = refused or InboxEvent.objects.filter(reason="trouble").exists()
    assert refused or job.events.filter(kind="succeeded").count() > 1


def test_a_webhook_that_overtakes_our_own_submit_reply_ends_the_job_once(shop, seller, monkeypatch):
    """Rivya tells of the end while the answer to our create is still on its way to the row."""
    shop.rivya.fault("stuck", stage="processing", times=1)
    endpoint, job = make_endpoint(shop), shop.job(shop.submit(seller))
    arrived, store = threading.Event(), jobs.apply_remote

    def slow_to_store(public_id: Any, answer: Any, *, cause: str, **more: Any) -> bool:
        if cause == "submit":
            job.task_id = answer.id
            arrived.set()
            assert looked.wait(timeout=20)
        return store(public_id, answer, cause=cause, **more)

    looked = threading.Event()
    monkeypatch.setattr(jobs, "apply_remote", slow_to_store)

    def act(number: int) -> Any:
        if number == 0:
            return jobs.submit(job.public_id)
        assert arrived.wait(timeout=20)
        tell(endpoint, told_of(shop, job))
        inbox.drain()
        early = InboxEvent.objects.get().reason
        looked.set()
        return early

    results = at_once(2, act)
    assert results[1] == "early"
    InboxEvent.objects.update(next_try_at="2020-01-01T00:00Z")
    inbox.drain()
    assert InboxEvent.objects.get().state == "applied"
    assert ended_once(shop, job)


def test_two_drains_take_each_event_once(shop, monkeypatch):
    endpoint, seen = make_endpoint(shop), []
    monkeypatch.setitem(
        inbox._handlers,
        "tests.something",
        lambda event: seen.append(event.payload["id"]) or inbox.Verdict("applied"),
    )
    for _event in range(60):
        tell(endpoint, envelope(type="tests.something"))
    at_once(4, lambda _number: inbox.drain())
    assert len(seen) == len(set(seen)) == 60
