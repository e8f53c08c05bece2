"""Plays the faults of the wire: refusals before the work, broken answers after it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from email.utils import formatdate
from typing import Any, Final, Protocol

from rivya_app.simulator.calls import Call, Reply, send_bytes
from rivya_app.simulator.faults import Active, named
from rivya_app.simulator.refusals import CutConnection, Refusal

Options = Mapping[str, Any]


class RawAnswer(Exception):
    """An answer that is not the envelope."""

    def __init__(self, status: int, body: bytes, content_type: bytes) -> None:
        super().__init__(status)
        self.status, self.body, self.content_type = status, body, content_type


class Transport(Protocol):
    """The part of an asyncio transport used here."""

    def write(self, data: bytes) -> None: ...
    def close(self) -> None: ...
    def abort(self) -> None: ...


def play_before(faults: list[Active], insufficient_status: int) -> None:
    """Raise what the first of these faults says: Refusal, RawAnswer or CutConnection."""
    for fault in faults:
        if fault.name == "no_credits":
            raise Refusal("insufficient_credits", status=insufficient_status)
        if fault.name in _REFUSALS:
            raise _REFUSALS[fault.name](fault.options)


def _rate_limited(options: Options) -> Exception:
    return Refusal("rate_limited", headers=retry_headers(options["retry_after"], options["form"]))


def retry_headers(seconds: float | None, form: str) -> tuple[tuple[str, str], ...]:
    """How long to wait, in seconds, as an HTTP date, or as a moment of reset; nothing for None."""
    if seconds is None:
        return ()
    if form == "reset":
        return (("x-ratelimit-reset", str(int(time.time() + seconds))),)
    if form == "date":
        return (("retry-after", formatdate(time.time() + seconds, usegmt=True)),)
    return (("retry-after", str(seconds)),)


def _server_error(options: Options) -> Exception:
    status = int(options["status"])
    if options["body"] == "html":
        return RawAnswer(status, _HTML, b"text/html; charset=utf-8")
    if options["body"] == "empty":
        return RawAnswer(status, b"", b"text/plain")
    return Refusal("internal_error", status=status)


def _error(options: Options) -> Exception:
    return Refusal(str(options["code"]), str(options["message"]), int(options["status"]))


_REFUSALS: Final[dict[str, Callable[[Options], Exception]]] = {
    "rate_limited": _rate_limited,
    "server_error": _server_error,
    "api_disabled": lambda _: Refusal("public_api_disabled"),
    "error": _error,
    "reject": lambda _: Refusal("validation_failed", "The prompt was refused."),
    "lost_task": lambda _: Refusal("not_found"),
    "cut_before": lambda _: CutConnection(),
}

_SPOILING: Final = ("cut_after", "cut_body", "drip", "malformed")
_HTML: Final = (
    b"<!doctype html><html><head><title>502 Bad Gateway</title></head>"
    b"<body><center><h1>502 Bad Gateway</h1></center></body></html>"
)


def _malformed(kind: str, body: bytes) -> bytes:
    """The body in the wrong shape that ``kind`` names; html for a kind nobody knows."""
    if kind == "truncated":
        return body[: len(body) // 2]
    if kind == "huge":
        return b'{"padding":"' + b"x" * 10_000_000 + b'"}'
    if kind == "wrong_types":
        return _wrong_types(body)
    if kind == "extra_fields":
        return _with_extra_fields(body)
    return {"empty": b"", "list": b"[1,2,3]", "not_utf8": b'{"id":"\xff\xfe"}'}.get(kind, _HTML)


def _wrong_types(body: bytes) -> bytes:
    fields = json.loads(body or b"{}")
    if not isinstance(fields, dict):
        return b'"a string"'
    return json.dumps({name: {"nested": [0]} for name in fields}).encode()


def _with_extra_fields(body: bytes) -> bytes:
    fields = json.loads(body or b"{}")
    extra = {"object": "something.new", "x_new_field": {"deep": [1, {"er": None}]}, "eta": 12.5}
    return json.dumps(fields | extra if isinstance(fields, dict) else fields).encode()


class AfterFaults:
    """Sends a reply the way the faults of a call want it."""

    def __init__(self, find_transport: Callable[[Any], Transport | None]) -> None:
        self._find_transport = find_transport

    async def send(
        self,
        call: Call,
        reply: Reply,
        status: int,
        headers: list[tuple[bytes, bytes]],
        faults: list[Active],
    ) -> None:
        """Raises CutConnection."""
        if slow := named(faults, "slow_reply"):
            await asyncio.sleep(float(slow.options["seconds"]))
        if named(faults, "cut_after"):
            raise CutConnection
        body = b"" if status == 204 else reply.payload()
        if malformed := named(faults, "malformed"):
            body, headers = _disguised(str(malformed.options["kind"]), body, headers)
        if drip := named(faults, "drip"):
            await self._drip(call, float(drip.options["seconds"]))
        elif named(faults, "cut_body"):
            await self._half(call, status, body, headers)
        else:
            await send_bytes(call.send, status, body, headers)

    async def _drip(self, call: Call, seconds: float) -> None:
        transport = self._find_transport(call.scope.get("client"))
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-slow: " + b"a" * 100
        for n in range(len(head)):
            if transport is None:
                break
            transport.write(head[n : n + 1])
            await asyncio.sleep(seconds / len(head))
        raise CutConnection

    async def _half(
        self, call: Call, status: int, body: bytes, headers: list[tuple[bytes, bytes]]
    ) -> None:
        length = (b"content-length", str(max(2, len(body))).encode())
        start = {"type": "http.response.start", "status": status, "headers": [*headers, length]}
        await call.send(start)
        half = {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}
        await call.send(half)
        await asyncio.sleep(0.02)
        raise CutConnection


async def spoilt_stream(reply: Reply, faults: list[Active]) -> Reply:
    """The stream as it is; or, where a fault spoils answers as a whole, its turn as one answer: it
    was accepted, and its reader sees nothing of it."""
    stream = reply.stream
    if stream is None:
        return reply
    if not any(named(faults, name) for name in _SPOILING):
        if slow := named(faults, "slow_reply"):
            await asyncio.sleep(float(slow.options["seconds"]))
        return reply
    await anext(stream, None)  # so that there is something to close
    if isinstance(stream, AsyncGenerator):
        await stream.aclose()
    return Reply((reply.outcome() if reply.outcome else None) or {}, headers=reply.headers)


def _disguised(
    kind: str, body: bytes, headers: list[tuple[bytes, bytes]]
) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    if kind == "html":
        headers = [pair for pair in headers if pair[0] != b"content-type"]
        headers.append((b"content-type", b"text/html; charset=utf-8"))
    return _malformed(kind, body), headers
