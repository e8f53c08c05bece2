"""The assistant: complete answers, streams that open, break and end, sessions [docs/api-chat]."""

import json
from collections.abc import Iterator

import httpx
import pytest

from rivya_app.rivya_api import RivyaClient, errors
from rivya_app.rivya_api.chat_stream import ChatStream
from rivya_app.rivya_api.sse import Delta, Done, Failed
from rivya_app.rivya_api.types import Completion, Usage
from tests.rivya_api.conftest import Stage, answer, refusal
from tests.rivya_api.test_sse import TOTALS

ASK = {"model": "gpt-5-2-chat", "message": "Hello?"}
STREAM = "text/event-stream; charset=utf-8"


class _Parts(httpx.SyncByteStream):
    """A body that comes in parts and may break off with an exception."""

    def __init__(self, *parts: bytes | Exception) -> None:
        self._parts = parts
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            if isinstance(part, Exception):
                raise part
            yield part

    def close(self) -> None:
        self.is_closed = True


def _streamed(*parts: bytes | Exception, kind: str = STREAM) -> httpx.Response:
    headers = {"Content-Type": kind, "X-Request-Id": "req_s"}
    return httpx.Response(200, stream=_Parts(*parts), headers=headers)


def _ask(rivya: RivyaClient) -> ChatStream:
    return rivya.chat.stream(ASK, idempotency_key="turn-1")


def test_it_reads_a_complete_answer(stage: Stage, rivya: RivyaClient) -> None:
    stage.says(TOTALS, x_request_id="req_c")
    completion = rivya.chat.complete(ASK, idempotency_key="turn-1")
    sent = stage.requests[0]
    assert sent.url.path == "/api/v1/chat/completions"
    assert sent.headers["Idempotency-Key"] == "turn-1"
    assert sent.extensions["timeout"]["read"] > 120
    assert json.loads(stage.bodies[0]) == ASK
    assert (completion.text, completion.message_id) == ("Hello there", "msg_1")
    assert completion.usage == Usage(12, 3, 15)
    assert (completion.session_id, completion.request_id) == ("session_1", "req_c")
    assert "Hello" not in repr(completion)


@pytest.mark.parametrize("message", [None, "text", {}, {"content": None}, {"content": [1]}])
def test_it_calls_an_answer_without_words_uncertain(
    stage: Stage, rivya: RivyaClient, message: object
) -> None:
    stage.says({**TOTALS, "message": message})
    with pytest.raises(errors.BadResponse) as caught:
        rivya.chat.complete(ASK, idempotency_key="k")
    assert caught.value.maybe_sent


def test_it_reads_an_answer_without_totals(stage: Stage, rivya: RivyaClient) -> None:
    stage.says({"message": {"content": "Hi"}})
    completion = rivya.chat.complete(ASK, idempotency_key="k")
    assert completion == Completion("", "", "", "", "Hi", None, None, None, None)
    assert not completion.has_totals


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("chat_model_not_supported", 400),
        ("chat_session_conflict", 409),
        ("chat_attachment_not_supported", 400),
        ("insufficient_credits", 402),
    ],
)
def test_it_refuses_before_the_stream_begins(
    stage: Stage, rivya: RivyaClient, code: str, status: int
) -> None:
    stage.answers(refusal(code, status))
    with pytest.raises(errors.BY_CODE[code]):
        _ask(rivya)
    assert len(stage.requests) == 1


def test_it_streams_an_answer(stage: Stage, rivya: RivyaClient) -> None:
    frames = b': hi\n\nevent: delta\ndata: {"delta": "\xe0\xa4\x9a'
    rest = b'\xe0\xa4\xbe"}\n\nevent: done\ndata: ' + json.dumps(TOTALS).encode() + b"\n\n"
    stage.answers(_streamed(frames[:-1], frames[-1:] + rest, b"event: delta\ndata: late\n\n"))
    with _ask(rivya) as stream:
        delta, done = stream
        assert stream.request_id == "req_s"
    assert isinstance(delta, Delta)
    assert delta.text == "चा"
    assert isinstance(done, Done)
    assert done.is_marked
    assert done.completion.text == "Hello there"
    sent = stage.requests[0]
    assert sent.url.path == "/api/v1/chat/completions/stream"
    assert sent.headers["Accept"] == "text/event-stream"
    assert sent.headers["Idempotency-Key"] == "turn-1"


