"""From the seller's press to Rivya's door: what our road adds to a bare call."""

import json
import time
from collections.abc import Callable
from uuid import uuid4

import httpx
from django.conf import settings

from rivya_app.generations.models import Generation
from rivya_app.rivya_api import RivyaClient
from rivya_app.rivya_api.pool import open_pool
from tests.bench.figures import Figure, percentile
from tests.bench.shop import BenchShop, filled_form, send
from tests.bench.stage import wait_for

PRESSES = 80
WARM_UP = 8
NEW = "/briefs/new/"
TYPED = {"product": "Blue stoneware mug", "points": "holds 300 ml", "draft_count": "1"}


def measure(shop: BenchShop) -> list[Figure]:
    shop.stage.start("web", "worker-default", "worker-media", "beat")
    bare: list[float] = []
    ours: list[float] = []
    with shop.browser("seller") as browser:
        for _press in range(PRESSES + WARM_UP):
            ours.append(_press_button(shop, browser))
            bare.append(_call_bare(shop))
    return _figures([value * 1000 for value in ours[WARM_UP:]], [v * 1000 for v in bare[WARM_UP:]])


def _figures(ours: list[float], bare: list[float]) -> list[Figure]:
    bare_p50, bare_p95 = percentile(bare, 50), percentile(bare, 95)
    return [
        Figure("bare call to arrival at Rivya, p50", bare_p50, unit="ms"),
        Figure("bare call to arrival at Rivya, p95", bare_p95, unit="ms"),
        Figure("added by our road, p50", percentile(ours, 50) - bare_p50, 60, "ms"),
        Figure("added by our road, p95", percentile(ours, 95) - bare_p95, unit="ms"),
    ]


def _press_button(shop: BenchShop, browser: httpx.Client) -> float:
    values = filled_form(browser, NEW, TYPED)
    return _until_arrival(shop, lambda: send(browser, NEW, values))


def _call_bare(shop: BenchShop) -> float:
    body = json.loads(Generation.objects.latest("id").body)
    with RivyaClient(
        shop.key.secret.reveal(), base_url=settings.RIVYA_BASE_URL, http=open_pool()
    ) as client:
        client.models.list()  # opens the connection, as the worker's is open
        return _until_arrival(
            shop, lambda: client.generations.create(body, idempotency_key=str(uuid4()))
        )


def _until_arrival(shop: BenchShop, act: Callable[[], object]) -> float:
    """Seconds from the start of `act` to the next call for a job at the stand-in's door."""
    known = {call["idempotency_key"] for call in _calls(shop)}
    began = time.time()
    act()
    arrived: list[float] = []

    def has_arrived() -> bool:
        arrived[:] = [c["at"] for c in _calls(shop) if c["idempotency_key"] not in known]
        return bool(arrived)

    wait_for(has_arrived, "the call")
    return arrived[0] - began


def _calls(shop: BenchShop) -> list[dict[str, object]]:
    """The latest calls that asked for a job."""
    return [
        call
        for call in shop.rivya.requests(limit=60)
        if call["method"] == "POST" and call["path"].endswith("/generations")
    ]
