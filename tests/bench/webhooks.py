"""Signed events taken in, against a view that does nothing; and a burst of ten thousand.

The server is production's, gunicorn with its own configuration. Requests are made beforehand and
sent over open connections, so that the sender costs little and the same for both.
"""

import os
import socket
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from django.db.models import Sum

from rivya_app.credits.models import LedgerEntry
from rivya_app.gateway.clients import client_for
from rivya_app.gateway.webhook_models import InboxEvent, WebhookEndpoint
from rivya_app.generations import jobs
from rivya_app.generations.models import Generation
from rivya_app.local.parts import accepts, free_port
from rivya_app.local.processes import Program
from tests.bench.figures import Figure
from tests.bench.shop import BenchShop
from tests.bench.stage import say, wait_for
from tests.webhooks import envelope, make_endpoint, signed

CONNECTIONS = 16
ROUND, ROUNDS = 1_500, 7
BURST, AGAIN, OURS = 10_000, 1_000, 40
LEAST = 0.5
SETTLED_WITHIN = 300.0


def measure(shop: BenchShop) -> list[Figure]:
    endpoint = make_endpoint(shop)
    port = _serve(shop)
    figures = _against_nothing(endpoint, port)
    InboxEvent.objects.all().delete()
    return [*figures, *_burst(shop, endpoint, port)]


def _serve(shop: BenchShop) -> int:
    """Production's server on a port of its own."""
    port = free_port("127.0.0.1")
    words = ["gunicorn", "--config", "python:rivya_app.gunicorn", "--bind", f"127.0.0.1:{port}"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.bench.hook_settings"}
    program = Program(
        "gunicorn",
        (sys.executable, "-m", *words, "rivya_app.wsgi:application"),
        environment,
        shop.stage.folder,
    )
    shop.stage.run(program)
    wait_for(lambda: accepts(port), "an answer of gunicorn")
    return port


# --- Events a second ------------------------------------------------------------------------------


def _against_nothing(endpoint: WebhookEndpoint, port: int) -> list[Figure]:
    """In turns, so that whatever else the machine does meets both alike."""
    nothing, intake = [], []
    for _round in range(ROUNDS + 1):
        events = [_request(f"/hooks/rivya/{endpoint.public_id}/", _event()) for _n in range(ROUND)]
        empty = [request.replace(_line(endpoint), b"POST /nothing/ ", 1) for request in events]
        nothing.append(_rate(port, empty))
        intake.append(_rate(port, events))
        say(f"{nothing[-1]:.0f}/s nothing, {intake[-1]:.0f}/s events")
    if InboxEvent.objects.count() != ROUND * (ROUNDS + 1):
        raise RuntimeError("an event has no row")
    ratios = [mine / other for mine, other in zip(intake[1:], nothing[1:], strict=True)]
    return [
        Figure("view that does nothing", median(nothing[1:]), unit="/s"),
        Figure("signed events taken in, one row each", median(intake[1:]), unit="/s"),
        Figure("events against nothing", median(ratios), LEAST, at_least=True),
    ]


def _event(task_id: str = "task_of_another_app") -> dict[str, object]:
    link = "https://media.example/" + "x" * 120
    return envelope(
        {
            "id": task_id,
            "status": "succeeded",
            "model": "z-image",
            "reserved_credits": 1,
            "final_credits": 1,
            "result": {"primary_url": link, "urls": [link]},
            "error": None,
        }
    )


def _line(endpoint: WebhookEndpoint) -> bytes:
    return f"POST /hooks/rivya/{endpoint.public_id}/ ".encode()


def _request(path: str, event: dict[str, object]) -> bytes:
    body, headers = signed(event)
    headers |= {"host": "localhost", "content-type": "application/json"}
    headers |= {"content-length": str(len(body)), "user-agent": "Rivya-Webhooks/1.0"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def _rate(port: int, requests: Sequence[bytes]) -> float:
    began = time.perf_counter()
    _send_all(port, requests)
    return len(requests) / (time.perf_counter() - began)


def _send_all(port: int, requests: Sequence[bytes]) -> None:
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        parts = [requests[number::CONNECTIONS] for number in range(CONNECTIONS)]
        for _done in threads.map(lambda part: _send(port, part), parts):
            pass


def _send(port: int, requests: Sequence[bytes]) -> None:
    """One connection after another's end: the server may close it after so many answers."""
    line: socket.socket | None = None
    for request in requests:
        if line is None:
            line = socket.create_connection(("127.0.0.1", port), timeout=30)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.sendall(request)
        answer = line.recv(65536)
        if not answer.startswith(b"HTTP/1.1 202"):
            raise RuntimeError(answer[:200].decode(errors="replace"))
        if b"onnection: close" in answer:
            line.close()
            line = None
    if line is not None:
        line.close()


# --- The burst ------------------------------------------------------------------------------------


def _burst(shop: BenchShop, endpoint: WebhookEndpoint, port: int) -> list[Figure]:
    """A tenth of the posts are duplicates; a few events are about jobs of ours that ended."""
    ours = _ended_jobs(shop)
    path = f"/hooks/rivya/{endpoint.public_id}/"
    first = [_request(path, _event(task_id)) for task_id in ours]
    first += [_request(path, _event()) for _n in range(BURST - AGAIN - len(ours))]
    posts = [*first, *first[:: len(first) // AGAIN][:AGAIN]]
    before = LedgerEntry.objects.filter(kind="settle").count()
    shop.stage.start("worker-default", "beat")
    began = time.perf_counter()
    _send_all(port, posts)
    taken = time.perf_counter() - began
    waiting = InboxEvent.objects.filter(state="waiting")
    wait_for(lambda: not waiting.exists(), "the last event", SETTLED_WITHIN)
    settled = time.perf_counter() - began
    shop.stage.end("worker-default", "beat")
    rows = InboxEvent.objects.count()
    doubled = InboxEvent.objects.aggregate(total=Sum("duplicate_count"))["total"]
    ends = Generation.objects.filter(task_id__in=ours, events__kind="succeeded").count()
    paid = LedgerEntry.objects.filter(kind="settle").count() - before
    return [
        Figure(f"burst of {len(posts):,}: taken in", len(posts) / taken, unit="/s"),
        Figure("burst: all settled after", settled, unit="s"),
        Figure("burst: events lost", len(first) - rows, 0.0),
        Figure(
            "burst: duplicates not counted as such", abs(len(posts) - len(first) - doubled), 0.0
        ),
        Figure("burst: jobs ended other than once", abs(len(ours) - ends), 0.0),
        Figure("burst: jobs paid other than once", abs(len(ours) - paid), 0.0),
    ]


def _ended_jobs(shop: BenchShop) -> list[str]:
    """Jobs of ours that have ended at Rivya and that nobody has looked at yet."""
    made = []
    for _brief in range(OURS):
        job = shop.job(shop.brief())
        jobs.submit(job.public_id)
        job.refresh_from_db()
        made.append(job.task_id)
    with client_for(shop.key) as rivya:
        wait_for(lambda: all(rivya.generations.get(each).is_final for each in made), "their ends")
    Generation.objects.filter(task_id__in=made).update(next_check_at="2040-01-01T00:00Z")
    return made
