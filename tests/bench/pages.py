"""Every page in a workspace with 100,000 jobs: queries, server time, bytes over the wire."""

import re
import time
from collections.abc import Iterator

import httpx
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rivya_app.briefs.models import Brief
from rivya_app.generations.models import Generation
from rivya_app.workspaces.models import Role
from tests.bench import rows
from tests.bench.figures import Figure, percentile
from tests.bench.shop import BenchShop
from tests.bench.stage import say

JOBS = 100_000
FEW = 4_000  # enough to fill every page
VISITS = 30
MOST_QUERIES = 25
MOST_MS = 150
MOST_BYTES = 100 * 1024
_ASSETS = re.compile(r'(?:<link[^>]+href|<script[^>]+src)="(/static/[^"]+\.(?:css|js))"')


def measure(shop: BenchShop) -> list[Figure]:
    rows.play_templates(shop)
    say("played the templates")
    count = rows.copy_until(FEW)
    _open_brief(shop)
    few = {name: _queries(shop, role, path) for name, role, path in _visits(shop)}
    count = rows.copy_until(JOBS)
    say(f"{count:,} jobs")
    figures = [Figure("jobs in the workspace", count)]
    for name, role, path in _visits(shop):
        found = figures_of(shop, name, role, path)
        if found[1].measured != few[name]:
            found.append(Figure(f"{name}: queries with {FEW:,} jobs", few[name]))
        say(f"{name}: {found[0].measured:.0f} ms, {found[1].measured:.0f} queries")
        figures += found
    shop.stage.start("web")
    return figures + _transfers(shop)


def _open_brief(shop: BenchShop) -> None:
    """The newest brief still runs, so that pages have something to ask about."""
    shop.brief(prompt="[[stuck]] A mug that is never ready", draft_count=4)
    shop.work()


def _visits(shop: BenchShop) -> Iterator[tuple[str, str, str]]:
    """Name, role and path of every page measured."""
    for role in Role.values:
        yield f"home of the {role}", role, "/"
    for query in ("", "q=mug+77", "q=nothing+like+it", "state=open", "state=succeeded"):
        yield f"briefs {query}".strip(), "seller", f"/briefs/?{query}"
    for query in ("state=failed", "state=low_credits", "sort=oldest", "sort=product"):
        yield f"briefs {query}", "seller", f"/briefs/?{query}"
    yield "briefs mine, page 100", "seller", "/briefs/?mine=1&page=100"
    yield "briefs q, state and sort", "seller", "/briefs/?q=mug&state=failed&sort=product"
    brief, job = Brief.objects.latest("created_at"), Generation.objects.latest("created_at")
    yield "brief", "seller", f"/briefs/{brief.public_id}/"
    yield "new brief", "seller", "/briefs/new/"
    yield "job", "seller", f"/jobs/{job.public_id}/"
    yield "notifications", "seller", "/notifications/"
    yield "live: home", "seller", "/live/?v=old"
    yield "live: brief", "seller", f"/briefs/{brief.public_id}/live/?v=old"
    yield "live: job", "seller", f"/jobs/{job.public_id}/live/?v=old"


def figures_of(
    shop: BenchShop, name: str, role: str, path: str, most: float | None = MOST_MS
) -> list[Figure]:
    """A page's time on the server, at most `most` milliseconds if given, and its queries."""
    queries = _queries(shop, role, path)
    browser = shop.client(role)
    times = [visit(browser, path) for _visit_number in range(VISITS)]
    what = f"{name}: p95 (p50 {percentile(times, 50):.0f})"
    return [
        Figure(what, percentile(times, 95), most, "ms"),
        Figure(f"{name}: queries", queries, MOST_QUERIES),
    ]


def _queries(shop: BenchShop, role: str, path: str) -> int:
    browser = shop.client(role)
    visit(browser, path)
    with CaptureQueriesContext(connection) as seen:
        visit(browser, path)
    return len(seen)


def visit(browser: Client, path: str) -> float:
    """Milliseconds of the server, middleware included."""
    began = time.perf_counter()
    answer = browser.get(path)
    taken = (time.perf_counter() - began) * 1000
    if answer.status_code not in (200, 204):
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return taken


def _transfers(shop: BenchShop) -> list[Figure]:
    """What a first visit moves without its media: the page, its styles and its scripts."""
    figures = []
    for name, role, path in _visits(shop):
        if name in ("home of the seller", "home of the owner", "briefs", "brief", "job"):
            with shop.browser(role) as browser:
                figures.append(
                    Figure(
                        f"{name}: first visit",
                        _first_visit(browser, path) / 1024,
                        MOST_BYTES / 1024,
                        "KB",
                    )
                )
    return figures


def _first_visit(browser: httpx.Client, path: str) -> int:
    size, page = _download(browser, path)
    assets = sorted(set(_ASSETS.findall(page)))
    return size + sum(_download(browser, asset)[0] for asset in assets)


def _download(browser: httpx.Client, path: str) -> tuple[int, str]:
    """Bytes over the wire, and the text they unfold to."""
    with browser.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        answer.raise_for_status()
        text = answer.read().decode()
        return answer.num_bytes_downloaded, text
