"""The settings of the largest models, as the form fetches them, beside an empty view."""

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

LARGEST = "many-controls"  # made up: sixty parameters
LARGEST_OF_LIST = "elevenlabs-turbo-2-5"
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
        listed = _figures(shop, "largest of the list", typed_for(LARGEST_OF_LIST, "audio"), 9)
        return [*listed, *_figures(shop, "sixty controls", typed_for(LARGEST, "image"), 60)]


def typed_for(model_id: str, kind: str) -> dict[str, Any]:
    return typed(model_id=model_id, media_kind=kind)


def _figures(shop: BenchShop, name: str, fields: dict[str, Any], least: int) -> list[Figure]:
    browser = shop.client("seller")

    def fragment() -> HttpResponse:
        return browser.post(FRAGMENT, fields, headers={"HX-Request": "true"})

    size = len(fragment().content)
    controls = fragment().content.count(b'name="param_')
    if controls < least:
        raise RuntimeError(f"the fragment has {controls} controls")
    # In turns, so that both meet the same moods of the machine.
    pairs = [(_ms(fragment), _ms(lambda: browser.post(NOTHING))) for _call in range(CALLS)]
    ours, empty = ([pair[side] for pair in pairs[WARM_UP:]] for side in (0, 1))
    say(f"{controls} controls, {size / 1024:.0f} KB")
    return [
        Figure(f"{name}: p50", median(ours), unit="ms"),
        Figure(f"{name}: p95", percentile(ours, 95), MOST_MS, "ms"),
        Figure(f"{name}: an empty view, p95", percentile(empty, 95), unit="ms"),
        Figure(f"{name}: added, p50", median(ours) - median(empty), unit="ms"),
        Figure(f"{name}: size", size / 1024, unit="KB"),
    ]


def _ms(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    answer = call()
    taken = (time.perf_counter() - began) * 1000
    if answer.status_code >= 300:
        raise RuntimeError(f"answered {answer.status_code}")
    return taken