def test_it_knows_the_session_before_the_end(stage: Stage, rivya: RivyaClient) -> None:
    first = b'data: {"type": "delta", "delta": "Hi", "session_id": "session_9"}\n\n'
    stage.answers(_streamed(first, httpx.ReadError("cut")))
    with _ask(rivya) as stream:
        events = iter(stream)
        assert next(events) == Delta("Hi")
        assert stream.session_id == "session_9"
        with pytest.raises(errors.StreamInterrupted) as caught:
            next(events)
        assert stream.text == "Hi"
    assert caught.value.maybe_sent
    assert caught.value.__context__ is None


def test_it_says_that_a_stream_ended_without_an_end(stage: Stage, rivya: RivyaClient) -> None:
    stage.answers(_streamed(b'data: {"delta": "Hi"}\n\ndata: {"delta": " cut'))
    with _ask(rivya) as stream:
        delta, done = stream
    assert delta == Delta("Hi")
    assert isinstance(done, Done)
    assert not done.is_marked
    assert (done.completion.text, done.completion.has_totals) == ("Hi", False)


@pytest.mark.parametrize("parts", [(), (b"",), (b": beat\n\n",), (httpx.ReadTimeout("x"),)])
def test_it_calls_a_stream_that_never_began_interrupted(
    stage: Stage, rivya: RivyaClient, parts: tuple[bytes | Exception, ...]
) -> None:
    stage.answers(_streamed(*parts))
    with _ask(rivya) as stream, pytest.raises(errors.StreamInterrupted):
        list(stream)


def test_it_passes_on_a_failure_inside_the_stream(stage: Stage, rivya: RivyaClient) -> None:
    frame = b'event: error\ndata: {"error": {"code": "insufficient_credits", "message": "Low"}}\n\n'
    stage.answers(_streamed(b'data: {"delta": "Hi"}\n\n' + frame))
    with _ask(rivya) as stream:
        _, failed = stream
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, errors.InsufficientCredits)


def test_it_reads_a_whole_answer_where_a_stream_was_asked(stage: Stage, rivya: RivyaClient) -> None:
    stage.says(TOTALS)
    with _ask(rivya) as stream:
        delta, done = stream
    assert delta == Delta("Hello there")
    assert isinstance(done, Done)
    assert done.completion.has_totals


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(200, html="<h1>hello</h1>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, content=b"{", headers={"Content-Type": "application/json"}),
    ],
    ids=["html", "list", "cut"],
)
def test_it_refuses_what_is_no_stream(
    stage: Stage, rivya: RivyaClient, response: httpx.Response
) -> None:
    stage.answers(response)
    with _ask(rivya) as stream, pytest.raises(errors.BadResponse) as caught:
        list(stream)
    assert caught.value.maybe_sent


def test_it_ends_a_stream_that_outgrows_its_bounds(stage: Stage, rivya: RivyaClient) -> None:
    frame = b'data: {"delta": "' + b"x" * 100_000 + b'"}\n\n'
    stage.answers(_streamed(*[frame] * 200))
    with _ask(rivya) as stream, pytest.raises(errors.StreamInterrupted, match="larger"):
        list(stream)
    stage.answers(_streamed(*[b"data: " + b"x" * 100_000] * 20))
    with _ask(rivya) as stream, pytest.raises(errors.BadResponse, match="larger"):
        list(stream)


def test_it_closes_the_connection_when_the_reader_stops(stage: Stage, rivya: RivyaClient) -> None:
    response = _streamed(b'data: {"delta": "Hi"}\n\n' * 5)
    stage.answers(response)
    with _ask(rivya) as stream:
        next(iter(stream))
    assert response.is_closed


def test_it_reads_sessions(stage: Stage, rivya: RivyaClient) -> None:
    message = {"id": "m", "role": "assistant", "content": "Hi", "usage": {"input_tokens": 1}}
    session = {"id": "s 1", "title": "Tea", "model": "m", "updated_at": "2026-05-11T00:00:00Z"}
    stage.answers(
        answer({"object": "list", "data": [session, {"session_id": "s2"}]}),
        answer({**session, "messages": [message, {**message, "credits": {"final": 2}}, "junk"]}),
    )
    assert [(s.id, s.messages) for s in rivya.chat.sessions.list()] == [("s 1", ()), ("s2", ())]
    one, two = rivya.chat.sessions.get("s 1").messages
    assert stage.requests[1].url.raw_path == b"/api/v1/chat/sessions/s%201"
    assert (one.text, one.usage, one.final_credits) == ("Hi", Usage(1, 0, 1), None)
    assert two.final_credits == 2
