"""The assistant: the time to the first word beside a direct client, and five hundred open streams.

Real processes on loopback: the stand-in, PostgreSQL, Valkey, one web process, one chat worker.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Self
from uuid import uuid4

from django.conf import settings
from django.db.models import QuerySet

from rivya_app.chat import actions, tickets
from rivya_app.chat import tasks as chat_tasks
from rivya_app.chat.actions import Question, WantedConversation
from rivya_app.chat.models import Turn
from rivya_app.gateway.access import workflow
from rivya_app.gateway.models import Workflow
from rivya_app.local.parts import worker_part
from rivya_app.rivya_api import RivyaClient, open_pool
from rivya_app.rivya_api.sse import Delta
from tests.bench import chat_posts, chat_proxy
from tests.bench.figures import Figure, percentile
from tests.bench.shop import BenchShop
from tests.bench.stage import say, wait_for

MODEL = "gpt-5-2-chat"
ROUNDS, WARM_UP = 220, 20
Limits = tuple[float | None, float | None]
ADDED: Limits = (12.0, 40.0)  # ms at p50 and p95
STREAMS, WORDS, PAUSE = 500, 500, 0.05
DELAY_P95 = 250.0  # ms
KB_A_STREAM = 150.0
MOST_SECONDS = 58.0  # a ticket's life


def measure(shop: BenchShop) -> list[Figure]:
    shop.stage.start("web")
    _start_worker(shop, 16)
    figures = _first_word(shop)
    shop.stage.end("worker-chat")
    return [*figures, *_many(shop)]


def _start_worker(shop: BenchShop, threads: int) -> None:
    environment = {**os.environ, "CHAT_THREADS": str(threads)}
    shop.stage.run(worker_part("chat", threads, environment).program)


def begin(shop: BenchShop, text: str) -> Turn:
    """A conversation with its first question, as the form's view begins it."""
    wanted = WantedConversation(workflow(shop.workspace, Workflow.Moment.CHAT), MODEL)
    member = shop.cast["researcher"]
    return actions.begin(member=member, wanted=wanted, question=Question(text))


# --- The first word -------------------------------------------------------------------------------


def _first_word(shop: BenchShop) -> list[Figure]:
    with chat_posts.posting(shop) as posted:
        proxied = chat_proxy.proxy(shop)
        ways = {"direct": _direct(shop), "ours": _ours(shop), "posted": posted}
        if proxied is not None:
            ways |= {"openai": proxied.direct, "litellm": proxied.through}
        kept = _in_turns(ways)
    say(", ".join(f"{name} {median(times):.1f} ms" for name, times in kept.items()))
    figures = [
        Figure("first word, direct client: p50", median(kept["direct"]), unit="ms"),
        *_added("from the publishing", kept["ours"], kept["direct"], ADDED),
        *_added("from the browser's POST", kept["posted"], kept["direct"]),
    ]
    if proxied is None:
        say("without --litellm nothing stands beside it")
        return figures
    return [*figures, *_beside(kept), *_memory(shop, proxied)]


