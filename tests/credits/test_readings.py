"""When Rivya's balance is read: after jobs, before the first one after an outage, on a press."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction

from rivya_app.core import clock
from rivya_app.credits import readings, wallet
from rivya_app.credits.models import CreditAccount, WalletSnapshot
from rivya_app.credits.readings import Reading
from rivya_app.credits.tasks import read_wallet
from rivya_app.credits.wallet import Asked
from rivya_app.gateway.models import ApiKey
from rivya_app.generations import jobs
from tests.credits.account import give

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def published(monkeypatch):
    """What would be handed to the workers, in their order."""
    sent: list[dict] = []
    monkeypatch.setattr(read_wallet, "apply_async", lambda **words: sent.append(words))
    return sent


def causes() -> list[str]:
    return list(WalletSnapshot.objects.order_by("id").values_list("cause", flat=True))


def balance_calls(shop) -> int:
    return sum(call["path"].endswith("/credits") for call in shop.rivya.requests())


def test_jobs_that_end_within_a_minute_ask_for_one_reading(shop, seller, published):
    shop.rivya.fault("fail", times=1)
    shop.finish(shop.submit(seller, draft_count=3))
    asked = [words for words in published if words["kwargs"]["cause"] == "after a job"]
    assert [words["countdown"] for words in asked] == [wallet.SOON]
    assert asked[0]["kwargs"]["workspace_id"] == shop.workspace.pk


def test_after_that_minute_the_next_end_asks_again(workspace, published):
    for _end in range(2):
        with transaction.atomic():
            wallet.read_soon(workspace)
        cache.delete(f"wallet-soon:{workspace.public_id}")
    assert len(published) == 2


def test_an_end_that_is_rolled_back_asks_for_nothing(workspace, published):
    with transaction.atomic():
        wallet.read_soon(workspace)
        transaction.set_rollback(True)
    assert published == []


def test_without_redis_a_job_still_ends_and_a_press_still_reads(shop, seller, owner, settings):
    brief = shop.submit(seller)
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    assert shop.finish(brief).status == "succeeded"
    assert wallet.ask_now(member=owner) is Asked.READ


def test_the_first_job_after_an_outage_of_ours_reads_the_balance_before_it_is_sent(shop, seller):
    job = shop.job(shop.submit(seller))
    later = clock.now() + timedelta(hours=1, minutes=1)
    with clock.at(later):
        jobs.submit(job.public_id)
    assert causes()[-1] == "before a job"
    calls = sorted(shop.rivya.requests(), key=lambda call: call["at"])
    assert [call["path"].rpartition("/")[2] for call in calls[-2:]] == ["credits", "generations"]


def test_a_job_reads_nothing_while_the_last_reading_is_young(shop, seller):
    job, before = shop.job(shop.submit(seller)), causes()
    jobs.submit(job.public_id)
    assert causes() == before


def test_a_reading_that_fails_holds_up_no_job_and_is_not_tried_before_each(shop, seller):
    shop.rivya.fault("server_error", on=["credits.get"])
    jobs_of = shop.submit(seller, draft_count=2).drafts.order_by("position")
    with clock.at(clock.now() + timedelta(hours=2)):
        calls = balance_calls(shop)
        for draft in jobs_of:
            jobs.submit(draft.generation.public_id)
            draft.generation.refresh_from_db()
            assert draft.generation.task_id
        assert 1 <= balance_calls(shop) - calls <= 3  # the client's own quick repeats


def test_a_press_reads_now_and_a_second_one_asks_nobody(shop, owner):
    before = balance_calls(shop)
    assert wallet.ask_now(member=owner) is Asked.READ
    assert wallet.ask_now(member=owner) is Asked.JUST_READ
    assert balance_calls(shop) - before == 1
    assert causes()[-1] == "an owner asked"


def test_a_press_that_reached_nobody_may_be_tried_again_at_once(shop, owner):
    shop.rivya.fault("server_error", on=["credits.get"])
    assert wallet.ask_now(member=owner) is Asked.UNREACHABLE
    shop.rivya.clear_faults()
    assert wallet.ask_now(member=owner) is Asked.READ


def test_without_a_key_there_is_nobody_to_ask_and_only_owners_may(workspace, owner, support):
    assert wallet.ask_now(member=owner) is Asked.NO_KEY
    with pytest.raises(PermissionDenied):
        wallet.ask_now(member=support)
    assert not ApiKey.objects.exists()


def test_the_picture_is_thinned_out_but_no_gap_is_lost(workspace):
    now = clock.now()
    for number in range(240):
        with clock.at(now - timedelta(hours=719 - 3 * number)):
            give(workspace, 300 if number >= 101 else 200)
    account = CreditAccount.objects.get()
    found = readings.readings_of(account, 30)
    assert 50 <= len(found) <= readings.POINTS + 1
    assert [one.gap for one in found if one.gap] == [200, 100]
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert len(readings.readings_of(account, 7)) < 60
    chart = readings.chart_of(found)
    assert chart is not None
    assert len(chart.gaps) == 2
    assert [amount for _y, amount in chart.scale] == [0, 100, 200, 300]


@pytest.mark.parametrize("balances", [(0, 0), (Decimal("0.5"), 0), (-40, 30), (999_999, 12)])
def test_a_picture_can_be_drawn_of_any_amounts(balances):
    now = clock.now()
    rows = [
        Reading(now + timedelta(hours=number), Decimal(balance), None)
        for number, balance in enumerate(balances)
    ]
    chart = readings.chart_of(rows)
    assert chart is not None
    assert 1 <= len(chart.scale) <= 6
    assert all(0 <= y <= readings.HIGH for y, _amount in chart.scale)
    assert chart.expected == ""


def test_one_reading_makes_no_picture():
    assert readings.chart_of([Reading(clock.now(), Decimal(5), Decimal(5))]) is None
