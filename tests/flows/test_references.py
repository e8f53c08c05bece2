"""A worker dies by -9 on the way of a reference to Rivya; another one takes it up."""

from decimal import Decimal

import pytest

from rivya_app.credits.models import LedgerEntry
from rivya_app.generations.models import Generation
from rivya_app.library.models import RemoteCopy
from tests.flows.crash_points import REFERENCE_POINTS
from tests.flows.proof import assert_one_of_each, is_over
from tests.library.test_strip import photo
from tests.shop import CREDITS
from tests.waiting import wait_for

ON_THE_WAY = [point for point in REFERENCE_POINTS if not point.startswith("renew")]


def submit(shop, seller):
    file = shop.upload(seller, photo())
    shop.submit(seller, model_id="nano-banana-2", params={}, references=(file,))


@pytest.mark.parametrize("step", ON_THE_WAY)
def test_it_finishes_a_job_whose_reference_lost_its_worker(shop, seller, plant, step):
    plant.clock()
    doomed = plant.worker(die_at=step)
    submit(shop, seller)
    plant.wait_until_dead(doomed, step)
    assert not is_over()
    plant.worker()
    assert_one_of_each(shop)
    assert RemoteCopy.objects.get().state == "ready"


def refused_once(shop, seller, plant, step):
    """A job whose reference ran out at Rivya, and whose worker dies while it begins anew."""
    shop.rivya.fault("expire_reference", times=1)
    plant.clock()
    doomed = plant.worker(die_at=step)
    submit(shop, seller)
    plant.wait_until_dead(doomed, step)
    plant.worker()
    wait_for(is_over, what="the end of the job")
    return Generation.objects.get()


def test_it_begins_anew_once_although_the_worker_died_after_it_decided_so(shop, seller, plant):
    job = refused_once(shop, seller, plant, "renew: committed, not sent again")
    assert (job.status, job.renewal_count) == ("succeeded", 1)
    assert [task["id"] for task in shop.rivya.tasks()] == [job.task_id]
    kinds = LedgerEntry.objects.filter(reference=job.reference).values_list("kind", flat=True)
    assert sorted(kinds) == ["hold", "reserve", "settle"]
    assert Decimal(str(shop.rivya.wallet()["credits"])) == CREDITS - Decimal(job.final_credits)


def test_it_keeps_its_key_where_the_worker_died_before_it_decided(shop, seller, plant):
    """The send has lost its worker, so nobody knows its end: the old key, or none at all."""
    job = refused_once(shop, seller, plant, "renew: not committed")
    assert (job.status, job.error_code) == ("failed", "validation_failed")
    assert set(shop.sends()) == {str(job.idempotency_key)}
    assert shop.rivya.tasks() == []
    assert Decimal(str(shop.rivya.wallet()["credits"])) == CREDITS
