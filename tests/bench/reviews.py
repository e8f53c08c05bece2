"""The pages of reviewers with 10,000 open reviews, and one decision, beside an empty view."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import mean, median
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
    yield "board of the campaign", reverse("campaigns:show-campaign", args=[campaign])
    yield "list of campaigns", reverse("campaigns:index")
    yield "queue, in the middle", f"{queue}?at={newest[_open_count() // 2].public_id}"
    for name, review in (("first", newest.order_by("due_on")[0]), ("last", oldest[0])):
        yield (
            f"review, {name} of the queue",
            reverse("reviews:show-review", args=[review.public_id]),
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """Milliseconds: by the clock, and of processor time here and in PostgreSQL. The second says
    what a page costs even where other work keeps the machine busy."""

    clock: float
    work: float


def _page_figures(
    shop: BenchShop, name: str, address: str, few: int, few_reviews: int
) -> list[Figure]:
    browser = shop.client("manager")
    queries = _queries(shop, address)
    figures = _in_turns(name, browser, lambda: _look(browser, address), VISITS)
    say(f"{name}: {figures[1].measured:.0f} ms, {figures[3].measured:.0f} ms work, {queries}")
    return [*figures, _constant(name, queries, few, few_reviews)]


def _constant(name: str, queries: int, few: int, few_reviews: int) -> Figure:
    return Figure(f"{name}: queries ({few} with {few_reviews} reviews)", queries, few)


def _in_turns(name: str, browser: Client, act: Callable[[], Any], times: int) -> list[Figure]:
    """The act and the empty view in turns, so that both meet the same moods of the machine; the
    first few are left out."""
    backends = _backends()
    pairs = [
        (_taken(act, backends), _taken(lambda: browser.get(NOTHING), backends))
        for _turn in range(times + WARM_UP)
    ]
    ours, empty = ([pair[side] for pair in pairs[WARM_UP:]] for side in (0, 1))
    by_clock = [one.clock for one in ours]
    return [
        Figure(f"{name}: p50", median(by_clock), unit="ms"),
        Figure(f"{name}: p95", percentile(by_clock, 95), MOST_MS, "ms"),
        Figure(
            f"{name}: an empty view, p95", percentile([one.clock for one in empty], 95), unit="ms"
        ),
        Figure(f"{name}: work, mean", mean(one.work for one in ours), unit="ms"),
        Figure(f"{name}: an empty view, work, mean", mean(one.work for one in empty), unit="ms"),
    ]


def _taken(act: Callable[[], Any], backends: list[Path]) -> Taken:
    worked, began = _worked(backends), time.perf_counter()
    act()
    ended = time.perf_counter()
    return Taken((ended - began) * 1000, (_worked(backends) - worked) * 1000)


def _backends() -> list[Path]:
    """Where Linux counts the processor time of PostgreSQL's processes for clients."""
    with connection.cursor() as cursor:
        cursor.execute("select pid from pg_stat_activity where backend_type = 'client backend'")
        return [Path(f"/proc/{pid}/schedstat") for (pid,) in cursor.fetchall()]


def _worked(backends: list[Path]) -> float:
    """Seconds of processor time so far, here and there."""
    there = sum(int(path.read_text().split()[0]) for path in backends)
    return time.process_time() + there / 1e9


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
    figures = _in_turns("deciding", browser, lambda: _decide(browser), DECISIONS)
    return [*figures, _constant("deciding", queries, few, few_reviews)]


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
