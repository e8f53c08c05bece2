"""Real sockets that lie, drip, stall and cut: nothing holds the client longer than it was told."""

import socket
import time

import pytest

from rivya_app.rivya_api import RivyaClient, Timeouts, errors
from tests.rivya_api.conftest import KEY
from tests.rivya_api.raw_server import RawServer

SHORT = Timeouts(connect=1, read=0.4, total=0.8, stream_silence=0.4, stream_total=0.8)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
JOB = b'{"id":"task_1","status":"queued","model":"z","reserved_credits":1,"final_credits":0}'


def _client(server: RawServer, **options: object) -> RivyaClient:
    options = {"timeout": SHORT, "quick_retries": 0, **options}
    return RivyaClient(KEY, base_url=server.base_url, **options)


def _send(data: bytes, cut: bool = False):
    def behave(peer: socket.socket) -> None:
        peer.sendall(data)
        if cut:  # a reset instead of a goodbye
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    return behave


def _create(client: RivyaClient) -> None:
    with client:
        client.generations.create({"model": "z"}, idempotency_key="k")


def test_it_reads_an_honest_answer(raw_server: RawServer) -> None:
    raw_server.behave = _send(HEAD + b"Content-Length: %d\r\n\r\n" % len(JOB) + JOB)
    _create(_client(raw_server, timeout=Timeouts()))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 200",
        HEAD,
        HEAD + b"Content-Length: 500\r\n\r\n" + JOB[:30],
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{'id'\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"\x16\x03\x01 what is this",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 999999 Odd\r\n\r\n",
    ],
    ids=repr,
)
@pytest.mark.parametrize("cut", [False, True], ids=["closed", "reset"])
def test_it_calls_a_create_uncertain_when_the_answer_is_cut(
    raw_server: RawServer, data: bytes, cut: bool
) -> None:
    raw_server.behave = _send(data, cut)
    with pytest.raises(errors.TransportError) as caught:
        _create(_client(raw_server))
    assert caught.value.maybe_sent
    assert raw_server.request_count == 1


def test_it_asks_again_after_a_cut_read(raw_server: RawServer) -> None:
    raw_server.behave = _send(HEAD + b"Content-Length: 500\r\n\r\n" + JOB)
    waits: list[float] = []
    with (
        _client(raw_server, quick_retries=2, sleep=waits.append) as client,
        pytest.raises(errors.TransportError),
    ):
        client.generations.get("t")
    assert (raw_server.request_count, len(waits)) == (3, 2)


def test_it_says_that_nothing_was_sent_where_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = RivyaClient(KEY, base_url=f"http://127.0.0.1:{port}", quick_retries=0)
    with pytest.raises(errors.TransportError, match="refused") as caught:
        _create(client)
    assert not caught.value.maybe_sent


def _stall(server: RawServer):
    return lambda peer: server.over.wait(10)


def _drip_headers(server: RawServer):
    return lambda peer: server.drip(peer, b"HTTP/1.1 200 OK\r\nX: " + b"x" * 900, every=0.05)


def _drip_body(server: RawServer):
    def behave(peer: socket.socket) -> None:
        peer.sendall(HEAD + b"Content-Length: 900\r\n\r\n")
        server.drip(peer, b" " * 900, every=0.05)

    return behave


@pytest.mark.parametrize(
    ("trick", "least"), [(_stall, 0.3), (_drip_headers, 0.7), (_drip_body, 0.7)]
)
def test_it_ends_a_slow_answer_at_its_deadline(raw_server: RawServer, trick, least: float) -> None:
    """Left alone, each would end within a minute, and not by a time that ran out."""
    raw_server.behave = trick(raw_server)
    begun = time.monotonic()
    with pytest.raises(errors.TransportError) as caught:
        _create(_client(raw_server))
    assert time.monotonic() - begun > least
    assert caught.value.is_timeout
    assert caught.value.maybe_sent


@pytest.mark.parametrize("headers", [b"Content-Length: 10000000\r\n", b"Connection: close\r\n"])
def test_it_stops_reading_ten_megabytes_where_ten_kilobytes_are_expected(
    raw_server: RawServer, headers: bytes
) -> None:
    taken = []

    def behave(peer: socket.socket) -> None:
        peer.sendall(HEAD + headers + b"\r\n")
        for _ in range(160):
            peer.sendall(b" " * 62_500)
            taken.append(62_500)

    raw_server.behave = behave
    with pytest.raises(errors.BadResponse, match="larger") as caught:
        _create(_client(raw_server, timeout=Timeouts()))
    assert caught.value.maybe_sent
    assert sum(taken) < 9_000_000


def test_it_refuses_endless_headers(raw_server: RawServer) -> None:
    def behave(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\n")
        while not raw_server.over.is_set():
            peer.sendall(b"X-Filler: " + b"x" * 1000 + b"\r\n")

    raw_server.behave = behave
    with pytest.raises(errors.TransportError):
        _create(_client(raw_server, timeout=Timeouts()))


STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
FRAME = b'data: {"delta": "Hi"}\n\n'


def test_it_keeps_the_text_of_a_stream_that_falls_silent(raw_server: RawServer) -> None:
    def behave(peer: socket.socket) -> None:
        peer.sendall(STREAM + FRAME)
        raw_server.over.wait(10)

    raw_server.behave = behave
    with (
        _client(raw_server, timeout=Timeouts(stream_silence=1)) as client,
        client.chat.stream({}, idempotency_key="k") as stream,
        pytest.raises(errors.StreamInterrupted) as caught,
    ):
        list(stream)
    assert (stream.text, caught.value.is_timeout) == ("Hi", True)


def test_it_ends_a_stream_of_heartbeats_at_its_deadline(raw_server: RawServer) -> None:
    def behave(peer: socket.socket) -> None:
        peer.sendall(STREAM)
        while not raw_server.over.wait(0.05):
            peer.sendall(b": beat\n\n")

    raw_server.behave = behave
    with (
        _client(raw_server) as client,
        client.chat.stream({}, idempotency_key="k") as stream,
        pytest.raises(errors.StreamInterrupted) as caught,
    ):
        list(stream)
    assert caught.value.is_timeout


def test_it_waits_through_heartbeats_for_the_words(raw_server: RawServer) -> None:
    def behave(peer: socket.socket) -> None:
        peer.sendall(STREAM)
        for _ in range(30):  # longer in all than the silence allowed, never silent that long
            raw_server.over.wait(0.1)
            peer.sendall(b": beat\n\n")
        peer.sendall(FRAME + b"data: [DONE]\n\n")

    raw_server.behave = behave
    waits = Timeouts(stream_silence=2, stream_total=60)
    with (
        _client(raw_server, timeout=waits) as client,
        client.chat.stream({}, idempotency_key="k") as stream,
    ):
        assert len(list(stream)) == 2
