"""Streams that one thread hears together, over real sockets: the same words as iterating them."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rivya_app.rivya_api import RivyaClient, Timeouts, chat_stream, errors, open_pool
from rivya_app.rivya_api.listening import Listener
from rivya_app.rivya_api.sse import ChatEvent, Delta, Done
from tests.rivya_api.certificates import make_certificate
from tests.rivya_api.conftest import KEY
from tests.rivya_api.raw_server import RawServer

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Request-Id: req_l\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
WORDS = [f"word{number} \u091a\u093e\n" for number in range(9)]
SHORT = Timeouts(stream_silence=1, stream_total=3)


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
        self.times: list[float] = []
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
        self.times.append(time.monotonic())
        self.events.append(event)


class Rounds:
    """A listener, and how often it spoke up."""

    def __init__(self, pause: float = 0.0) -> None:
        self.pause = pause
        self.count = 0
        self.listener = Listener(pause=lambda _open: self.pause, after_round=self._note)

    def _note(self) -> None:
        self.count += 1


@pytest.fixture
def listener() -> Listener:
    return Rounds().listener


@contextmanager
def client_of(server: RawServer, timeouts: Timeouts = SHORT) -> Iterator[RivyaClient]:
    with open_pool(max_connections=100, timeouts=timeouts) as http:
        yield RivyaClient(KEY, base_url=server.base_url, http=http, timeout=timeouts)


@pytest.fixture
def client(raw_server: RawServer) -> Iterator[RivyaClient]:
    with client_of(raw_server) as client:
        yield client


WHOLE = HEAD + body_of(WORDS)
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
CUTS = {
    "all in one packet": [WHOLE],
    "head and body apart": [HEAD, body_of(WORDS)],
    "the head's end apart": [WHOLE[: len(HEAD) - 1], WHOLE[len(HEAD) - 1 :]],
    "the head's last two lines apart": [WHOLE[: len(HEAD) - 3], WHOLE[len(HEAD) - 3 :]],
    "an early answer first": [EARLY + WHOLE],
    "a byte at a time": [bytes([byte]) for byte in WHOLE],
    "odd pieces": [WHOLE[at : at + 37] for at in range(0, len(WHOLE), 37)],
}


@pytest.mark.parametrize("pieces", CUTS.values(), ids=CUTS)
def test_it_hears_every_word_however_the_bytes_are_cut(
    raw_server: RawServer, client: RivyaClient, listener: Listener, pieces: list[bytes]
) -> None:
    raw_server.behave = sends(*pieces, every=0.0005 if len(pieces) > 50 else 0.05)
    heard = Heard(listener, client).wait()
    assert heard.failure is None
    assert heard.text == "".join(WORDS)
    assert isinstance(heard.events[-1], Done)
    assert heard.stream.request_id == "req_l"
    assert heard.threads == {"rivya-listener"}


def test_it_hears_many_in_one_thread(raw_server: RawServer, listener: Listener) -> None:
    packets = [HEAD, *map(chunk, [*map(delta, WORDS), b"data: [DONE]\n\n"]), b"0\r\n\r\n"]
    raw_server.behave = sends(*packets, every=0.2)  # long enough to open them all
    with client_of(raw_server, Timeouts()) as client:
        all_heard = [Heard(listener, client) for _stream in range(40)]
        for heard in all_heard:
            heard.wait()
    assert {heard.text for heard in all_heard} == {"".join(WORDS)}
    assert {name for heard in all_heard for name in heard.threads} == {"rivya-listener"}
    # Together, not one behind the other.
    assert max(heard.times[0] for heard in all_heard) < min(heard.times[-1] for heard in all_heard)


@pytest.mark.parametrize("head", [b"", b"Content-Length: %d\r\n"], ids=["until the end", "length"])
def test_it_hears_a_body_without_chunks_too(
    raw_server: RawServer, client: RivyaClient, listener: Listener, head: bytes
) -> None:
    body = b"".join(map(delta, WORDS)) + b"data: [DONE]\n\n"
    kind = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n"
    length = head % len(body) if head else b""
    raw_server.behave = sends(kind + length + b"\r\n" + body)
    heard = Heard(listener, client).wait()
    assert (heard.failure, heard.text) == (None, "".join(WORDS))


def test_it_hears_an_answer_that_came_whole_instead(
    raw_server: RawServer, client: RivyaClient, listener: Listener
) -> None:
    body = json.dumps({"message": {"content": "Hello"}}).encode()
    kind = HEAD.replace(b"text/event-stream", b"application/json")
    raw_server.behave = sends(kind, chunk(body) + b"0\r\n\r\n")
    heard = Heard(listener, client).wait()
    assert (heard.failure, heard.text) == (None, "Hello")


# --- What goes wrong ------------------------------------------------------------------------------

BEGUN = HEAD + chunk(delta("Hi"))


@pytest.mark.parametrize(
    "rest",
    [b"", b"5\r\nabc", b"what is this\r\n", b"-1\r\n\r\n", b"0\r\n", b"fffffffffffffffff\r\nx"],
    ids=repr,
)
@pytest.mark.parametrize("is_reset", [False, True], ids=["closed", "reset"])
def test_it_says_that_a_stream_broke_and_keeps_its_words(
    raw_server: RawServer, client: RivyaClient, listener: Listener, rest: bytes, is_reset: bool
) -> None:
    def behave(peer: socket.socket) -> None:
        sends(BEGUN, rest)(peer)
        if is_reset:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    raw_server.behave = behave
    heard = Heard(listener, client).wait()
    assert isinstance(heard.failure, errors.StreamInterrupted)
    assert (heard.failure.is_timeout, heard.failure.maybe_sent) == (False, True)
    assert (heard.text, heard.stream.text) == ("Hi", "Hi")


def test_it_does_not_take_a_complete_body_for_the_end_of_an_answer_without_words(
    raw_server: RawServer, client: RivyaClient, listener: Listener
) -> None:
    raw_server.behave = sends(HEAD, chunk(b": beat\n\n") + b"0\r\n\r\n")
    assert isinstance(Heard(listener, client).wait().failure, errors.StreamInterrupted)


def test_it_calls_an_end_without_its_mark_unmarked(
    raw_server: RawServer, client: RivyaClient, listener: Listener
) -> None:
    raw_server.behave = sends(BEGUN, b"0\r\n\r\n")
    done = Heard(listener, client).wait().events[-1]
    assert isinstance(done, Done)
    assert not done.is_marked


def test_it_lets_go_of_a_stream_that_falls_silent(
    raw_server: RawServer, client: RivyaClient, listener: Listener
) -> None:
    def behave(peer: socket.socket) -> None:
        peer.sendall(BEGUN)
        raw_server.over.wait(10)

    raw_server.behave = behave
    began = time.monotonic()
    heard = Heard(listener, client).wait()
    assert isinstance(heard.failure, errors.StreamInterrupted)
    assert (heard.failure.is_timeout, heard.text) == (True, "Hi")
    assert 0.9 < time.monotonic() - began < 2.9


def test_it_ends_a_stream_that_only_drips_at_its_deadline(
    raw_server: RawServer, client: RivyaClient, listener: Listener
) -> None:
    def behave(peer: socket.socket) -> None:
        peer.sendall(HEAD)
        while not raw_server.over.wait(0.05):
            peer.sendall(chunk(b": beat\n\n"))

    raw_server.behave = behave
    began = time.monotonic()
    heard = Heard(listener, client).wait()
    assert isinstance(heard.failure, errors.StreamInterrupted)
    assert heard.failure.is_timeout
    assert time.monotonic() - began > 2.9


def test_it_has_enough_of_a_stream_without_end(
    raw_server: RawServer,
    client: RivyaClient,
    listener: Listener,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chat_stream, "MAX_STREAM", 300_000)

    def behave(peer: socket.socket) -> None:
        peer.sendall(HEAD)
        while not raw_server.over.is_set():
            peer.sendall(chunk(delta("x" * 10_000)))

    raw_server.behave = behave
    heard = Heard(listener, client).wait()
    assert isinstance(heard.failure, errors.StreamInterrupted)
    assert "larger than 300000 bytes" in str(heard.failure)


def test_a_fault_with_one_stream_is_that_ones_alone(
    raw_server: RawServer, client: RivyaClient, listener: Listener
) -> None:
    raw_server.behave = sends(BEGUN, *[chunk(delta("."))] * 20, chunk(b"data: [DONE]\n\n"))
    other = Heard(listener, client)
    stream = client.chat.stream({}, idempotency_key="k")

    def hear(event: ChatEvent) -> None:
        raise LookupError("ours")

    with stream, pytest.raises(LookupError):
        listener.listen(stream, hear)
    assert other.wait().failure is None
    assert other.text == "Hi" + "." * 20


def test_somebody_may_end_it_from_another_thread(
    raw_server: RawServer, client: RivyaClient, listener: Listener
) -> None:
    def behave(peer: socket.socket) -> None:
        peer.sendall(BEGUN)
        raw_server.over.wait(10)

    raw_server.behave = behave
    heard = Heard(listener, client)
    while not heard.events:
        time.sleep(0.01)
    began = time.monotonic()
    heard.stream.abort()
    heard.wait()
    assert isinstance(heard.failure, errors.StreamInterrupted)
    assert time.monotonic() - began < 0.5


# --- Its pace -------------------------------------------------------------------------------------


def test_words_gather_while_it_rests_and_a_first_word_does_not_wait(
    raw_server: RawServer,
) -> None:
    rounds = Rounds(pause=0.6)
    dots = [chunk(delta("."))] * 100
    raw_server.behave = sends(BEGUN, *dots, chunk(b"data: [DONE]\n\n"), every=0.02)
    with client_of(raw_server, Timeouts()) as client:
        old = Heard(rounds.listener, client)
        while len(old.text) < 10:
            time.sleep(0.01)
        waits = []
        for _newcomer in range(4):
            began = time.monotonic()
            newcomer = Heard(rounds.listener, client)
            while not newcomer.events:
                time.sleep(0.002)
            waits.append(time.monotonic() - began)
        old.wait()
        spoken = rounds.count
    assert old.text == "Hi" + "." * 100
    assert sorted(waits)[2] < 0.3
    assert spoken < 40  # of some five hundred words


def test_one_that_floods_is_given_no_more_than_its_share_in_a_row(
    raw_server: RawServer, client: RivyaClient
) -> None:
    """Whoever reads it takes a bounded piece, and finds the rest the next time."""

    def flood(peer: socket.socket) -> None:
        peer.sendall(HEAD + chunk(delta("x" * 1_000)) * 2_000)
        raw_server.over.wait(10)

    raw_server.behave = flood
    with client.chat.stream({}, idempotency_key="k") as stream:
        assert stream.take_over()
        time.sleep(0.3)  # far more than a share is there
        shares = [sum(len(event.text) for event in stream.arrived()) for _turn in range(4)]
    assert all(0 < share < 150_000 for share in shares)


# --- TLS ------------------------------------------------------------------------------------------


class TlsServer(RawServer):
    """The same behind TLS, with a certificate of its own."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.certificate, key = make_certificate(folder)
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._tls.load_cert_chain(self.certificate, key)

    @property
    def base_url(self) -> str:
        return super().base_url.replace("http:", "https:").replace("127.0.0.1", "localhost")

    def _serve(self, peer: socket.socket) -> None:
        try:
            inside = self._tls.wrap_socket(peer, server_side=True)
        except OSError:
            return
        super()._serve(inside)


