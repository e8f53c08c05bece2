"""A client of the stand-in with a fresh key, and ways to wait for what it does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from tests.simulator_process import Simulator

PROMPT = "Product picture of blue mug, for a shop."


class Api:
    """The documented API, with one key; short words for what the tests do all the time."""

    def __init__(self, stand_in: Simulator, key: str) -> None:
        self.stand_in = stand_in
        self.http = client_of(stand_in, key)

    def create(self, prompt: str = PROMPT, idempotency_key: str = "", **body: Any) -> Any:
        headers = {"idempotency-key": idempotency_key} if idempotency_key else {}
        full = {"model": "z-image", "prompt": prompt} | body
        return self.http.post("/generations", json=full, headers=headers)

    def made(self, prompt: str = PROMPT, **body: Any) -> dict[str, Any]:
        """A new task, as it was accepted."""
        answer = self.create(prompt, **body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def task(self, task_id: str) -> dict[str, Any]:
        return dict(self.http.get(f"/generations/{task_id}").json())

    def final(self, task_id: str) -> dict[str, Any]:
        return until(lambda: self.task(task_id), lambda t: t["status"] in ("succeeded", "failed"))

    def result(self, prompt: str = PROMPT, **body: Any) -> httpx.Response:
        """The bytes of a new task's first result."""
        task = self.final(self.made(prompt, **body)["id"])
        return httpx.get(task["result"]["primary_url"], timeout=60)

    def credits(self) -> float:
        return float(self.http.get("/credits").json()["current_credits"])


_OPEN: list[httpx.Client] = []


def client_of(stand_in: Simulator, key: str) -> httpx.Client:
    """A client that is closed when the test ends."""
    client = httpx.Client(
        base_url=f"{stand_in.base_url}/api/v1",
        headers={"authorization": f"Bearer {key}"},
        timeout=30,
        trust_env=False,
    )
    _OPEN.append(client)
    return client


@pytest.fixture(autouse=True)
def closed_clients() -> Iterator[None]:
    yield
    while _OPEN:
        _OPEN.pop().close()


def until(look: Callable[[], Any], good: Callable[[Any], Any], seconds: float = 15) -> Any:
    """Look again and again until it is good."""
    end = time.monotonic() + seconds
    while True:
        seen = look()
        if good(seen):
            return seen
        assert time.monotonic() < end, f"not in {seconds} s: {seen}"
        time.sleep(0.01)


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


@pytest.fixture
def api(rivya: Simulator) -> Api:
    return Api(rivya, rivya.new_key("test"))


class Receiver:
    """A webhook receiver that keeps what it gets and answers as told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(outer.answers.pop(0) if outer.answers else 204)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def wait(self, count: int) -> list[tuple[dict[str, str], bytes]]:
        return list(until(lambda: self.got, lambda got: len(got) >= count))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    this = Receiver()
    yield this
    this.server.shutdown()
    this.server.server_close()