def _in_turns(ways: dict[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Milliseconds each; in turns, so that whatever else the machine does meets all alike."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _round in range(ROUNDS):
        for name, way in ways.items():
            taken[name].append(way() * 1000)
    return {name: times[WARM_UP:] for name, times in taken.items()}


def _beside(kept: dict[str, list[float]]) -> list[Figure]:
    """What we add over what LiteLLM adds, each over a direct client of the same words."""
    ratios = [
        (
            share,
            _over(kept["ours"], kept["direct"], share),
            _over(kept["litellm"], kept["openai"], share),
        )
        for share in (50, 95)
    ]
    return _added("by LiteLLM", kept["litellm"], kept["openai"]) + [
        Figure(f"first word, added: ours over LiteLLM's, p{share}", mine / theirs, 1.0)
        for share, mine, theirs in ratios
    ]


def _memory(shop: BenchShop, proxied: chat_proxy.Proxy) -> list[Figure]:
    return [
        Figure("LiteLLM: resident", proxied.close(), unit="MB"),
        Figure("web and chat worker: resident", _held(shop), unit="MB"),
    ]


def _held(shop: BenchShop) -> float:
    return (resident(shop, "web") + resident(shop, "worker-chat")) / 1024


def _added(
    what: str, ours: list[float], direct: list[float], limits: Limits = (None, None)
) -> list[Figure]:
    return [
        Figure(f"first word, added {what}: p{share}", _over(ours, direct, share), limit, "ms")
        for share, limit in zip((50, 95), limits, strict=True)
    ]


def _over(times: list[float], direct: list[float], share: int) -> float:
    """What a way takes at that percentile beyond the usual direct call."""
    return percentile(times, share) - median(direct)


def _direct(shop: BenchShop) -> Callable[[], float]:
    secret = shop.key.secret.reveal()
    client = RivyaClient(secret, base_url=settings.RIVYA_BASE_URL, http=open_pool())

    def ask() -> float:
        body = {"model": MODEL, "message": "How do I sell a mug?"}
        began = time.perf_counter()
        first = 0.0
        with client.chat.stream(body, idempotency_key=str(uuid4())) as stream:
            for event in stream:
                if isinstance(event, Delta):
                    first = first or time.perf_counter() - began
        return first

    return ask


def _ours(shop: BenchShop) -> Callable[[], float]:
    """From the moment the task is handed out, behind the commit, to the first word in a browser."""
    published: list[float] = []
    publish = chat_tasks.answer_turn.delay

    def delay(**fields: str) -> object:
        published.append(time.perf_counter())
        return publish(**fields)

    def ask() -> float:
        chat_tasks.answer_turn.delay = delay
        try:
            turn = begin(shop, "How do I sell a mug?")
        finally:
            del chat_tasks.answer_turn.delay
        with Ear(
            shop.stage.port, str(turn.public_id), tickets.make(turn.public_id, turn.member_id)
        ) as ear:
            first = ear.first_word() - published[-1]
            ear.rest()
        return first

    return ask


def ear_of(shop: BenchShop, turn: Turn) -> "Ear":
    """Whoever asked listens."""
    ticket = tickets.make(turn.public_id, turn.member_id)
    return Ear(shop.stage.port, str(turn.public_id), ticket)


class Ear:
    """A browser that listens to one turn, on a plain socket."""

    def __init__(self, port: int, turn_id: str, ticket: str) -> None:
        self._line = socket.create_connection(("127.0.0.1", port), timeout=20)
        self._line.sendall(
            f"GET /stream/turns/{turn_id}/ HTTP/1.1\r\nHost: localhost\r\n"
            f"Cookie: ticket={ticket}\r\nConnection: close\r\n\r\n".encode()
        )
        self._heard = b""

    def first_word(self) -> float:
        """When it came, on the clock of time.perf_counter."""
        return self._until(b"event: text")

    def rest(self) -> None:
        self._until(b"event: end")

    def _until(self, sign: bytes) -> float:
        while sign not in self._heard:
            part = self._line.recv(65536)
            if not part:
                raise RuntimeError(self._heard[-300:].decode(errors="replace"))
            self._heard += part
        return time.perf_counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()


# --- Five hundred at once -------------------------------------------------------------------------


def _many(shop: BenchShop) -> list[Figure]:
    shop.rivya.set(stream_clock=WORDS)
    shop.rivya.fault("sse_slow", seconds=PAUSE)
    _start_worker(shop, STREAMS + 20)
    _answer_some(shop, 20)
    before = {name: resident(shop, name) for name in ("web", "worker-chat")}
    shop.stage.end("worker-chat")
    turns = [begin(shop, f"How do I sell mug {number}?") for number in range(STREAMS)]
    heard, held, cpu = _hear_all(shop, turns)
    figures = _lateness(heard)
    figures += [
        Figure(f"{name}: memory a stream", (held[name] - before[name]) / STREAMS, KB_A_STREAM, "KB")
        for name in ("web", "worker-chat")
    ]
    figures += [
        Figure(f"{name}: of one core", share * 100, unit="%") for name, share in cpu.items()
    ]
    return figures


def _answer_some(shop: BenchShop, count: int) -> None:
    """So that what is loaded with the first answers is not counted as theirs."""
    shop.rivya.set(stream_clock=20)
    turns = [begin(shop, "How do I sell a mug?") for _turn in range(count)]
    for turn in turns:
        with Ear(
            shop.stage.port, str(turn.public_id), tickets.make(turn.public_id, turn.member_id)
        ) as ear:
            ear.rest()
    shop.rivya.set(stream_clock=WORDS)


def _hear_all(
    shop: BenchShop, turns: list[Turn]
) -> tuple[list[dict[str, object]], dict[str, float], dict[str, float]]:
    result = shop.stage.folder / "heard.json"
    lines = "".join(
        f"{turn.public_id} {tickets.make(turn.public_id, turn.member_id)}\n" for turn in turns
    )
    words = [str(shop.stage.port), str(MOST_SECONDS), str(result)]
    readers = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.chat_readers", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert readers.stdin is not None
    assert readers.stdout is not None
    readers.stdin.write(lines)
    readers.stdin.close()
    readers.stdout.readline()
    _start_worker(shop, STREAMS + 20)
    _until_open(Turn.objects.filter(status="streaming"))
    names = ("web", "worker-chat", "stand-in")
    began, used = time.monotonic(), {name: cpu_seconds(shop, name) for name in names}
    time.sleep(6)
    taken = time.monotonic() - began
    cpu = {name: (cpu_seconds(shop, name) - used[name]) / taken for name in names}
    held = {name: resident(shop, name) for name in ("web", "worker-chat")}
    readers.wait(MOST_SECONDS + 20)
    return json.loads(result.read_text()), held, cpu


def _until_open(answers: QuerySet[Turn]) -> None:
    """All of them, or as many as are open together before the first ones end."""
    try:
        wait_for(lambda: answers.count() == STREAMS, "every answer open", WORDS * PAUSE)
    except TimeoutError:
        say(f"{answers.count()} of {STREAMS} answers were open together")


def _lateness(heard: list[dict[str, object]]) -> list[Figure]:
    """While all were open: the first ones would have an empty machine, and so the last ones."""
    words = [one["words"] for one in heard]
    begun = max((each[0][0] for each in words if each), default=0.0)
    over = min((each[-1][0] for each in words if each), default=0.0)
    late = sorted(
        delay * 1000 for each in words for written, delay in each if begun <= written <= over
    )
    if not late:
        late = sorted(delay * 1000 for each in words for _written, delay in each) or [0.0]
        say("they were never all open together: every word counts")
    whole = [one for one in heard if one["ended"] and len(one["words"]) == WORDS]
    rate = len(late) / (over - begun) if over > begun else 0.0
    return [
        Figure("streams not heard whole", STREAMS - len(whole), 0.0),
        Figure("words a second, while all were open", rate, unit="/s"),
        Figure("all open together for", over - begun, unit="s"),
        Figure("word later than it was written: p50", median(late), unit="ms"),
        Figure("word later than it was written: p95", percentile(late, 95), DELAY_P95, "ms"),
    ]


def resident(shop: BenchShop, name: str) -> float:
    """Kilobytes of memory of a process."""
    status = Path(f"/proc/{shop.stage.processes[name].pid}/status").read_text()
    return float(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


def cpu_seconds(shop: BenchShop, name: str) -> float:
    """What a process used of the processors so far."""
    fields = (
        Path(f"/proc/{shop.stage.processes[name].pid}/stat").read_text().rpartition(")")[2].split()
    )
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
