"""Chat: completions, sessions, tokens, credits, attachments, and streams in every dialect."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.simulator.conftest import Api, code_of, until
from tests.simulator.test_files import picture, upload
from tests.simulator_process import Simulator

MODEL = "gpt-5-2-chat"
CUTS = (httpx.RemoteProtocolError, httpx.ReadError)
DIALECTS = ["named", "chat", "typed", "openai"]


def body(message: str = "How shall I show a mug?", **fields: Any) -> dict[str, Any]:
    return {"model": MODEL, "message": message, **fields}


def ask(api: Api, message: str = "How shall I show a mug?", **fields: Any) -> httpx.Response:
    return api.http.post("/chat/completions", json=body(message, **fields))


def stream(api: Api, message: str = "How shall I show a mug?", key: str = "", **f: Any) -> str:
    headers = {"idempotency-key": key} if key else {}
    full = body(message, **f)
    with api.http.stream("POST", "/chat/completions/stream", json=full, headers=headers) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        return b"".join(answer.iter_raw()).decode()


def events(text: str) -> Iterator[tuple[str, Any]]:
    """Name and data of each event; data stays text where it is no JSON."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    for block in plain.split("\n\n"):
        fields = dict(
            line.split(": ", 1) for line in block.split("\n") if line[:1] not in ("", ":")
        )
        if "data" in fields:
            data = fields["data"]
            yield fields.get("event", ""), json.loads(data) if data[:1] == "{" else data


def text_of(dialect: str, name: str, data: Any) -> str:
    if dialect == "openai":
        return data["choices"][0]["delta"].get("content", "") if isinstance(data, dict) else ""
    kind = data.get("type", name)
    if "delta" not in kind:
        return ""
    return str(data.get("delta") or data.get("content") or data.get("text"))


def test_it_answers_with_the_documented_object(api: Api) -> None:
    answer = ask(api)
    completion = answer.json()
    fields = ["id", "session_id", "model", "object", "created_at", "message", "usage", "credits"]
    assert answer.status_code == 200
    assert sorted(completion) == sorted(fields)
    assert completion["object"] == "chat.completion"
    assert completion["message"]["role"] == "assistant"
    usage = completion["usage"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    assert completion["credits"]["final"] <= completion["credits"]["reserved"] == 3
    assert api.credits() == 1000 - completion["credits"]["final"]


def test_it_answers_in_the_language_of_the_question(api: Api) -> None:
    assert "है" in ask(api, "मग कैसे दिखाऊँ?").json()["message"]["content"]


def test_it_continues_a_session_and_counts_its_history(api: Api) -> None:
    first = ask(api).json()
    second = ask(api, "And in Hindi?", session_id=first["session_id"]).json()
    assert second["session_id"] == first["session_id"]
    assert second["usage"]["input_tokens"] > first["usage"]["input_tokens"]
    session = api.http.get(f"/chat/sessions/{first['session_id']}").json()
    roles = [message["role"] for message in session["messages"]]
    assert roles == ["user", "assistant"] * 2
    assert session["messages"][3]["credits"] == second["credits"]
    assert "messages" not in api.http.get("/chat/sessions").json()["data"][0]


@pytest.mark.parametrize("case", ["unknown", "other model", "other account"])
def test_it_refuses_a_session_of_others(rivya: Simulator, case: str) -> None:
    mine, other = Api(rivya, rivya.new_key("a")), Api(rivya, rivya.new_key("b", account="other"))
    session = ask(mine).json()["session_id"]
    who, fields = {
        "unknown": (mine, {"session_id": "chat_nobody"}),
        "other model": (mine, {"session_id": session, "model": "gpt-5-codex-chat"}),
        "other account": (other, {"session_id": session}),
    }[case]
    answer = ask(who, **fields)
    assert (answer.status_code, code_of(answer)) == (409, "chat_session_conflict")
    assert other.http.get(f"/chat/sessions/{session}").status_code == 404


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"model": "z-image"}, "chat_model_not_supported"),
        ({"model": "nobody"}, "chat_model_not_supported"),
        ({"message": ""}, "validation_failed"),
        ({"message": "x" * 20001}, "validation_failed"),
        ({"messages": []}, "validation_failed"),
        ({"stream": True}, "validation_failed"),
        ({"reasoning_effort": "much"}, "validation_failed"),
        ({"model": "gpt-5-codex-chat", "enable_web_search": True}, "validation_failed"),
        ({"enable_web_search": "true"}, "validation_failed"),
        ({"attachments": [{"url": "https://example.com/a.png"}]}, "chat_attachment_not_supported"),
        ({"attachments": [{"file_id": "file_nobody"}]}, "chat_attachment_not_supported"),
    ],
)
def test_it_refuses(api: Api, fields: dict[str, Any], code: str) -> None:
    for path in ("/chat/completions", "/chat/completions/stream"):
        answer = api.http.post(path, json=body() | fields)
        assert (answer.status_code, code_of(answer)) == (400, code)
    assert api.credits() == 1000


def test_it_looks_at_attached_pictures(api: Api) -> None:
    file = {"file_id": upload(api, picture()).json()["id"]}
    with_picture, without = ask(api, attachments=[file]).json(), ask(api).json()
    more = with_picture["usage"]["input_tokens"] - without["usage"]["input_tokens"]
    assert more >= 258
    too_many = ask(api, attachments=[file] * 6)
    assert code_of(too_many) == "chat_attachment_not_supported"
    blind = ask(api, attachments=[file], model="claude-sonnet-4-6-chat")
    assert code_of(blind) == "chat_attachment_not_supported"


