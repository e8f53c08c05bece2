"""How fast the stand-in answers; measured and printed, never asserted as a time."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable

import pytest

from rivya_app.simulator.media.render import Scene, render
from tests.simulator.conftest import Api

pytestmark = pytest.mark.bench
Say = Callable[[str], None]
_CONNECTIONS = 16
_SECONDS = 4.0


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Write a line past pytest's capture."""

    def write(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{line}")

    return write


async def _ask(host: str, port: int, request: bytes, end: float) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    count = 0
    while time.monotonic() < end:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        count += 1
    writer.close()
    return count


async def _all(host: str, port: int, requests: list[bytes]) -> int:
    end = time.monotonic() + _SECONDS
    asked = [_ask(host, port, request, end) for request in requests]
    return sum(await asyncio.gather(*asked))


def test_polling_speed_with_five_thousand_open_tasks(api: Api, say: Say) -> None:
    api.stand_in.set_credits(10_000)
    api.stand_in.fault("stuck", stage="processing")
    ids = [api.made(f"mug {n}")["id"] for n in range(5000)]
    api.stand_in.clear_faults()
    plain = [api.made("mug")["id"] for _ in range(_CONNECTIONS)]
    host, _, port = api.stand_in.base_url.removeprefix("http://").partition(":")
    authorization = api.http.headers["authorization"]

    def measured(tasks: list[str]) -> float:
        requests = [
            f"GET /api/v1/generations/{task} HTTP/1.1\r\nhost: x\r\n"
            f"authorization: {authorization}\r\n\r\n".encode()
            for task in tasks
        ]
        return asyncio.run(_all(host, int(port), requests)) / _SECONDS

    say(f"GET of a task, short way: {measured(plain):.0f}/s")
    say(f"GET of a task with faults: {measured(ids[:_CONNECTIONS]):.0f}/s")


@pytest.mark.parametrize(("extension", "size"), [("png", 1024), ("jpg", 1024), ("png", 2048)])
def test_picture_speed(say: Say, extension: str, size: int) -> None:
    things = ("mug", "bottle", "bag", "saree", "lamp", "plant")
    began = time.process_time()
    for n in range(24):
        prompt = f"Product picture of blue {things[n % 6]}"
        render(Scene("image", prompt, n, (size, size)), extension)
    say(f"{extension} {size}: {(time.process_time() - began) / 24 * 1000:.0f} ms of CPU each")
