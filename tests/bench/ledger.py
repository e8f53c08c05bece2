"""Where the credits went in a ledger of a million entries: cuts, lists, the table, a month."""

import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from rivya_app.core import clock
from rivya_app.credits import ledger, usage
from rivya_app.credits.models import LedgerEntry
from rivya_app.credits.report_cut import BY
from rivya_app.gateway.models import CatalogueModel, Workflow
from rivya_app.workspaces.models import Campaign, Membership, Role, Workspace
from tests.bench.figures import Figure, percentile
from tests.bench.shop import BenchShop
from tests.bench.stage import say
from tests.cast import make_member
from tests.credits.spending import make_key

ENTRIES = 1_000_000
JOBS = ENTRIES // 3
OPEN = 300  # jobs that still run
MEMBERS, CAMPAIGNS, WORKFLOWS, MODELS, KEYS = 40, 30, 5, 12, 6
ZONE = "Asia/Kolkata"
VISITS = 15
MOST_MS = 500
MOST_COCKPIT_MS = 300
MOST_FIRST_BYTE_MS = 500
MOST_GROWTH_MB = 50

# Jobs one after the other over a year, each held, reserved and ended as the ledger would write it:
# one in seven comes back whole, the newest ones still run.
_FILL = """
INSERT INTO credits_ledgerentry (account_id, kind, amount, spent, reference, member_id, campaign_id,
                                 workflow_id, api_key_id, model_id, note, created_at)
SELECT %(account)s, step.kind, step.amount, step.spent,
       'generation:' || md5(job::text)::uuid, (%(members)s::bigint[])[1 + job %% %(member_count)s],
       (%(campaigns)s::bigint[])[1 + (job * 7) %% (%(campaign_count)s + 1)],
       (%(workflows)s::bigint[])[1 + job %% %(workflow_count)s],
       (%(keys)s::bigint[])[1 + job %% %(key_count)s],
       (%(models)s::text[])[1 + (job * 5) %% %(model_count)s], '',
       %(start)s + job * %(apart)s + step.after
  FROM generate_series(1, %(jobs)s) AS job,
       LATERAL (SELECT 5 + job %% 40 AS held, job %% 3 AS more, job %% 7 = 0 AS is_free) AS price,
       LATERAL (VALUES
           ('hold', -held, 0, interval '0'),
           ('reserve', -more, 0, interval '2 seconds'),
           (CASE WHEN is_free THEN 'release' ELSE 'settle' END,
            CASE WHEN is_free THEN held + more ELSE more END,
            CASE WHEN is_free THEN 0 ELSE held END, interval '40 seconds')
       ) AS step (kind, amount, spent, after)
 WHERE job <= %(jobs)s - %(open)s OR step.kind IN ('hold', 'reserve')
 ORDER BY job, step.after
"""


def measure(shop: BenchShop) -> list[Figure]:
    """Each page warm, through Django's test client."""
    fill(shop)
    browser, figures = shop.client("owner"), [Figure("entries", LedgerEntry.objects.count())]
    timed = {name: _visits(browser, url) for name, url in _pages()}
    for name, times in timed.items():
        limit = MOST_COCKPIT_MS if name == "cockpit" else MOST_MS
        figures.append(_figure(name, times, limit))
        say(f"{figures[-1].what}: {figures[-1].measured:.0f} ms")
    cuts = [value for name, times in timed.items() if name.startswith("by ") for value in times]
    figures.append(_figure("every cut together", cuts, MOST_MS))
    figures += _table(browser)
    slowest = max(timed, key=lambda name: percentile(timed[name], 95))
    say(f"slowest: {slowest}\n{_plan(browser, dict(_pages())[slowest])}")
    return figures


def fill(shop: BenchShop) -> None:
    """The million, and what is counted beside it."""
    home = shop.workspace
    home.time_zone = ZONE
    home.save()
    with transaction.atomic():
        account = ledger.lock_account(home)
    with connection.cursor() as cursor:
        cursor.execute(_FILL, _people_and_things(shop) | {"account": account.pk})
        cursor.execute(_SUMS, [account.pk])
    with transaction.atomic():
        usage.recount(ledger.lock_account(home))
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")  # as a table that has grown over months would be
        cursor.execute("checkpoint")
    say(f"{LedgerEntry.objects.count():,} entries")


# What the account caches, as the ledger would have left it.
_SUMS = """
UPDATE credits_creditaccount AS account
   SET available = sums.available, held = sums.held
  FROM (SELECT sum(amount) AS available,
               -sum(amount + spent) FILTER (WHERE kind <> 'wallet') AS held
          FROM credits_ledgerentry) AS sums
 WHERE account.id = %s
"""


