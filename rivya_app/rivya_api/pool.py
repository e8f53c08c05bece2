"""Opens the connections: one pool that many clients may share, and a true end to every answer.

httpx limits the wait for each read, so a peer that sends one byte at a time could hold a thread
for hours. `Deadline` rides on httpx's own read timeout and ends the whole answer.
"""

import re
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, Self, cast

import httpcore
import httpx

Pace = Literal["normal", "upload", "chat", "stream"]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. A `total` ends a whole answer however slowly it drips.

    A complete chat answer may be silent while the model thinks; a stream only between heartbeats.
    """

    connect: float = 5.0
    read: float = 30.0
    write: float = 30.0
    pool: float = 10.0
    total: float = 60.0
    upload_total: float = 600.0
    chat_read: float = 240.0
    chat_total: float = 300.0
    stream_silence: float = 75.0
    stream_total: float = 1800.0

    def deadline(self, pace: "Pace") -> "Deadline":
        """Start the clock for one answer."""
        if pace == "normal":
            return Deadline(self.read, self.total)
        if pace == "upload":
            return Deadline(self.read, self.upload_total)
        if pace == "chat":
            return Deadline(self.chat_read, self.chat_total)
        return Deadline(self.stream_silence, self.stream_total, stops_at_body=True)


class Deadline(float):
    """A read timeout in seconds that also knows the moment at which the answer must be complete.

    While it `stops_at_body`, httpx gets the answer's head alone, and what came behind it stays
    with the connection, for whoever reads the body past httpx.
    """

    ends_at: float
    stops_at_body: bool

    def __new__(cls, per_read: float, total: float, *, stops_at_body: bool = False) -> Self:
        """Start the clock: at most `per_read` between bytes and `total` from now on."""
        deadline = super().__new__(cls, min(per_read, total))
        deadline.ends_at = time.monotonic() + total
        deadline.stops_at_body = stops_at_body
        return deadline

    def seconds_left(self) -> float:
        """Return the time the next read may take; zero or less when it is over."""
        return min(float(self), self.ends_at - time.monotonic())


def open_pool(
    *, max_connections: int = 100, timeouts: Timeouts | None = None, keepalive: float = 30.0
) -> httpx.Client:
    """Open an httpx client to be shared by `RivyaClient`s; the caller closes it.

    Redirects are not followed, and answers end at their deadline.
    """
    waits = timeouts or Timeouts()
    http = httpx.Client(
        timeout=httpx.Timeout(waits.read, connect=waits.connect, pool=waits.pool),
        limits=httpx.Limits(
            max_connections=max_connections,
            max_keepalive_connections=max_connections,
            keepalive_expiry=keepalive,
        ),
        follow_redirects=False,
    )
    _keep_deadlines(http)
    return http


def _keep_deadlines(http: httpx.Client) -> None:
    # httpx has no public door for a network backend; without one the headers could drip for ever.
    # A test with a dripping server fails if a new httpx moves these attributes.
    for transport in (http._transport, *http._mounts.values()):  # noqa: SLF001
        if isinstance(transport, httpx.HTTPTransport):
            pool = cast(Any, transport._pool)  # noqa: SLF001
            pool._network_backend = _DeadlineBackend(pool._network_backend)  # noqa: SLF001


class _DeadlineBackend(httpcore.NetworkBackend):
    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        return PooledStream(
            self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        )

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        return PooledStream(self._inner.connect_unix_socket(path, timeout, socket_options))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


_HEAD_END = re.compile(rb"\n\r?\n")  # as httpx's parser finds it


class PooledStream(httpcore.NetworkStream):
    """A connection of the pool."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner
        self._ahead = b""  # came behind a head
        self._head_tail = b""  # of an unfinished head: its end may lie across two reads
        # Bound once: these run on every request and only reads have anything to add.
        self.write = inner.write  # type: ignore[method-assign]
        self.close = inner.close  # type: ignore[method-assign]
        self.get_extra_info = inner.get_extra_info  # type: ignore[method-assign]

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._ahead:
            data, self._ahead = self._ahead[:max_bytes], self._ahead[max_bytes:]
        else:
            data = self._inner.read(max_bytes, _seconds(timeout))
        if isinstance(timeout, Deadline) and timeout.stops_at_body:
            return self._head_of(data)
        return data

    def take_ahead(self) -> bytes:
        """What was read behind the head; nobody else gets it."""
        ahead, self._ahead = self._ahead, b""
        return ahead

    def _head_of(self, data: bytes) -> bytes:
        end = _HEAD_END.search(self._head_tail + data)
        if end is None:
            self._head_tail = (self._head_tail + data)[-2:]
            return data
        length = end.end() - len(self._head_tail)
        self._head_tail = b""
        self._ahead = data[length:] + self._ahead
        return data[:length]

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return PooledStream(self._inner.start_tls(ssl_context, server_hostname, timeout))


def _seconds(timeout: float | None) -> float | None:
    if not isinstance(timeout, Deadline):
        return timeout
    left = timeout.seconds_left()
    if left <= 0:
        raise httpcore.ReadTimeout("the answer was not complete in time")
    return left
