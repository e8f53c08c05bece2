"""The event-stream rules (WHATWG HTML, server-sent events), and every dialect of a chat stream."""

import itertools
import json
from collections.abc import Sequence
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rivya_app.rivya_api import errors
from rivya_app.rivya_api.sse import (
    ChatEvent,
    ChatReader,
    Delta,
    Done,
    EventStream,
    Failed,
    ServerEvent,
)

LINE_ENDS = ("\n", "\r", "\r\n")
FIELDS = ("data", "event", "id", "retry", "", "unknown", "da\u0924ta")
VALUES = st.text(
    st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), max_size=12
) | st.sampled_from(
    ["", " ", "\u091a\u093e\u092f ☕ 🫖", "x\0y", "\ufeff", ":", "[DONE]", "\u2028"]
)


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    lines = []
    for _ in range(draw(st.integers(0, 20))):
        name, value = draw(st.sampled_from(FIELDS)), draw(VALUES)
        separator = draw(st.sampled_from([":", ": ", ":  ", ""]))
        lines.append(draw(st.sampled_from([f"{name}{separator}{value}", ""])))
    body = "".join(line + draw(st.sampled_from(LINE_ENDS)) for line in lines)
    return (draw(st.sampled_from(["", "\ufeff"])) + body).encode()


def _by_the_book(stream: bytes) -> list[ServerEvent]:
    """Read a whole stream at once, as plainly as the rules can be written."""
    text = stream.decode().removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    events, data, name, last_id = [], [], "", ""
    for line in text.split("\n")[:-1]:
        if line == "":
            if data:
                events.append(ServerEvent(name or "message", "\n".join(data), last_id))
            data, name = [], ""
            continue
        key, _, value = line.partition(":")
        value = value[1:] if value[:1] == " " else value
        if key == "data":
            data.append(value)
        elif key == "event":
            name = value
        elif key == "id" and "\0" not in value:
            last_id = value
    return events


def _fed(chunks: Sequence[bytes]) -> list[ServerEvent]:
    parser = EventStream()
    return [event for chunk in chunks for event in parser.feed(chunk)]


def _cut(stream: bytes, cuts: Sequence[int]) -> list[bytes]:
    places = sorted({min(cut, len(stream)) for cut in cuts} | {0, len(stream)})
    return [stream[start:end] for start, end in itertools.pairwise(places)]


@given(streams(), st.lists(st.integers(0, 400), max_size=30))
def test_it_reads_the_same_events_however_the_bytes_are_cut(stream: bytes, cuts: list[int]) -> None:
    expected = _by_the_book(stream)
    assert _fed([stream]) == expected
    assert _fed(_cut(stream, cuts)) == expected
    assert _fed([bytes([byte]) for byte in stream]) == expected


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_it_survives_any_bytes(chunks: list[bytes]) -> None:
    assert _fed(chunks) == _fed([b"".join(chunks)])


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        ("data: a\n\n", [("message", "a", "")]),
        ("data: a\ndata:b\ndata\n\n", [("message", "a\nb\n", "")]),
        (": heartbeat\n\n:\n\ndata: a\n\n", [("message", "a", "")]),
        ("event: x\n\ndata: a\n\n", [("message", "a", "")]),
        ("event: x\ndata: a\n\n", [("x", "a", "")]),
        ("id: 7\ndata: a\n\ndata: b\n\n", [("message", "a", "7"), ("message", "b", "7")]),
        ("id: 7\ndata: a\n\nid\ndata: b\n\n", [("message", "a", "7"), ("message", "b", "")]),
        ("retry: 100\ndata: a\n\n", [("message", "a", "")]),
        ("data: a", []),
        ("data: a\n", []),
        ("data:  two\n\n", [("message", " two", "")]),
        ("\ufeffdata: a\n\n", [("message", "a", "")]),
    ],
    ids=repr,
)
def test_it_follows_the_event_stream_rules(stream: str, events: list[tuple[str, str, str]]) -> None:
    assert [(e.event, e.data, e.id) for e in _fed([stream.encode()])] == events


@pytest.mark.parametrize("endless", [b"x" * 1000, b"data: x\n" * 200, b"data\n" * 200])
def test_it_refuses_an_endless_event(endless: bytes) -> None:
    parser = EventStream(max_event=10_000)
    with pytest.raises(errors.BadResponse, match="larger than"):
        list(map(parser.feed, itertools.repeat(endless, 100)))


def test_its_work_does_not_grow_with_what_it_has_read_of_an_event() -> None:
    """Every piece would count all lines before it: hours, for as many as fit into an event."""
    parser = EventStream()
    began = process_time()
    for _line in range(150_000):
        assert parser.feed(b"data: x\n") == []
    assert process_time() - began < 15


def test_it_reads_any_number_of_bounded_events() -> None:
    parser = EventStream(max_event=100)
    events = [event for _ in range(1000) for event in parser.feed(b"data: 0123456789\n\n: beat\n")]
    assert len(events) == 1000


TOTALS = {
    "id": "chatcmpl_1",
    "object": "chat.completion",
    "session_id": "session_1",
    "model": "gpt-5-2-chat",
    "created_at": "2026-05-11T00:00:00.000Z",
    "message": {"id": "msg_1", "role": "assistant", "content": "Hello there"},
    "usage": {"input_tokens": 12, "output_tokens": 3, "total_tokens": 15},
    "credits": {"reserved": 3, "final": 2},
}
BARE = {key: value for key, value in TOTALS.items() if key not in ("object", "message")}


def _chunk(text: str | None, **more: object) -> dict[str, object]:
    delta = {"content": text} if text is not None else {}
    return {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta}], **more}


