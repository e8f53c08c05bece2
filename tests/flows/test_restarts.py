"""The broker, the database or Rivya goes away with jobs open, and comes back."""

import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from rivya_app.generations.models import Generation
from rivya_app.local.services import start_postgres, start_valkey
from tests.flows.conftest import worker_environment
from tests.flows.plant import Launcher, Plant
from tests.flows.proof import assert_one_of_each
from tests.flows.services import OwnService, own
from tests.waiting import wait_for

RUNNING = 3
DIES = "submit: answer in hand"
LONG_ENOUGH = 4  # seconds: twice the leases of these tests


def states() -> Counter[str]:
    return Counter(Generation.objects.values_list("status", flat=True))


def open_jobs(shop: Any, seller: Any, plant: Plant) -> int:
    """Three running at Rivya, one lost while it was sent, two not sent. Returns how many.

    Nothing but the clock is alive afterwards, so the messages of the last two wait in the broker.
    """
    shop.rivya.fault("slow", times=RUNNING, seconds=5)
    first = plant.worker()
    for _brief in range(RUNNING):
        shop.submit(seller)
    wait_for(lambda: states() == {"processing": RUNNING}, what="the first jobs")
    plant.kill(first)
    doomed = plant.worker(die_at=DIES)
    shop.submit(seller)
    plant.wait_until_dead(doomed, DIES)
    shop.submit(seller)
    shop.submit(seller)
    return RUNNING + 3


# --- The broker -----------------------------------------------------------------------------------


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[OwnService]:
    """It keeps nothing on disk, so a restart loses everything."""
    service = own(start_valkey, tmp_path / "valkey", durable=False)
    yield service
    service.stop()


@pytest.fixture
def plant_at_broker(shop: Any, broker: OwnService, tmp_path: Path) -> Iterator[Plant]:
    launcher = Launcher(worker_environment(shop.rivya, REDIS_URL=broker.url), tmp_path)
    plant = Plant(launcher)
    yield plant
    plant.close()
    launcher.close()


def test_it_finishes_every_job_after_the_broker_lost_everything(
    shop, seller, broker, plant_at_broker
):
    plant = plant_at_broker
    clock = plant.clock()
    count = open_jobs(shop, seller, plant)
    worker = plant.worker()
    broker.kill()
    plant.kill(clock)
    broker.start_again()
    before = states()
    time.sleep(LONG_ENOUGH)
    assert states() == before  # without the sweep nobody remembers them
    plant.clock()
    assert_one_of_each(shop, count=count, seconds=45)
    assert worker in plant.running  # it found its way back to the broker by itself


# --- The database ---------------------------------------------------------------------------------


@pytest.fixture
def database(django_db_setup: None, django_db_blocker: Any, tmp_path: Path) -> Iterator[OwnService]:
    """Another PostgreSQL under this test's connection, with the same name and our tables."""
    service = own(start_postgres, tmp_path / "postgres", durable=True)
    usual = dict(connection.settings_dict)
    _turn_to(service, str(usual["NAME"]))
    with django_db_blocker.unblock():
        call_command("migrate", verbosity=0)
    yield service
    connection.close()
    connection.close_pool()
    connection.settings_dict.update(usual)
    service.stop()


def _turn_to(service: OwnService, name: str) -> None:
    with psycopg.connect(service.url, autocommit=True) as server:
        server.execute(f'create database "{name}"')
    connection.close()
    connection.close_pool()
    connection.settings_dict["HOST"] = service.url.rpartition("host=")[2]


@pytest.fixture
def plant_at_database(database: OwnService, shop: Any, tmp_path: Path) -> Iterator[Plant]:
    launcher = Launcher(worker_environment(shop.rivya), tmp_path)
    plant = Plant(launcher)
    yield plant
    plant.close()
    launcher.close()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGQUIT], ids=["restart", "crash"])
def test_it_finishes_every_job_after_the_database_was_restarted(
    database, plant_at_database, shop, seller, end
):
    plant = plant_at_database
    plant.clock()
    count = open_jobs(shop, seller, plant)
    worker = plant.worker()
    wait_for(lambda: states()["queued"] < 2, what="work under way")
    assert jobs_in(database) == count
    database.kill(end)
    time.sleep(2)
    database.start_again()
    connection.close()
    connection.close_pool()
    assert_one_of_each(shop, count=count, seconds=45)
    assert worker in plant.running


def jobs_in(database: OwnService) -> int:
    url = database.url.replace("/rivya?", f"/{connection.settings_dict['NAME']}?")
    with psycopg.connect(url) as server:
        found = server.execute("select count(*) from generations_generation").fetchone()
    assert found is not None
    return int(found[0])


# --- Rivya ----------------------------------------------------------------------------------------


def test_it_finishes_every_job_after_rivya_was_away(shop, seller, plant):
    plant.clock()
    count = open_jobs(shop, seller, plant)
    shop.rivya.kill()
    plant.worker()
    wait_for(
        lambda: Generation.objects.filter(trouble_count__gte=2).count() == count,
        what="every job in trouble",
    )
    shop.rivya.restart()
    assert_one_of_each(shop, count=count, seconds=45)


def test_it_believes_one_of_several_answers_in_any_order(shop, seller, plant):
    """Overlapping polls whose answers come late, twice and in the wrong order; two workers."""
    plant.clock()
    shop.rivya.fault("slow_reply", times=4, on=["generations.get"], seconds=1.5)
    shop.rivya.fault("stale_read", times=3)
    plant.worker()
    plant.worker()
    for _brief in range(3):
        shop.submit(seller)
    assert_one_of_each(shop, count=3)
