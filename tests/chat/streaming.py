"""The live stream as tests have it: a server that answers it, and somebody who listens."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self
from uuid import uuid4

import httpx
import uvicorn
from starlette.types import ASGIApp

from rivya_app.chat import feed, tickets
from rivya_app.chat.stream import Streams
from tests.waiting import wait_for

MEMBER = 7
SECONDS = 30.0


async def no_site(scope: Any, receive: Any, send: Any) -> None:
    """What stands beside the streams in these tests."""
    if scope["type"] == "lifespan":
        for _step in ("startup", "shutdown"):
            await send({"type": f"{(await receive())['type']}.complete"})
        return
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


class Served:
    """A server in a thread of its own."""

    def __init__(self, streams: Streams, address: str) -> None:
        self.streams, self.address = streams, address

    def listen(self, turn_id: str, **fields: Any) -> "Listener":
        return Listener(self.address, turn_id, **fields)

    @property
    def watch_count(self) -> int:
        begun = self.streams._hub  # asking for it here would give it this thread's loop
        return begun.watch_count if begun else 0


@contextmanager
def served() -> Iterator[Served]:
    streams = Streams(no_site)
    with address_of(streams) as address:
        yield Served(streams, address)


@contextmanager
def address_of(app: ASGIApp) -> Iterator[str]:
    """Where uvicorn serves it, in a thread, on a port that is taken before anybody else could."""
    config = uvicorn.Config(app, log_level="critical", lifespan="on", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as door:
        thread = threading.Thread(target=server.run, args=[[door]], daemon=True)
        thread.start()
        wait_for(lambda: server.started)
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(SECONDS)


class Listener:
    """One open stream, read by a thread. `events` are (kind, id, data) as they came."""

    def __init__(
        self,
        address: str,
        turn_id: str,
        *,
        after: str = "",
        by_header: bool = False,
        ticket: str | None = None,
    ) -> None:
        self.events: list[tuple[str, str, Any]] = []
        self.heartbeats = 0
        self.is_over = threading.Event()
        self.status = 0
        self.headers = httpx.Headers()
        self._url = f"{address}{tickets.path_of(turn_id)}"
        self._headers = {"Last-Event-ID": after} if after and by_header else {}
        self._query = {"from": after} if after and not by_header else {}
        self._headers["Cookie"] = f"ticket={ticket or tickets.make(turn_id, MEMBER)}"
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._is_left = False
        self._thread.start()
        wait_for(lambda: self.status or self.is_over.is_set())

    def _read(self) -> None:
        try:
            with (
                suppress(httpx.HTTPError),
                httpx.stream(
                    "GET", self._url, params=self._query, headers=self._headers, timeout=30
                ) as answer,
            ):
                self.headers, self.status = answer.headers, answer.status_code
                self._hear(answer)
        finally:
            self.is_over.set()

    def _hear(self, answer: httpx.Response) -> None:
        fields: dict[str, str] = {}
        for line in _lines(answer):
            if self._is_left:
                return
            if not line and "event" in fields:
                data = json.loads(fields["data"])
                self.events.append((fields["event"], fields.get("id", ""), data))
            if not line:
                fields = {}
            elif line.startswith(":"):
                self.heartbeats += 1
            else:
                name, _, value = line.partition(": ")
                fields[name] = value

    def leave(self) -> None:
        """Close the page, at the next line that comes."""
        self._is_left = True

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _id, _data in self.events]

    @property
    def ids(self) -> list[str]:
        return [entry_id for _kind, entry_id, _data in self.events if entry_id]

    @property
    def text(self) -> str:
        return "".join(data for kind, _id, data in self.events if kind == "text")

    def to_the_end(self) -> Self:
        """Wait until the server closed it."""
        assert self.is_over.wait(SECONDS), self.events
        return self


def _lines(answer: httpx.Response) -> Iterator[str]:
    """As a browser splits them; httpx would split at other signs too."""
    rest = b""
    for part in answer.iter_bytes():
        *lines, rest = (rest + part).split(b"\n")
        yield from (line.decode() for line in lines)


class Told:
    """An answer that a worker tells."""

    def __init__(self) -> None:
        self.turn_id = str(uuid4())
        self.ids: list[str] = []
        self.write(feed.Entry(feed.ASKED))

    def write(self, *entries: feed.Entry) -> Self:
        ids = feed.write([(self.turn_id, entry) for entry in entries])
        assert ids is not None
        self.ids += ids
        return self

    def say(self, *texts: str) -> Self:
        return self.write(*(feed.Entry(feed.TEXT, text) for text in texts))

    def end(self) -> Self:
        return self.write(feed.Entry(feed.END, "answered"))
