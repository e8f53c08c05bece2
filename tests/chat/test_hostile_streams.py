"""Streams that no honest server sends: heard as far as they make sense, and asked for once."""

import gzip
import json

import pytest

from rivya_app.chat.models import Status
from rivya_app.rivya_api import chat_stream
from tests.chat.books import assert_books_close, to_the_end
from tests.chat.talk import Talk
from tests.chat.test_hostile_answers import (  # noqa: F401  fixtures
    COST,
    LAST,
    Asks,
    done,
    streamed,
    told,
    upstream,
)
from tests.rivya_api.raw_server import RawServer
from tests.rivya_api.streams import HEAD, chunk, delta

pytestmark = pytest.mark.django_db(transaction=True)

A, I = Status.ANSWERED, Status.INTERRUPTED  # noqa: E741
HELLO = delta("Hello")
END = done(credits=COST)
GZIP = HEAD.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
SESSION = b'event: session\ndata: {"session_id": "session_9"}\n\n'
REFUSAL = b'{"error": {"code": "rate_limited", "message": "Later."}}'


def head(status: str, *fields: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *fields, "Content-Length: 0", "", ""]).encode()


CASES = {
    "nothing": (b"", I, ""),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", I, ""),
    "a way elsewhere": (head("302 Found", "Location: http://127.0.0.1:1/"), I, ""),
    "the same elsewhere": (head("307 Temporary Redirect", "Location: /other"), I, ""),
    "another protocol": (head("101 Switching Protocols", "Upgrade: websocket"), I, ""),
    "early answers": (b"HTTP/1.1 103 Early Hints\r\n\r\n" * 50 + streamed(HELLO, END), A, "Hello"),
    "a refusal called a success": (
        HEAD.replace(b"text/event-stream", b"application/json") + chunk(REFUSAL) + LAST,
        I,
        "",
    ),
    "compressed": (GZIP + chunk(gzip.compress(HELLO + END)) + LAST, I, ""),
    "no letters": (streamed(HELLO.replace(b"Hello", b"He\xff\xc3"), END), A, "He\ufffd\ufffd"),
    "a chunk without end": (HEAD + b"fffffffffffffff0\r\n" + HELLO, I, "Hello"),
    "a chunk of no size": (HEAD + chunk(HELLO) + b"\r\n" + chunk(END), I, "Hello"),
    "a line without end": (streamed(HELLO, b"data: " + b"x" * 1_100_000, END), I, "Hello"),
    "an event without end": (streamed(HELLO, b"data\n" * 1_100_000, END), I, "Hello"),
    "a field without end": (streamed(HELLO, b"x" * 1_100_000, END), I, "Hello"),
    "events of no kind": (
        streamed(b"event: x\ndata: {}\n\n", HELLO, b"event: ping\ndata: [[1]]\n\n", END),
        A,
        "Hello",
    ),
    "a session behind the words": (streamed(HELLO, SESSION, END), A, "Hello"),
    "words behind the end": (streamed(HELLO, END, delta(" there"), END), A, "Hello"),
    "two ends": (streamed(HELLO, END, done(credits={"final": 9, "reserved": 9})), A, "Hello"),
    "an end and a failure": (streamed(HELLO, END, b"event: error\ndata: {}\n\n"), A, "Hello"),
    "depth without end": (
        streamed(HELLO, b"event: x\ndata: " + b"[" * 200_000 + b"\n\n", END),
        A,
        "Hello",
    ),
    "a number without end": (
        streamed(HELLO, b"event: x\ndata: " + b"9" * 200_000 + b"\n\n", END),
        A,
        "Hello",
    ),
}


@pytest.mark.parametrize(("answer", "status", "text"), CASES.values(), ids=CASES)
def test_it_ends_once_whatever_is_sent(
    talk: Talk,
    told: Asks,  # noqa: F811
    upstream: RawServer,  # noqa: F811
    answer: bytes,
    status: Status,
    text: str,
) -> None:
    turn = told(answer)
    assert (turn.status, turn.answer) == (status, text)
    assert turn.is_settled == (status == A)
    to_the_end(talk, turn)
    assert (turn.status, turn.answer) == (status, text)
    assert turn.final_credits == (2 if status == A else turn.estimated_credits if text else 0)
    assert upstream.request_count == 1
    assert_books_close(talk, is_wallet_told=False)


def test_it_has_enough_of_an_answer_without_end(
    talk: Talk,
    told: Asks,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chat_stream, "MAX_STREAM", 200_000)
    turn = told(streamed(*[delta("x" * 1000)] * 400, END))
    assert turn.status == I
    assert 0 < len(turn.answer) <= 200_000
    assert set(turn.answer) == {"x"}
    to_the_end(talk, turn)
    assert_books_close(talk, is_wallet_told=False)


def test_it_is_told_the_session_wherever_it_stands(talk: Talk, told: Asks) -> None:  # noqa: F811
    nested = json.dumps({"session": {"id": "session_9"}}).encode()
    turn = told(streamed(HELLO, b"event: begun\ndata: " + nested + b"\n\n", END))
    turn.conversation.refresh_from_db()
    assert turn.conversation.session_id == "session_9"
