"""Workers for the flow tests: a launcher a run, and a plant a test."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection

from tests.flows.plant import Launcher, Plant
from tests.shop import Shop
from tests.simulator_process import Simulator


def worker_environment(rivya: Simulator, **more: str) -> dict[str, str]:
    """The settings of this test, for another process."""
    database = connection.settings_dict
    return {
        "DATABASE_URL": f"postgresql://{database['USER']}@/{database['NAME']}"
        f"?host={database['HOST'] or database['OPTIONS'].get('host', '')}",
        "REDIS_URL": os.environ["REDIS_URL"],
        "RIVYA_BASE_URL": rivya.base_url,
        "RIVYA_ALLOW_PRIVATE_RESULTS": "1",
        "RIVYA_REQUESTS_PER_SECOND": "0",
        "VAULT_DIR": str(settings.VAULT_DIR),
        "PYTHONPATH": str(Path.cwd()),
        **more,
    }


@pytest.fixture(scope="session")
def launcher(
    django_db_setup: None, simulator: Simulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Launcher]:
    """One a test process: importing the product takes longer than any of these tests."""
    started = Launcher(worker_environment(simulator), tmp_path_factory.mktemp("flows"))
    yield started
    started.close()


@pytest.fixture
def plant(launcher: Launcher, shop: Shop) -> Iterator[Plant]:
    """Workers for this test. No message of another test waits for them."""
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as broker:
        broker.flushdb()
    started = Plant(launcher)
    yield started
    started.close()
