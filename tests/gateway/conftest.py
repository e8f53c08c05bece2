"""What the tests of the gateway share: a stand-in Rivya in reach, and keys of the workspace."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from django.core.cache import cache

from rivya_app.gateway import actions, rate
from rivya_app.gateway.models import ApiKey
from rivya_app.workspaces.models import Membership
from tests.simulator_process import Simulator

AddKey = Callable[..., ApiKey]


@pytest.fixture(autouse=True)
def whole_budget(settings: Any) -> Iterator[None]:
    """Each test begins with an unused budget and an answering Redis."""
    budget = redis.Redis.from_url(settings.REDIS_URL)
    budget.flushdb()
    budget.close()
    rate.outage.__init__()  # type: ignore[misc]
    cache.clear()
    yield
    rate._connection.cache_clear()


@pytest.fixture
def stand_in(rivya: Simulator, settings: Any) -> Simulator:
    """The stand-in Rivya, which the product is pointed at."""
    settings.RIVYA_BASE_URL = rivya.base_url
    return rivya


@pytest.fixture
def add_key(stand_in: Simulator, owner: Membership) -> AddKey:
    """`add_key(purpose, **fields of the stand-in's key)`: a stored key of the workspace."""

    def add(purpose: str = "production-images", **fields: Any) -> ApiKey:
        secret = stand_in.new_key(purpose, **fields)
        return actions.add_key(
            member=owner, purpose=purpose, environment="production", secret=secret
        )

    return add
