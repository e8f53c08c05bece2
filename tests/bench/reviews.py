"""The pages of reviewers with 10,000 open reviews, and one decision, beside an empty view."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from statistics import median
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import include, path, reverse

from rivya_app.core import clock
from rivya_app.core.guard import members
from rivya_app.library.models import StoredFile
from rivya_app.reviews import actions, checklist
from rivya_app.reviews.models import Review
from rivya_app.workspaces.campaigns import WantedCampaign, make_campaign
from rivya_app.workspaces.models import Campaign
from tests.bench import rows
from tests.bench.figures import Figure, percentile
from tests.bench.shop import BenchShop
from tests.bench.stage import say

FEW_JOBS, JOBS = 160, 12_520  # 128 and 10,016 reviews: of forty jobs, thirty-two succeed
VISITS = 30
DECISIONS = 30
WARM_UP = 5
MOST_MS = 150
NOTHING = "/nothing/"
TABLES = (*rows.COPIED, Review)


@members()
def nothing(_request: HttpRequest) -> HttpResponse:
    """The road to any view, and nothing at its end."""
    return HttpResponse(status=204)


urlpatterns = [path("nothing/", nothing, name="nothing"), path("", include("rivya_app.urls"))]


def measure(shop: BenchShop) -> list[Figure]:
    rows.play_templates(shop, (_campaign(shop), None))
    _ask_for_all(shop)
    say("played the templates")
    with override_settings(ROOT_URLCONF="tests.bench.reviews"):
        rows.copy_until(FEW_JOBS, TABLES)
        few_reviews = _open_count()
        few = {name: _queries(shop, address) for name, address in _visits()}
        few["deciding"] = _queries_of_deciding(shop)
        rows.copy_until(JOBS, TABLES)
        figures = [Figure("open reviews", _open_count())]
        say(f"{_open_count():,} open reviews")
        for name, address in _visits():
            figures += _page_figures(shop, name, address, few[name], few_reviews)
        return [*figures, *_deciding_figures(shop, few["deciding"], few_reviews)]


def _campaign(shop: BenchShop) -> Campaign:
    return make_campaign(member=shop.cast["manager"], wanted=WantedCampaign("Diwali gifting"))


def _ask_for_all(shop: BenchShop) -> None:
    """Every result waits for a decision, half of them with a due date."""
    today = clock.now().date()
    for number, file in enumerate(StoredFile.objects.filter(state="stored").order_by("id")):
        actions.request_review(
            member=shop.cast["seller"],
            file_ids=[file.public_id],
            note="Please look at the handle" if number % 3 else "",
            due_on=today + timedelta(days=number % 9) if number % 2 else None,
        )


def _open_count() -> int:
    return Review.objects.filter(state=Review.State.PENDING).count()


def _visits() -> Iterator[tuple[str, str]]:
    """Name and address of every page measured."""
    queue = reverse("reviews:queue")
    campaign = Campaign.objects.get().public_id
    newest, oldest = Review.objects.filter(state="pending"), Review.objects.order_by("created_at")
    yield "queue", queue
    yield "queue, pictures", f"{queue}?look=grid"
    yield "queue of a campaign", f"{queue}?campaign={campaign}"
    yield "queue, overdue", f"{queue}?due=overdue"
    yield "queue, words", f"{queue}?q=handle"
    yield "queue, nothing found", f"{queue}?q=nothing+like+it"
    yield "queue, waits for me, newest", f"{queue}?turn=mine&sort=newest"
    yield "queue, last page", f"{queue}?sort=newest&after={oldest[20].public_id}"
    yield "queue, in the middle", f"{queue}?at={newest[_open_count() // 2].public_id}"
    for name, review in (("first", newest.order_by("due_on")[0]), ("last", oldest[0])):
        yield (
            f"review, {name} of the queue",
            reverse("reviews:show-review", args=[review.public_id]),
        )


def _page_figures(
    shop: BenchShop, name: str, address: str, few: int, few_reviews: int
) -> list[Figure]:
    browser = shop.client("manager")
    queries = _queries(shop, address)
    ours, empty = _in_turns(browser, lambda: _look(browser, address), VISITS)
    say(f"{name}: {percentile(ours, 95):.0f} ms, {queries} queries")
    return [
        *_times(name, ours, empty),
        Figure(f"{name}: queries ({few} with {few_reviews} reviews)", queries, max(few, 1)),
    ]


def _times(name: str, ours: list[float], empty: list[float]) -> list[Figure]:
    return [
        Figure(f"{name}: p50", median(ours), unit="ms"),
        Figure(f"{name}: p95", percentile(ours, 95), MOST_MS, "ms"),
        Figure(f"{name}: an empty view, p95", percentile(empty, 95), unit="ms"),
    ]


def _in_turns(
    browser: Client, act: Callable[[], Any], times: int
) -> tuple[list[float], list[float]]:
    """Milliseconds of the act and of the empty view, so that both meet the same moods of the
    machine; the first few are left out."""
    pairs = [(_ms(act), _ms(lambda: browser.get(NOTHING))) for _turn in range(times + WARM_UP)]
    kept = pairs[WARM_UP:]
    return [one for one, _other in kept], [other for _one, other in kept]


def _ms(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _look(browser: Client, address: str) -> None:
    answer = browser.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")


def _queries(shop: BenchShop, address: str) -> int:
    browser = shop.client("manager")
    _look(browser, address)
    with CaptureQueriesContext(connection) as seen:
        _look(browser, address)
    return len(seen)


def _queries_of_deciding(shop: BenchShop) -> int:
    browser = shop.client("manager")
    _decide(browser)
    with CaptureQueriesContext(connection) as seen:
        _decide(browser)
    return len(seen)


def _deciding_figures(shop: BenchShop, few: int, few_reviews: int) -> list[Figure]:
    browser = shop.client("manager")
    queries = _queries_of_deciding(shop)
    ours, empty = _in_turns(browser, lambda: _decide(browser), DECISIONS)
    return [
        *_times("deciding", ours, empty),
        Figure(f"deciding: queries ({few} with {few_reviews} reviews)", queries, max(few, 1)),
    ]


def _decide(browser: Client) -> None:
    """Approve the next open review, as the form would post it, without a video."""
    others_work = Review.objects.filter(state="pending").exclude(
        brief__created_by__roles=["manager"]
    )
    review = others_work.latest("id")
    ticked = [item.code for item in checklist.items_of(review.campaign)]
    values = {"kind": "approved", "sha256": review.sha256, "ticked": ticked, "note": "Good"}
    answer = browser.post(reverse("reviews:decide", args=[review.public_id]), values)
    if answer.status_code != 302:
        raise RuntimeError(f"deciding answered {answer.status_code}")
