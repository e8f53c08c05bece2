"""The body of an open answer, taken from its connection without ever waiting for it.

httpx can only wait for the next piece, which takes a thread for each open answer. So of a stream
httpx reads the head alone (see `pool.py`), and its chunks are unpacked here, by llhttp.
"""

import socket
import ssl
from typing import Self

import httptools
import httpx

from rivya_app.rivya_api.pool import PooledStream

# Others are read by the same thread, so nobody gets more of it in a row: bytes, and reads (TLS
# hands over a record at a time). What is left stays with the system, and is announced again.
_MOST_AT_ONCE = 65536
_MOST_READS = 64
_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class ArrivingBody:
    """Belongs to one thread. After `read`, at most one of `is_complete` and `is_cut` is true."""

    def __init__(self, connection: socket.socket, ahead: bytes) -> None:
        self.is_cut = False  # the connection ended too early, or what it said is not HTTP
        self._connection = connection
        self._ahead = ahead  # read together with the head
        self._chunks = _Chunks()
        self._parser = httptools.HttpResponseParser(self._chunks)
        self._parser.feed_data(_HEAD)

    @classmethod
    def of(cls, response: httpx.Response) -> Self | None:
        """None where only httpx can read it: not in chunks, or without a socket of its own."""
        stream = response.extensions.get("network_stream")
        is_chunked = response.headers.get("transfer-encoding", "").strip().lower() == "chunked"
        if not isinstance(stream, PooledStream) or not is_chunked:
            return None
        if isinstance(stream.get_extra_info("ssl_object"), ssl.SSLObject):
            return None  # TLS inside the TLS of a proxy
        return cls(stream.get_extra_info("socket"), stream.take_ahead())

    @property
    def is_complete(self) -> bool:
        return self._chunks.are_complete

    def fileno(self) -> int:
        """For a selector."""
        return self._connection.fileno()

    def read(self) -> bytes:
        """What has arrived; nothing where nothing has, or where it is over."""
        self._connection.settimeout(0)
        size = 0
        for _read in range(_MOST_READS):
            piece = self._piece()
            if piece is None:
                break
            self._unpack(piece)
            size += len(piece)
            if self.is_complete or self.is_cut or size >= _MOST_AT_ONCE:
                break
        return self._chunks.take()

    def _piece(self) -> bytes | None:
        """None where nothing has arrived; empty at the connection's end."""
        if self._ahead:
            ahead, self._ahead = self._ahead, b""
            return ahead
        try:
            return self._connection.recv(_MOST_AT_ONCE)
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        except OSError:
            return b""

    def _unpack(self, piece: bytes) -> None:
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserError:
            # What comes behind the end is nobody's.
            self.is_cut = not self.is_complete
        self.is_cut = self.is_cut or not (piece or self.is_complete)


class _Chunks:
    """What llhttp finds."""

    def __init__(self) -> None:
        self.are_complete = False
        self._parts: list[bytes] = []

    def on_body(self, part: bytes) -> None:
        if not self.are_complete:
            self._parts.append(part)

    def on_message_complete(self) -> None:
        self.are_complete = True

    def take(self) -> bytes:
        parts, self._parts = self._parts, []
        return b"".join(parts)
