"""What a server could say instead of an answer: each turn ends, with its words and its money."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from rivya_app.chat import jobs
from rivya_app.chat.models import Status, Turn
from rivya_app.rivya_api import RivyaClient
from rivya_app.workspaces.models import Membership
from tests.chat.books import assert_books_close, to_the_end
from tests.chat.talk import Talk
from tests.rivya_api.raw_server import RawServer
from tests.rivya_api.streams import HEAD, chunk, client_of, delta, sends

pytestmark = pytest.mark.django_db(transaction=True)

LAST = b"0\r\n\r\n"


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[RawServer]:
    """A server that answers questions byte by byte; sessions stay the stand-in's."""
    with RawServer() as server, client_of(server) as client:

        @contextmanager
        def client_for(_key: object) -> Iterator[RivyaClient]:
            yield client

        monkeypatch.setattr(jobs, "client_for", client_for)
        yield server


Asks = Callable[[bytes], Turn]


@pytest.fixture
def told(talk: Talk, researcher: Membership, upstream: RawServer) -> Asks:
    """What becomes of a question that is answered with these bytes."""

    def ask(answer: bytes) -> Turn:
        upstream.behave = sends(answer)
        return talk.answer(talk.begin(researcher))

    return ask


def done(**totals: Any) -> bytes:
    return f"event: done\ndata: {json.dumps(totals)}\n\n".encode()


def streamed(*events: bytes) -> bytes:
    return HEAD + b"".join(map(chunk, events)) + LAST


# --- Totals ---------------------------------------------------------------------------------------

COST = {"reserved": 3, "final": 2}
USAGE = {"input_tokens": 12, "output_tokens": 3}


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        (USAGE, (12, 3)),
        ({"input_tokens": 2**31, "output_tokens": 3}, (0, 3)),
        ({"input_tokens": 10**12, "output_tokens": 10**12}, (None, None)),
        ({"input_tokens": -1, "output_tokens": "many"}, (None, None)),
        ({"input_tokens": float("nan"), "output_tokens": float("inf")}, (None, None)),
    ],
    ids=str,
)
def test_it_settles_whatever_the_counts_of_tokens_are(
    talk: Talk, told: Asks, usage: Any, counted: tuple[int | None, int | None]
) -> None:
    turn = told(streamed(delta("Hello"), done(usage=usage, credits=COST)))
    assert (turn.status, turn.answer) == (Status.ANSWERED, "Hello")
    assert (turn.input_tokens, turn.output_tokens) == counted
    assert (turn.final_credits, turn.reserved_credits) == (2, 3)
    assert_books_close(talk, is_wallet_told=False)


@pytest.mark.parametrize(
    ("said", "final"),
    [
        ({"final": "2.50"}, Decimal("2.50")),
        ({"final": 0, "reserved": 0}, 0),
        ({"final": -2}, None),
        ({"final": float("nan")}, None),
        ({"final": 10**11}, None),
    ],
    ids=str,
)
def test_it_takes_no_odd_amount_for_what_it_cost(
    talk: Talk, told: Asks, said: Any, final: Decimal | None
) -> None:
    turn = told(streamed(delta("Hello"), done(usage=USAGE, credits=said)))
    assert (turn.status, turn.answer, turn.final_credits) == (Status.ANSWERED, "Hello", final)
    to_the_end(talk, turn)
    assert turn.is_cost_guessed == (final is None)  # no session tells of it, so the hold counts
    assert turn.final_credits == (turn.estimated_credits if final is None else final)
    assert_books_close(talk, is_wallet_told=False)


LONG = "s" * 500


@pytest.mark.parametrize("session_id", [LONG, "a\nb", {"id": LONG}], ids=repr)
@pytest.mark.parametrize("is_whole", [False, True], ids=["streamed", "whole"])
def test_it_keeps_an_answer_whose_session_has_no_name_to_keep(
    talk: Talk, told: Asks, session_id: Any, is_whole: bool
) -> None:
    totals = {"session_id": session_id, "message": {"id": LONG, "content": "Hello"}}
    totals |= {"id": LONG, "model": LONG, "usage": USAGE, "credits": COST}
    answer = streamed(delta("Hello"), done(**totals))
    if is_whole:
        head = HEAD.replace(b"text/event-stream", b"application/json")
        answer = head + chunk(json.dumps(totals).encode()) + LAST
    turn = told(answer)
    assert (turn.status, turn.answer, turn.final_credits) == (Status.ANSWERED, "Hello", 2)
    assert turn.conversation.session_id == ""
    assert_books_close(talk, is_wallet_told=False)


# --- Words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", ["Hello", "", 7], ids=repr)
def test_it_takes_back_no_word_that_was_shown(talk: Talk, told: Asks, whole: Any) -> None:
    """Whatever the end calls the whole answer."""
    message = {"id": "msg_1", "content": whole}
    turn = told(
        streamed(delta("Hello"), delta(" there"), done(message=message, usage=USAGE, credits=COST))
    )
    assert (turn.status, turn.answer) == (Status.ANSWERED, "Hello there")


def test_it_takes_the_rest_of_the_words_from_the_end(talk: Talk, told: Asks) -> None:
    message = {"id": "msg_1", "content": "Hello there"}
    turn = told(streamed(delta("Hello"), done(message=message, credits=COST)))
    assert (turn.status, turn.answer) == (Status.ANSWERED, "Hello there")


@pytest.mark.parametrize(
    ("events", "text"),
    [
        ([delta("Hi \ud83d"), delta("\ude00!")], "Hi 😀!"),
        ([delta("Hi \ud83d"), b": beat\n\n", delta("\ude00")], "Hi 😀"),
        ([delta("Hi \ud83d"), delta("x\ude00y")], "Hi xy"),
        ([delta("Hi \ud83d")], "Hi "),
    ],
    ids=["in two", "with a beat between", "torn", "cut off"],
)
def test_a_sign_that_comes_in_two_halves_is_one(
    talk: Talk, told: Asks, events: list[bytes], text: str
) -> None:
    """JavaScript cuts a text where it likes, in the middle of an emoji too."""
    turn = told(streamed(*events, done(credits=COST)))
    assert (turn.status, turn.answer) == (Status.ANSWERED, text)
