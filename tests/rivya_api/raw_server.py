"""A real server on loopback that can say anything, byte by byte, as no web framework would."""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Self

Behaviour = Callable[[socket.socket], None]


class RawServer:
    """Reads one request per connection, hands the socket to `behave`, then closes it."""

    def __init__(self) -> None:
        self.behave: Behaviour = lambda peer: None
        self.received: list[tuple[dict[str, str], bytes]] = []
        self.over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def request_count(self) -> int:
        return len(self.received)

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    def drip(self, peer: socket.socket, data: bytes, every: float) -> None:
        """Send one byte at a time until the peer has had enough or the test is over."""
        for byte in data:
            if self.over.wait(every):
                return
            peer.sendall(bytes([byte]))

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=(peer,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, peer: socket.socket) -> None:
        with peer, contextlib.suppress(OSError):
            self.received.append(_read_request(peer))
            self.behave(peer)


def _read_request(peer: socket.socket) -> tuple[dict[str, str], bytes]:
    """Return the headers, names as sent, and the body."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += peer.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    pairs = (line.partition(": ") for line in head.decode().split("\r\n")[1:])
    headers = {name: value for name, _, value in pairs}
    lengths = (int(headers[name]) for name in headers if name.lower() == "content-length")
    length = next(lengths, 0)
    while len(body) < length:
        body += peer.recv(65536)
    return headers, body
