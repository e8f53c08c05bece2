"""Streams to be heard: their bytes, a server that sends them, and somebody who listens."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rivya_app.rivya_api import RivyaClient, Timeouts, open_pool
from rivya_app.rivya_api.listening import Listener
from rivya_app.rivya_api.sse import ChatEvent, Delta
from tests.rivya_api.conftest import KEY
from tests.rivya_api.raw_server import RawServer

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Request-Id: req_l\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
WORDS = [f"word{number} \u091a\u093e\n" for number in range(9)]


def chunk(data: bytes) -> bytes:
    return b"%x;note=1\r\n%s\r\n" % (len(data), data)


def delta(text: str) -> bytes:
    return f"event: delta\ndata: {json.dumps({'delta': text})}\n\n".encode()


def body_of(words: list[str]) -> bytes:
    """A whole body in chunks, with a trailer behind it."""
    parts = [delta(word) for word in words] + [b"data: [DONE]\n\n"]
    return b"".join(map(chunk, parts)) + b"0\r\nX-Trailer: 1\r\n\r\n"


def sends(*pieces: bytes, every: float = 0.005) -> Callable[[socket.socket], None]:
    """Each piece in a packet of its own."""

    def behave(peer: socket.socket) -> None:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            peer.sendall(piece)
            time.sleep(every)

    return behave


class Heard:
    """What came of listening to one stream, in a thread of its own as in a worker."""

    def __init__(self, listener: Listener, client: RivyaClient) -> None:
        self.events: list[ChatEvent] = []
        self.threads: set[str] = set()
        self.failure: BaseException | None = None
        self.stream = client.chat.stream({}, idempotency_key="k")
        self._listener = listener
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def text(self) -> str:
        return "".join(event.text for event in list(self.events) if isinstance(event, Delta))

    def wait(self) -> "Heard":
        self._thread.join(15)
        assert not self._thread.is_alive()
        return self

    def _listen(self) -> None:
        try:
            with self.stream:
                self._listener.listen(self.stream, self.hear)
        except Exception as error:  # noqa: BLE001  told to whoever waits
            self.failure = error

    def hear(self, event: ChatEvent) -> None:
        self.threads.add(threading.current_thread().name)
        self.events.append(event)


class Rounds:
    """A listener, and how often it spoke up."""

    def __init__(self, pause: float = 0.0) -> None:
        self.pause = pause
        self.count = 0
        self.listener = Listener(pause=lambda _open: self.pause, after_round=self._note)

    def _note(self) -> None:
        self.count += 1


@contextmanager
def client_of(server: RawServer, **seconds: float) -> Iterator[RivyaClient]:
    """With the usual times to wait, far longer than any of these tests, but for those given."""
    timeouts = Timeouts(**seconds)
    with open_pool(max_connections=100, timeouts=timeouts) as http:
        yield RivyaClient(KEY, base_url=server.base_url, http=http, timeout=timeouts)


BEGUN = HEAD + chunk(delta("Hi"))


def begins_and_is_silent(server: RawServer) -> None:
    def behave(peer: socket.socket) -> None:
        peer.sendall(BEGUN)
        server.over.wait(60)

    server.behave = behave