def _people_and_things(shop: BenchShop) -> dict[str, Any]:
    home = shop.workspace
    members = [*shop.cast.values(), *(_person(home, number) for number in range(MEMBERS))][:MEMBERS]
    campaigns = [
        Campaign.objects.create(workspace=home, name=f"Campaign {number}").pk
        for number in range(CAMPAIGNS)
    ]
    flows = [
        Workflow.objects.create(
            workspace=home, moment="listing_images", name=f"Workflow {number}", is_main=False
        ).pk
        for number in range(WORKFLOWS)
    ]
    keys = [shop.key.pk, *(make_key(home, f"purpose-{number}").pk for number in range(KEYS - 1))]
    models = list(CatalogueModel.objects.values_list("model_id", flat=True)[:MODELS])
    return {
        "members": [one.pk for one in members],
        "member_count": MEMBERS,
        "campaigns": [*campaigns, None],
        "campaign_count": CAMPAIGNS,
        "workflows": flows,
        "workflow_count": WORKFLOWS,
        "keys": keys,
        "key_count": KEYS,
        "models": models,
        "model_count": len(models),
        "jobs": JOBS,
        "open": OPEN,
        "start": clock.now() - timedelta(days=365),
        "apart": timedelta(days=365) / (JOBS + 1),
    }


def _person(home: Workspace, number: int) -> Membership:
    email = f"person-{number}@bench.example"
    return make_member(home, Role.SELLER, name=f"Person {number}", email=email)


# --- What is asked ------------------------------------------------------------------------------


def _pages() -> Iterator[tuple[str, str]]:
    """Name and address of every page that is timed."""
    today = clock.now().date()
    year = {"period": "own", "from": str(today - timedelta(days=365)), "to": str(today)}
    periods = {"this month": {"period": "this_month"}, "a year": year, "all": {"period": "all"}}
    for (period, days), by in product(periods.items(), BY):
        yield f"by {by}, {period}", _url("where", by=by, **days)
    person = Membership.objects.exclude(user__email__contains="person").latest("id").public_id
    campaign = Campaign.objects.latest("id").public_id
    flow = Workflow.objects.filter(is_main=False).latest("id").public_id
    narrowed = {
        "one person": {"person": person, "by": "model"},
        "one campaign": {"campaign": campaign, "by": "day"},
        "no campaign": {"campaign": "none", "by": "person"},
        "one workflow": {"workflow": flow, "by": "campaign"},
        "one model": {"model": LedgerEntry.objects.latest("id").model_id, "by": "key"},
        "a workflow's person": {"workflow": flow, "person": person, "by": "model"},
    }
    for name, filters in narrowed.items():
        yield f"by {filters['by']}, all, {name}", _url("where", period="all", **filters)
    yield "the list behind all", _url("entries", period="all")
    yield "the list, far back", _url("entries", period="all", before=_old_reference())
    yield "the statement", f"{reverse('credits:statement')}?month={today:%Y-%m}"
    yield "one's own share", reverse("credits:mine")
    try:
        yield "cockpit", reverse("credits:cockpit")
    except NoReverseMatch:
        return


def _url(name: str, **asked: Any) -> str:
    return f"{reverse(f'credits:{name}')}?{urlencode({'zone': ZONE, **asked})}"


def _old_reference() -> str:
    return LedgerEntry.objects.filter(kind="settle").order_by("id")[1000].reference


def _visits(browser: Client, url: str) -> list[float]:
    """Milliseconds of the server, middleware included, after two visits that warm it."""
    for _visit in range(2):
        _visit_once(browser, url)
    return [_visit_once(browser, url) for _visit in range(VISITS)]


def _visit_once(browser: Client, url: str) -> float:
    began = time.perf_counter()
    answer = browser.get(url)
    taken = (time.perf_counter() - began) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"{url} answered {answer.status_code}")
    return taken


def _figure(name: str, times: list[float], limit: float) -> Figure:
    return Figure(
        f"{name}: p95 (p50 {percentile(times, 50):.0f})", percentile(times, 95), limit, "ms"
    )


def _table(browser: Client) -> list[Figure]:
    """Every row as CSV: how soon it begins, how fast it goes, and what it needs."""
    url = _url("where-csv", period="all")
    before = grown = _memory()
    began = time.perf_counter()
    first, size = 0.0, 0
    for piece in browser.get(url).streaming_content:
        first = first or (time.perf_counter() - began) * 1000
        size += piece.count(b"\n")
        grown = max(grown, _memory())
    taken = time.perf_counter() - began
    return [
        Figure("CSV of all: rows", size - 1),
        Figure("CSV of all: first byte", first, MOST_FIRST_BYTE_MS, "ms"),
        Figure("CSV of all: whole", taken, unit="s"),
        Figure("CSV of all: rows a second", (size - 1) / taken),
        Figure("CSV of all: memory", (grown - before) / 2**20, MOST_GROWTH_MB, "MB"),
    ]


def _memory() -> int:
    """Bytes this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


def _plan(browser: Client, url: str) -> str:
    """How PostgreSQL reads the slowest query of a page."""
    with CaptureQueriesContext(connection) as seen:
        browser.get(url)
    slowest = max(seen.captured_queries, key=lambda query: float(query["time"]))["sql"]
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, BUFFERS) " + slowest.replace("%", "%%"))
        return "\n".join(row[0] for row in cursor.fetchall())
