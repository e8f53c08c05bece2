"""Streams that one thread hears together, over real sockets: the same words as iterating them."""

import json
import os
import select
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from rivya_app.rivya_api import RivyaClient, chat_stream, errors
from rivya_app.rivya_api.listening import Listener
from rivya_app.rivya_api.sse import ChatEvent, Done
from tests.rivya_api.raw_server import RawServer
from tests.rivya_api.streams import (
    BEGUN,
    HEAD,
    WORDS,
    Heard,
    Rounds,
    begins_and_is_silent,
    body_of,
    chunk,
    client_of,
    delta,
    sends,
)
from tests.waiting import wait_for


@pytest.fixture
def listener() -> Listener:
    return Rounds().listener


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
    """Together: none goes on before all of them have heard their first word."""
    first, *others = map(chunk, [*map(delta, WORDS), b"data: [DONE]\n\n"])
    all_heard_one = threading.Event()

    def behave(peer: socket.socket) -> None:
        peer.sendall(HEAD + first)
        all_heard_one.wait(60)
        sends(*others, b"0\r\n\r\n")(peer)

    raw_server.behave = behave
    with client_of(raw_server) as client:
        all_heard = [Heard(listener, client) for _stream in range(40)]
        wait_for(lambda: all(heard.events for heard in all_heard), what="a first word each")
        all_heard_one.set()
        for heard in all_heard:
            heard.wait()
    assert {heard.text for heard in all_heard} == {"".join(WORDS)}
    assert {name for heard in all_heard for name in heard.threads} == {"rivya-listener"}


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
    raw_server: RawServer, listener: Listener
) -> None:
    begins_and_is_silent(raw_server)
    began = time.monotonic()
    with client_of(raw_server, stream_silence=1) as client:
        heard = Heard(listener, client).wait()
    assert isinstance(heard.failure, errors.StreamInterrupted)
    assert (heard.failure.is_timeout, heard.text) == (True, "Hi")
    assert time.monotonic() - began > 0.9


def test_it_ends_a_stream_that_only_drips_at_its_deadline(
    raw_server: RawServer, listener: Listener
) -> None:
    def behave(peer: socket.socket) -> None:
        peer.sendall(HEAD)
        while not raw_server.over.wait(0.05):
            peer.sendall(chunk(b": beat\n\n"))

    raw_server.behave = behave
    began = time.monotonic()
    with client_of(raw_server, stream_total=3) as client:
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


def test_a_fault_of_the_listener_itself_ends_what_it_hears_and_not_the_listener(
    raw_server: RawServer, client: RivyaClient
) -> None:
    faults = [LookupError("ours")]

    def after_round() -> None:
        if faults:
            raise faults.pop()

    listener = Listener(pause=lambda _open: 0.0, after_round=after_round)
    begins_and_is_silent(raw_server)
    assert isinstance(Heard(listener, client).wait().failure, LookupError)
    raw_server.behave = sends(WHOLE)
    assert Heard(listener, client).wait().text == "".join(WORDS)


@pytest.mark.parametrize("what", ["pipe", "start"])
def test_a_listener_that_could_not_begin_begins_with_the_next_stream(
    raw_server: RawServer,
    client: RivyaClient,
    listener: Listener,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    """Without files or threads to spare; else every stream would wait for ever for nobody."""

    def fail(*_given: object) -> None:
        raise OSError("too many")

    raw_server.behave = sends(WHOLE)
    stream = client.chat.stream({}, idempotency_key="k")
    with stream, monkeypatch.context() as poor:
        poor.setattr(*((os, "pipe") if what == "pipe" else (threading.Thread, "start")), fail)
        with pytest.raises(OSError, match="too many"):
            listener.listen(stream, lambda _event: None)
    assert Heard(listener, client).wait().text == "".join(WORDS)


def test_somebody_may_end_it_from_another_thread(
    raw_server: RawServer, client: RivyaClient, listener: Listener
) -> None:
    begins_and_is_silent(raw_server)
    heard = Heard(listener, client)
    wait_for(lambda: heard.events, what="the first word")
    heard.stream.abort()
    assert isinstance(heard.wait().failure, errors.StreamInterrupted)  # by nothing else so soon


# --- Its pace -------------------------------------------------------------------------------------


def test_words_gather_while_it_rests(raw_server: RawServer, client: RivyaClient) -> None:
    rounds = Rounds(pause=0.6)
    dots = [chunk(delta("."))] * 100
    raw_server.behave = sends(BEGUN, *dots, chunk(b"data: [DONE]\n\n"), every=0.02)
    began = time.monotonic()
    heard = Heard(rounds.listener, client).wait()
    assert heard.text == "Hi" + "." * 100
    assert rounds.count <= (time.monotonic() - began) / 0.6 + 3  # of a hundred words


def test_a_first_word_does_not_wait_while_it_rests(
    raw_server: RawServer, client: RivyaClient
) -> None:
    begins_and_is_silent(raw_server)
    rounds = Rounds(pause=30)  # far longer than a first word takes
    first = Heard(rounds.listener, client)
    wait_for(lambda: first.events, what="the first word of all")
    newcomers = [Heard(rounds.listener, client) for _newcomer in range(4)]
    wait_for(lambda: all(each.events for each in newcomers), 20, "their first words")
    rounds.pause = 0


def test_one_that_floods_is_given_no_more_than_its_share_in_a_row(
    raw_server: RawServer, client: RivyaClient
) -> None:
    """Whoever reads it takes a bounded piece, and finds the rest the next time."""

    def flood(peer: socket.socket) -> None:
        peer.sendall(HEAD + chunk(delta("x" * 1_000)) * 2_000)
        raw_server.over.wait(10)

    raw_server.behave = flood
    shares: list[int] = []
    with client.chat.stream({}, idempotency_key="k") as stream:
        assert stream.take_over()
        while sum(shares) < 1_000_000:
            assert select.select([stream], [], [], 20)[0]
            shares.append(sum(len(event.text) for event in stream.arrived()))
    assert max(shares) < 150_000