def test_it_thinks_longer_for_more_tokens(api: Api) -> None:
    low = ask(api, reasoning_effort="low").json()["usage"]["output_tokens"]
    assert ask(api, reasoning_effort="xhigh").json()["usage"]["output_tokens"] > low


def test_it_refuses_a_turn_nobody_can_pay(api: Api) -> None:
    api.stand_in.set_credits(2)
    assert code_of(ask(api)) == "insufficient_credits"
    assert api.http.get("/chat/sessions").json()["data"] == []


def test_it_settles_to_the_hundredth_when_told(api: Api) -> None:
    api.stand_in.set(fractional_credits=True)
    completion = ask(api).json()
    assert 0 < completion["credits"]["final"] < 1
    assert api.credits() == pytest.approx(1000 - completion["credits"]["final"])


def test_it_replays_a_turn(api: Api) -> None:
    headers = {"idempotency-key": "turn-1"}
    first = api.http.post("/chat/completions", json=body(), headers=headers).json()
    again = api.http.post("/chat/completions", json=body(), headers=headers).json()
    assert again == first
    assert api.credits() == 1000 - first["credits"]["final"]


@pytest.mark.parametrize("ending", ["lf", "crlf", "cr"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_it_streams_in_every_dialect(api: Api, dialect: str, ending: str) -> None:
    api.stand_in.set(sse_dialect=dialect, sse_line_ending=ending)
    told = list(events(stream(api, "मग और कप", key="k")))
    text = "".join(text_of(dialect, *event) for event in told)
    session_id = next(data["session_id"] for _, data in told if "session_id" in data)
    session = api.http.get(f"/chat/sessions/{session_id}").json()
    assert session["messages"][-1]["content"] == text
    last = told[-2][1] if dialect == "openai" else told[-1][1]
    assert last["credits"] == session["messages"][-1]["credits"]
    assert (told[-1][1] == "[DONE]") == (dialect == "openai")
    assert api.credits() == 1000 - last["credits"]["final"]
    assert list(events(stream(api, "मग और कप", key="k"))) == told
    assert api.credits() == 1000 - last["credits"]["final"]


def test_it_streams_piece_by_piece(api: Api) -> None:
    with api.http.stream("POST", "/chat/completions/stream", json=body()) as answer:
        assert len(list(answer.iter_raw())) > 5


def test_it_breaks_off_a_stream_and_settles_it(api: Api) -> None:
    with pytest.raises(CUTS):
        stream(api, "[[sse_break:3]] hello")
    (session,) = api.http.get("/chat/sessions").json()["data"]
    messages = api.http.get(f"/chat/sessions/{session['id']}").json()["messages"]
    assert api.credits() == 1000 - messages[-1]["credits"]["final"]


def test_it_gives_a_broken_turn_back_when_told(api: Api) -> None:
    api.stand_in.set(stream_disconnect="release")
    with pytest.raises(CUTS):
        stream(api, "[[sse_break]] hello")
    assert until(api.credits, lambda left: left == 1000)


def test_it_ends_without_totals(api: Api) -> None:
    told = list(events(stream(api, "[[sse_no_totals]] hello")))
    assert told[-1][0] == "delta"
    assert until(api.credits, lambda left: left < 1000)


def test_it_tells_an_error_within_the_stream(api: Api) -> None:
    told = list(events(stream(api, "[[sse_error:rate_limited]] hello")))
    assert told[-1][0] == "error"
    assert told[-1][1]["error"]["code"] == "rate_limited"
    assert api.credits() == 1000


def test_it_stalls_with_heartbeats(api: Api) -> None:
    api.stand_in.set(sse_heartbeat_seconds=5)
    text = stream(api, "[[sse_stall:0.5]] hello")
    assert text.count(": still here") >= 3
    assert list(events(text))[-1][0] == "done"


def test_it_tears_a_stream_anywhere(api: Api) -> None:
    with api.http.stream(
        "POST", "/chat/completions/stream", json=body("[[sse_torn]] मग")
    ) as answer:
        pieces = list(answer.iter_raw())
    assert list(events(b"".join(pieces).decode()))[-1][0] == "done"
    assert len(pieces) > 50


def test_it_finishes_a_turn_whose_reader_left(api: Api) -> None:
    with api.http.stream(
        "POST", "/chat/completions/stream", json=body("[[sse_slow:0.2]] hello")
    ) as answer:
        next(answer.iter_raw())
    assert until(lambda: api.stand_in.wallet()["reserved"], lambda held: held == 0) == 0
    (session,) = api.http.get("/chat/sessions").json()["data"]
    assert session["message_count"] == 2


def test_it_answers_one_message_of_a_session_at_a_time(api: Api) -> None:
    session = ask(api).json()["session_id"]
    slow = "[[sse_slow:0.05]] hello"
    thread = threading.Thread(target=lambda: stream(api, slow, session_id=session))
    thread.start()
    until(lambda: api.stand_in.wallet()["reserved"], lambda held: held > 0)
    assert code_of(ask(api, session_id=session)) == "chat_session_conflict"
    thread.join()
    assert ask(api, session_id=session).status_code == 200


def test_it_pages_its_sessions(api: Api) -> None:
    ids = [ask(api, f"question {n}").json()["session_id"] for n in range(5)]
    first = api.http.get("/chat/sessions", params={"limit": 3}).json()
    assert (first["object"], first["has_more"]) == ("list", True)
    rest = api.http.get("/chat/sessions", params={"cursor": first["next_cursor"]}).json()
    assert [row["id"] for row in first["data"] + rest["data"]] == ids[::-1]
    assert rest["has_more"] is False
    assert code_of(api.http.get("/chat/sessions?limit=0")) == "validation_failed"
    assert code_of(api.http.get("/chat/sessions?cursor=no")) == "validation_failed"
