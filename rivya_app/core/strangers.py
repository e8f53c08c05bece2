"""Connections to servers of strangers: to the very address that was looked at, and never for long.

Knows no domain word. Follows no redirect and keeps nothing open for a second request.
"""

import ssl
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import httpcore
import httpx

from rivya_app.core import addresses

seconds = time.monotonic

READ_SECONDS = 30.0
CONNECT_SECONDS = 10.0
WRITE_SECONDS = 10.0
TIMEOUTS = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": WRITE_SECONDS}


def pool(*, ends_at: float, may_be_private: bool) -> httpcore.ConnectionPool:
    """For one request, all of it over at `ends_at` (of `seconds`).

    Connecting raises addresses.Refused, OSError for an unknown name, and what httpcore raises.
    """
    backend = _CheckedBackend(ends_at, may_be_private=may_be_private)
    return httpcore.ConnectionPool(ssl_context=_tls(), network_backend=backend, max_connections=1)


def target_of(url: httpx.URL) -> httpcore.URL:
    """The same address as httpcore takes it."""
    return httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


class _CheckedBackend(httpcore.NetworkBackend):
    """Connects only to addresses that may be asked, and ends every wait at `ends_at`."""

    def __init__(self, ends_at: float, *, may_be_private: bool) -> None:
        self._inner = httpcore.SyncBackend()
        self._ends_at = ends_at
        self._may_be_private = may_be_private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Look the name up once and connect to that very address, so that the name cannot turn."""
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses.of(host, port, may_be_private=self._may_be_private):
            wait = min(timeout or CONNECT_SECONDS, _left(self._ends_at))
            try:
                stream = self._inner.connect_tcp(address, port, wait, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self._ends_at)
        raise failure


class _TimedStream(httpcore.NetworkStream):
    """A per-read timeout alone would let a server drip one byte at a time for ever."""

    def __init__(self, inner: httpcore.NetworkStream, ends_at: float) -> None:
        self._inner = inner
        self._ends_at = ends_at

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, min(timeout or READ_SECONDS, _left(self._ends_at)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, min(timeout or READ_SECONDS, _left(self._ends_at)))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        wait = min(timeout or CONNECT_SECONDS, _left(self._ends_at))
        return _TimedStream(
            self._inner.start_tls(ssl_context, server_hostname, wait), self._ends_at
        )

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(ends_at: float) -> float:
    left = ends_at - seconds()
    if left <= 0:
        raise httpcore.ReadTimeout("the time for this request is over")
    return left