def _named(first: str, second: str, end: str) -> list[tuple[str, object]]:
    return [(first, {"delta": "Hello"}), (second, {"text": " there"}), (end, TOTALS)]


DIALECTS: dict[str, list[tuple[str, object]]] = {
    "named": _named("delta", "delta", "done"),
    "named message.*": _named("message.delta", "message.delta", "message.completed"),
    "named completion": _named("chat.completion.delta", "chat.completion.delta", "completed"),
    "named, bare text": [("delta", "Hello"), ("delta", "\x00 there"), ("done", TOTALS)],
    "named, nested": [
        ("delta", {"delta": {"content": "Hello"}}),
        ("delta", {"content": {"text": " there"}}),
        ("done", {"completion": TOTALS}),
    ],
    "typed": [
        ("", {"type": "delta", "delta": "Hello", "session_id": "session_1"}),
        ("", {"type": "message.delta", "content": " there"}),
        ("", {"type": "done", "response": TOTALS}),
    ],
    "typed, bare totals": [
        ("", {"type": "delta", "delta": "Hello"}),
        ("", {"type": "delta", "delta": " there"}),
        ("", {"type": "completed", **BARE, "message": {"id": "msg_1"}}),
    ],
    "chunks": [
        ("", _chunk("Hello", session_id="session_1", id="chatcmpl_1", model="gpt-5-2-chat")),
        ("", _chunk(" there")),
        ("", _chunk(None)),
        ("", {**_chunk(None), "choices": [], **BARE, "message": {"content": "Hel"}}),
        ("", "[DONE]"),
    ],
    "shapeless": [
        ("", {"delta": "Hello", "session": {"id": "session_1"}}),
        ("", {"content": " there"}),
        ("", {"usage": TOTALS["usage"], "credits": TOTALS["credits"], "model": "gpt-5-2-chat"}),
        ("", {"id": "chatcmpl_1", "sessionId": "session_1"}),
        ("", "[DONE]"),
    ],
    "whole answer at the end": [("delta", {"text": "Hello there"}), ("", TOTALS)],
}


def _read(events: Sequence[tuple[str, object]]) -> tuple[list[ChatEvent], ChatReader]:
    reader = ChatReader("req_1")
    found: list[ChatEvent] = []
    for name, data in events:
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        event = ServerEvent(name or "message", text.replace("\x00", ""))
        found += [] if reader.is_over else reader.read(event)
    return found, reader


@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_understands_every_dialect(dialect: str) -> None:
    events, reader = _read(DIALECTS[dialect])
    *deltas, done = events
    assert all(isinstance(delta, Delta) for delta in deltas)
    assert isinstance(done, Done)
    assert done.is_marked
    completion = done.completion
    assert reader.text == completion.text == "Hello there"
    assert (completion.id, completion.session_id) == ("chatcmpl_1", "session_1")
    assert (completion.model, completion.request_id) == ("gpt-5-2-chat", "req_1")
    assert completion.usage is not None
    assert completion.usage.total_tokens == 15
    assert completion.has_totals
    assert (completion.reserved_credits, completion.final_credits) == (3, 2)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("error", {"error": {"code": "rate_limited", "message": "Wait.", "requestId": "req_2"}}),
        ("error", {"code": "rate_limited", "message": "Wait.", "request_id": "req_2"}),
        ("", {"type": "error", "error": {"code": "rate_limited", "message": "Wait."}}),
        ("", {"error": {"code": "rate_limited", "message": "Wait."}}),
    ],
)
def test_it_understands_a_failure_inside_the_stream(name: str, data: object) -> None:
    (failed,), reader = _read([(name, data)])
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, errors.RateLimited)
    assert (failed.error.message, reader.is_over) == ("Wait.", True)
    assert failed.error.request_id in ("req_1", "req_2")
    assert failed.error.maybe_sent


@pytest.mark.parametrize("data", ["it broke", {"error": "it broke"}, {"message": "it broke"}])
def test_it_understands_a_failure_in_plain_words(data: object) -> None:
    (failed,), _ = _read([("error", data)])
    assert isinstance(failed, Failed)
    assert (failed.error.code, failed.error.message) == ("", "it broke")


@pytest.mark.parametrize(
    "data",
    ["", "ping", "7", "null", "[]", "[1]", "{", {}, {"type": "new"}, {"type": "new", "text": "x"}],
)
def test_it_passes_over_what_it_does_not_know(data: object) -> None:
    assert _read([("", data), ("ping", {"text": "x"}), ("delta", {"delta": None})])[0] == []


def test_it_gives_totals_only_where_they_came() -> None:
    (_, done), _ = _read([("delta", {"delta": "Hi"}), ("", "[DONE]")])
    assert isinstance(done, Done)
    assert done.completion.text == "Hi"
    assert not done.completion.has_totals
    assert done.completion.usage is None


def test_it_survives_totals_of_wrong_types() -> None:
    junk = {"usage": [1], "credits": "x", "message": 5, "session_id": {"a": 1}, "model": 7}
    (done,), reader = _read([("done", junk)])
    assert isinstance(done, Done)
    assert (done.completion.text, done.completion.session_id, reader.session_id) == ("", "", "")


KEYS = (
    *("type", "delta", "content", "text", "choices", "error", "message", "data", "usage"),
    *("credits", "session", "session_id", "id", "object", "completion"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(st.lists(st.tuples(st.sampled_from(["", "delta", "done", "error", "x"]), JSON), max_size=6))
def test_it_survives_any_payload(events: list[tuple[str, object]]) -> None:
    found, reader = _read([(name, json.dumps(data)) for name, data in events])
    assert "".join(event.text for event in found if isinstance(event, Delta)) == reader.text
    assert sum(isinstance(event, Done | Failed) for event in found) == reader.is_over
