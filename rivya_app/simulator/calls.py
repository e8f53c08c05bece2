"""One request on its way through the API, and the reply it gets."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from rivya_app.simulator.faults import Active
from rivya_app.simulator.records import Account, Key

BODY_LIMIT = 4 * 1024 * 1024


@dataclass
class Reply:
    """A body to be sent as JSON, or an event stream. ``status`` 0: the route's own."""

    body: Any = None
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    stream: AsyncIterator[bytes] | None = None
    outcome: Callable[[], Any] | None = None
    """What a stream came to, once it is over; None when nothing is to be remembered."""
    ready: bytes | None = None
    """The body already serialised; it goes before ``body``."""
    task: str = ""
    """The task this reply tells of, for its Idempotency-Key."""

    def payload(self) -> bytes:
        if self.ready is not None:
            return self.ready
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass
class Call:
    """What a handler gets. ``account`` and ``key`` are set on every route that needs a key."""

    scope: Scope
    receive: Receive
    send: Send
    operation: str
    path: dict[str, str]
    request_id: str
    idempotency_key: str
    found_key: Key | None = None
    found_account: Account | None = None
    raw: bytes = b""
    body: Any = None
    faults: list[Active] = field(default_factory=list)

    @property
    def key(self) -> Key:
        if self.found_key is None:
            raise LookupError("this route needs no key")
        return self.found_key

    @property
    def account(self) -> Account:
        if self.found_account is None:
            raise LookupError("this route needs no key")
        return self.found_account

    @property
    def query(self) -> dict[str, str]:
        return dict(Request(self.scope).query_params)

    def form(self) -> Request:
        """The request for a multipart body."""
        return Request(self.scope, self.receive)

    @property
    def identity(self) -> str:
        """The same for every try of the same call."""
        owner = self.found_account.id if self.found_account else ""
        mark = self.idempotency_key or hashlib.sha256(self.raw).hexdigest()
        return f"{owner}\n{self.operation}\n{mark}"


Handler = Callable[[Call], Awaitable[Reply]]


def new_request_id() -> str:
    return f"req_{secrets.token_hex(8)}"


async def read_body(receive: Receive) -> bytes:
    """The whole body, or the first bytes past the limit."""
    chunks, size = [], 0
    while size <= BODY_LIMIT:
        message: Message = await receive()
        chunk = message.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        if not message.get("more_body"):
            break
    return b"".join(chunks)


async def send_bytes(
    send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]
) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
