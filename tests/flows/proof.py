"""What must be true of every job in the end, whatever happened on the way."""

import hashlib
from collections import Counter
from decimal import Decimal

from django.core.files.storage import default_storage
from django.db.models import Sum

from rivya_app.credits.models import LedgerEntry
from rivya_app.generations import jobs, sweep
from rivya_app.generations.models import CLOSED_STATUSES, Generation, GenerationEvent
from rivya_app.library import jobs as library
from rivya_app.library.models import StoredFile
from tests.shop import CREDITS, Shop
from tests.waiting import wait_for

ENDS = {LedgerEntry.Kind.SETTLE, LedgerEntry.Kind.RELEASE}


def is_over() -> bool:
    """Whether every job is closed and every file decided."""
    return (
        Generation.objects.exists()
        and not Generation.objects.filter(finished_at=None).exists()
        and not StoredFile.objects.filter(state="pending").exists()
    )


def assert_one_of_each(shop: Shop, *, count: int = 1, seconds: float = 30) -> None:
    """`count` jobs come to one final state, one task, one settlement, one stored result each.

    Then everything that could be repeated is repeated, and all of it must still be so.
    """
    wait_for(is_over, seconds, "the end of every job")
    _assert_it(shop, count)
    for job in Generation.objects.all():
        jobs.submit(job.public_id)
    sweep.sweep()
    for file in StoredFile.objects.all():
        library.copy(file.pk)
    _assert_it(shop, count)


def _assert_it(shop: Shop, count: int) -> None:
    found = list(Generation.objects.order_by("id"))
    assert len(found) == count
    _assert_one_task_each(shop, found)
    for job in found:
        _assert_one_end(job)
        _assert_one_settlement(job)
        _assert_one_result(job)
    _assert_the_sums(shop, found)


def _assert_one_task_each(shop: Shop, found: list[Generation]) -> None:
    assert Counter(job.task_id for job in found) == Counter(
        str(task["id"]) for task in shop.rivya.tasks()
    )
    assert set(shop.sends()) <= {str(job.idempotency_key) for job in found}


def _assert_one_end(job: Generation) -> None:
    assert job.status == "succeeded"
    ends = GenerationEvent.objects.filter(generation=job, status_after__in=CLOSED_STATUSES)
    assert ends.exclude(status_before__in=CLOSED_STATUSES).count() == 1
    accepted = GenerationEvent.objects.filter(generation=job, kind="accepted")
    assert accepted.count() == 1


def _assert_one_settlement(job: Generation) -> None:
    entries = LedgerEntry.objects.filter(reference=job.reference)
    kinds = Counter(entries.values_list("kind", flat=True))
    assert kinds == Counter({"hold": 1, "reserve": 1, "settle": 1})
    sums = entries.aggregate(moved=Sum("amount"), spent=Sum("spent"))
    assert sums == {"moved": -Decimal(job.final_credits or 0), "spent": job.final_credits}


def _assert_one_result(job: Generation) -> None:
    file = StoredFile.objects.get(source=job.reference)
    assert file.state == "stored"
    with default_storage.open(file.storage_name, "rb") as stored:
        assert hashlib.sha256(stored.read()).hexdigest() == file.sha256


def _assert_the_sums(shop: Shop, found: list[Generation]) -> None:
    """Our account, our ledger and Rivya's wallet say the same."""
    account = shop.workspace.credit_account
    account.refresh_from_db()
    spent = sum((job.final_credits or Decimal(0) for job in found), Decimal(0))
    assert (account.available, account.held) == (CREDITS - spent, 0)
    total = LedgerEntry.objects.filter(account=account).aggregate(total=Sum("amount"))
    assert total["total"] == account.available
    assert Decimal(str(shop.rivya.wallet()["credits"])) == account.available
