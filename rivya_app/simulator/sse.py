"""How a chat stream speaks: one table of dialects, and the line ends and comments around them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

_ENDS: Final = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}

# What a dialect makes of a moment: lines of one or more events, without their ends.
Lines = list[list[str]]


@dataclass(frozen=True)
class Dialect:
    """``start`` and ``delta`` and ``done`` and ``error`` of a stream. ASSUMED, all of them."""

    start: Callable[[dict[str, Any]], Lines]
    delta: Callable[[dict[str, Any], str], Lines]
    done: Callable[[dict[str, Any]], Lines]
    error: Callable[[dict[str, Any]], Lines]


def _event(name: str, value: Any) -> list[str]:
    return [f"event: {name}", f"data: {_json(value)}"]


def _data(value: Any) -> list[str]:
    return [f"data: {_json(value)}"]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _chunk(head: dict[str, Any], delta: dict[str, Any], reason: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return head | {"object": "chat.completion.chunk", "choices": [choice]}


def _openai_done(completion: dict[str, Any]) -> Lines:
    head = {key: completion[key] for key in ("id", "session_id", "model")}
    last = _chunk(head, {}, "stop")
    last |= {"usage": completion["usage"], "credits": completion["credits"]}
    return [_data(last), ["data: [DONE]"]]


DIALECTS: Final[dict[str, Dialect]] = {
    "named": Dialect(
        lambda head: [_event("start", head)],
        lambda _, text: [_event("delta", {"delta": text})],
        lambda completion: [_event("done", completion)],
        lambda error: [_event("error", {"error": error})],
    ),
    "chat": Dialect(
        lambda head: [_event("chat.completion.created", head)],
        lambda _, text: [_event("chat.completion.delta", {"content": text})],
        lambda completion: [_event("message.completed", completion)],
        lambda error: [_event("error", {"error": error})],
    ),
    "typed": Dialect(
        lambda head: [_data({"type": "start"} | head)],
        lambda _, text: [_data({"type": "message.delta", "text": text})],
        lambda completion: [_data({"type": "completed"} | completion)],
        lambda error: [_data({"type": "error", "error": error})],
    ),
    "openai": Dialect(
        lambda head: [_data(_chunk(head, {"role": "assistant"}, None))],
        lambda head, text: [_data(_chunk(head, {"content": text}, None))],
        _openai_done,
        lambda error: [_data({"error": error})],
    ),
}


def written(lines: Lines, line_ending: str) -> bytes:
    """Events as they go over the wire."""
    end = _ENDS[line_ending]
    return "".join(end.join(event) + end * 2 for event in lines).encode()


def heartbeat(line_ending: str) -> bytes:
    return (": still here" + _ENDS[line_ending] * 2).encode()
