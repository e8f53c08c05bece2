"""How fast open jobs are looked at: against a bare client, and 5,000 of them on time."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from statistics import median
from uuid import uuid4

from django.conf import settings
from django.db import connection

from rivya_app.core import clock
from rivya_app.generations import jobs, sweep
from rivya_app.generations.models import Generation
from rivya_app.rivya_api import RivyaClient
from rivya_app.rivya_api.pool import open_pool
from tests.bench.figures import Figure, percentile
from tests.bench.shop import BenchShop
from tests.bench.stage import wait_for

OPEN_JOBS = 5_000
ROUND = 1_500
ROUNDS = 7
OLDEST = 600  # seconds; ages are spread evenly below it
WATCHED = 90  # seconds
MAY_BE_LATE = 5.0  # seconds: the shortest time between two looks


def measure(shop: BenchShop) -> list[Figure]:
    _open_jobs(shop)
    return [*_against_bare_client(shop), *_on_time(shop)]


# --- 5,000 jobs that stay open --------------------------------------------------------------------


def _open_jobs(shop: BenchShop) -> None:
    """One by the product's own acts; the others differ from it in their task only.

    They stay open for ever, so that no ledger row is ever asked for.
    """
    shop.rivya.fault("stuck", stage="processing")
    first = shop.job(shop.brief())
    jobs.submit(first.public_id)
    wait_for(lambda: _is_processing(shop, first), "the first job's processing")
    body = json.loads(first.body)
    with _bare(shop) as client, ThreadPoolExecutor(settings.POLL_THREADS) as threads:
        made = list(
            threads.map(
                lambda _number: client.generations.create(body, idempotency_key=str(uuid4())).id,
                range(OPEN_JOBS - 1),
            )
        )
    first.refresh_from_db()
    Generation.objects.bulk_create([_like(first, task) for task in made], batch_size=1000)


def _is_processing(shop: BenchShop, job: Generation) -> bool:
    shop.work()
    job.refresh_from_db()
    return job.remote_status == "processing"


def _like(first: Generation, task_id: str) -> Generation:
    row = Generation.objects.model(
        **{
            field.attname: getattr(first, field.attname)
            for field in Generation._meta.concrete_fields
            if not field.primary_key and field.name not in ("public_id", "idempotency_key")
        }
    )
    row.task_id = task_id
    return row


def _bare(shop: BenchShop) -> RivyaClient:
    return RivyaClient(shop.key.secret.reveal(), base_url=settings.RIVYA_BASE_URL, http=open_pool())


# --- Against a client without a database ----------------------------------------------------------


def _against_bare_client(shop: BenchShop) -> list[Figure]:
    """In turns, so that whatever else the machine does meets both alike."""
    tasks = list(Generation.objects.order_by("id").values_list("task_id", flat=True)[:ROUND])
    ours: list[float] = []
    bare: list[float] = []
    with _bare(shop) as client, ThreadPoolExecutor(settings.POLL_THREADS) as threads:
        for _round in range(ROUNDS + 1):
            bare.append(_rate(lambda: len(list(threads.map(client.generations.get, tasks)))))
            _make_due(ROUND)
            ours.append(_rate(_check_what_is_due))
    ratios = [mine / other for mine, other in zip(ours[1:], bare[1:], strict=True)]
    return [
        Figure("jobs checked per second, bare client", median(bare[1:]), unit="/s"),
        Figure("jobs checked per second, one worker", median(ours[1:]), unit="/s"),
        Figure("worker against bare client", median(ratios), 0.6, at_least=True),
    ]


def _rate(act: Callable[[], int]) -> float:
    began = time.perf_counter()
    count = act()
    return count / (time.perf_counter() - began)


def _make_due(count: int) -> None:
    later = clock.now() + timedelta(hours=1)
    Generation.objects.update(next_check_at=later)
    first = Generation.objects.order_by("id")[:count].values("pk")
    Generation.objects.filter(pk__in=first).update(next_check_at=clock.now())


def _check_what_is_due() -> int:
    checked = 0
    while due := sweep.claim_due(settings.POLL_BATCH):
        checked += sweep.poll(due)
    return checked


# --- On time --------------------------------------------------------------------------------------

_SPREAD_SQL = """
    update generations_generation
       set check_count = 0, submitted_at = now() - random() * %(oldest)s * interval '1 second',
           next_check_at = now() + random() * interval '20 seconds'
"""
_LATE_SQL = """
    select coalesce(max(extract(epoch from now() - next_check_at)), 0),
           count(*) filter (where next_check_at < now())
      from generations_generation where status = 'processing'
"""


def _on_time(shop: BenchShop) -> list[Figure]:
    """A real worker and a real clock; every second we look how late the latest job is."""
    stage = shop.stage
    with connection.cursor() as cursor:
        cursor.execute(_SPREAD_SQL, {"oldest": OLDEST})
    stage.start("worker-default", "beat")
    wait_for(Generation.objects.filter(check_count__gt=0).exists, "the first look")
    began, late = time.monotonic(), []
    before = _looks()
    while time.monotonic() - began < WATCHED:
        time.sleep(1)
        late.append(_latest())
    looked = (_looks() - before) / (time.monotonic() - began)
    stage.end("worker-default", "beat")
    never = Generation.objects.filter(check_count=0).count()
    return [
        Figure(f"{OPEN_JOBS:,} open jobs: looks per second", looked, unit="/s"),
        Figure("latest job behind its time, p95 of seconds", percentile(late, 95), unit="s"),
        Figure("latest job behind its time, worst", max(late), MAY_BE_LATE, "s"),
        Figure("jobs never looked at", never, 0.0),
    ]


def _latest() -> float:
    with connection.cursor() as cursor:
        cursor.execute(_LATE_SQL)
        return float(cursor.fetchone()[0])


def _looks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select sum(check_count) from generations_generation")
        return int(cursor.fetchone()[0])
