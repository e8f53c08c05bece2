"""The settings of a model with sixty parameters, as the form fetches them, beside an empty view."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import include, path

from rivya_app.core.guard import members
from rivya_app.gateway import catalogue
from tests.bench.figures import Figure, percentile
from tests.bench.shop import BenchShop
from tests.bench.stage import say
from tests.shop import typed

LARGEST = "many-controls"
CALLS = 200
WARM_UP = 20
MOST_MS = 50
FRAGMENT, NOTHING = "/briefs/new/controls/", "/nothing/"


@members()
def nothing(_request: HttpRequest) -> HttpResponse:
    """The road to any view, and nothing at its end."""
    return HttpResponse(status=204)


urlpatterns = [path("nothing/", nothing, name="nothing"), path("", include("rivya_app.urls"))]


def measure(shop: BenchShop) -> list[Figure]:
    shop.rivya.set(extra_models=LARGEST)
    catalogue.refresh()
    with override_settings(ROOT_URLCONF="tests.bench.forms"):
        return _figures(shop)


def _figures(shop: BenchShop) -> list[Figure]:
    browser = shop.client("seller")
    fields: dict[str, Any] = typed(model_id=LARGEST)

    def fragment() -> HttpResponse:
        return browser.post(FRAGMENT, fields, headers={"HX-Request": "true"})

    size = len(fragment().content)
    controls = fragment().content.count(b'name="param_')
    if controls < 60:
        raise RuntimeError(f"the fragment has {controls} controls")
    # In turns, so that both meet the same moods of the machine.
    pairs = [(_ms(fragment), _ms(lambda: browser.post(NOTHING))) for _call in range(CALLS)]
    ours, empty = ([pair[side] for pair in pairs[WARM_UP:]] for side in (0, 1))
    say(f"{controls} controls, {size / 1024:.0f} KB")
    return [
        Figure("fragment of sixty controls, p50", median(ours), unit="ms"),
        Figure("fragment of sixty controls, p95", percentile(ours, 95), MOST_MS, "ms"),
        Figure("empty view, p95", percentile(empty, 95), unit="ms"),
        Figure("added by the fragment, p50", median(ours) - median(empty), unit="ms"),
        Figure("fragment", size / 1024, unit="KB"),
    ]


def _ms(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    answer = call()
    taken = (time.perf_counter() - began) * 1000
    if answer.status_code >= 300:
        raise RuntimeError(f"answered {answer.status_code}")
    return taken
