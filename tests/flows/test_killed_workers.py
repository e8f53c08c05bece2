"""A worker dies by -9 at each step; another one takes the job up. The twins show who repairs."""

import time

import pytest

from rivya_app.generations.models import Generation
from rivya_app.library.models import StoredFile
from tests.flows.crash_points import POINTS
from tests.flows.proof import assert_one_of_each, is_over
from tests.waiting import wait_for

LONG_ENOUGH = 4  # seconds: twice the leases of these tests


@pytest.mark.parametrize("step", POINTS)
def test_it_finishes_a_job_whose_worker_was_killed(shop, seller, plant, step):
    plant.clock()
    doomed = plant.worker(die_at=step)
    shop.submit(seller)
    plant.wait_until_dead(doomed, step)
    assert not is_over()
    plant.worker()
    assert_one_of_each(shop)


HELD = {
    "submit: Rivya has not accepted yet": ("slow_accept", {}, "POST"),
    "submit: Rivya has accepted, the answer is on its way": (
        "slow_reply",
        {"on": ["generations.create"]},
        "POST",
    ),
    "poll: the answer is on its way": ("slow_reply", {"on": ["generations.get"]}, "GET"),
}


@pytest.mark.parametrize("moment", HELD)
def test_it_finishes_a_job_whose_worker_was_killed_while_it_waited_for_rivya(
    shop, seller, plant, moment
):
    fault, options, method = HELD[moment]
    shop.rivya.fault(fault, times=1, seconds=5, **options)
    plant.clock()
    doomed = plant.worker()
    shop.submit(seller)
    wait_for(lambda: is_asked(shop, method), what="the call")
    if fault == "slow_reply":
        wait_for(shop.rivya.tasks, what="the task")
    plant.kill(doomed)
    shop.rivya.clear_faults()
    plant.worker()
    assert_one_of_each(shop)


def is_asked(shop, method):
    return any(
        call["method"] == method and "/generations" in call["path"]
        for call in shop.rivya.requests()
        if not str(call["idempotency_key"]).startswith("scope-probe")
    )


def test_it_copies_a_file_whose_worker_was_killed_while_it_waited_for_bytes(shop, seller, plant):
    shop.rivya.fault("slow_result", times=1, seconds=20)
    plant.clock()
    doomed = plant.worker()
    shop.submit(seller)
    wait_for(StoredFile.objects.filter(attempt_count=1).exists, what="the copy")
    plant.kill(doomed)
    plant.worker()
    assert_one_of_each(shop)


def test_it_would_leave_a_lost_send_for_ever_without_the_sweep(shop, seller, plant):
    step = "submit: answer in hand"
    doomed = plant.worker(die_at=step)
    shop.submit(seller)
    plant.wait_until_dead(doomed, step)
    plant.worker()
    time.sleep(LONG_ENOUGH)
    assert Generation.objects.get().status == "submitting"
    plant.clock()
    assert_one_of_each(shop)


def test_it_would_leave_a_lost_copy_for_ever_without_the_sweep(shop, seller, plant):
    step = "copy: claimed"
    clock = plant.clock()
    doomed = plant.worker(die_at=step)
    shop.submit(seller)
    plant.wait_until_dead(doomed, step)
    plant.kill(clock)
    plant.worker()
    time.sleep(LONG_ENOUGH)
    assert StoredFile.objects.get().state == "pending"
    plant.clock()
    assert_one_of_each(shop)


def test_it_would_make_a_second_task_without_the_jobs_own_key(shop, seller, plant):
    step = "submit: answer in hand"
    plant.clock()
    doomed = plant.worker(die_at=step)
    shop.submit(seller)
    plant.wait_until_dead(doomed, step)
    plant.worker(without="the job's own key")
    wait_for(is_over, what="the end of the job")
    assert len(shop.rivya.tasks()) == 2