@pytest.fixture
def tls_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[TlsServer, RivyaClient]]:
    with TlsServer(tmp_path) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        with client_of(server) as client:
            yield server, client


def test_it_hears_what_comes_over_tls(
    tls_client: tuple[TlsServer, RivyaClient], listener: Listener
) -> None:
    server, client = tls_client
    long = [f"{number} " * 9_000 for number in range(12)]  # each more than a record holds
    records = [chunk(delta(word)) for word in WORDS]
    server.behave = sends(HEAD, *records, body_of(long), every=0.001)
    heard = Heard(listener, client).wait()
    assert heard.failure is None
    assert heard.text == "".join(WORDS + long)


def test_it_reads_every_record_that_came_while_it_rested(
    tls_client: tuple[TlsServer, RivyaClient],
) -> None:
    server, client = tls_client
    rounds = Rounds(pause=0.5)
    records = [chunk(delta(word)) for word in WORDS * 20]
    server.behave = sends(HEAD + chunk(delta("Hi ")), *records, chunk(b"data: [DONE]\n\n"))
    heard = Heard(rounds.listener, client).wait()
    assert heard.text == "Hi " + "".join(WORDS * 20)
    assert rounds.count < 12


def test_somebody_may_end_it_below_tls(
    tls_client: tuple[TlsServer, RivyaClient], listener: Listener
) -> None:
    server, client = tls_client

    def behave(peer: socket.socket) -> None:
        peer.sendall(BEGUN)
        server.over.wait(10)

    server.behave = behave
    heard = Heard(listener, client)
    while not heard.events:
        time.sleep(0.01)
    heard.stream.abort()
    assert isinstance(heard.wait().failure, errors.StreamInterrupted)
