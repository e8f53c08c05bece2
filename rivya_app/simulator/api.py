"""The front door of /api/v1: key, scope, faults, first answers, envelope, request log."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from rivya_app.simulator import routes
from rivya_app.simulator.answers import FirstAnswers
from rivya_app.simulator.armed import Armoury
from rivya_app.simulator.calls import (
    BODY_LIMIT,
    Call,
    Handler,
    Reply,
    new_request_id,
    read_body,
    send_bytes,
)
from rivya_app.simulator.chat_api import told_again
from rivya_app.simulator.connections import Connections
from rivya_app.simulator.faults import Active, PromptFault, from_prompt, named
from rivya_app.simulator.records import Key
from rivya_app.simulator.refusals import CutConnection, Refusal
from rivya_app.simulator.routes import Route
from rivya_app.simulator.tasks import Tasks
from rivya_app.simulator.wire_faults import (
    AfterFaults,
    RawAnswer,
    play_before,
    retry_headers,
    spoilt_stream,
)
from rivya_app.simulator.world import World, digest_of

_JSON: Final = (b"content-type", b"application/json; charset=utf-8")
_EVENTS: Final = (b"content-type", b"text/event-stream; charset=utf-8")
_TASK_PATH: Final = routes.BASE + "/generations/"
LOGGED_REQUESTS: Final = 5000

# One logged request: received at, method, path, status (0: none sent), idempotency key, key id.
LoggedRequest = list[Any]


class Api:
    """An ASGI application for every path under /api/v1."""

    def __init__(
        self,
        world: World,
        tasks: Tasks,
        armoury: Armoury,
        connections: Connections,
        handlers: Mapping[str, Handler],
    ) -> None:
        self._world, self._tasks, self._armoury = world, tasks, armoury
        self._connections, self._handlers = connections, handlers
        self._answers = FirstAnswers(world)
        self._after = AfterFaults(connections.find)
        self._windows: dict[str, tuple[int, int]] = {}
        self.requests: deque[LoggedRequest] = deque(maxlen=LOGGED_REQUESTS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        idempotency_key = headers.get(b"idempotency-key", b"").decode("latin-1")
        entry: LoggedRequest = [time.time(), scope["method"], scope["path"], 0, idempotency_key, ""]
        self.requests.append(entry)
        if await self._short_way(scope, send, headers, entry):
            return
        call = Call(scope, receive, send, "", {}, new_request_id(), idempotency_key)
        try:
            await self._serve(call, headers, entry)
        except Refusal as refusal:
            await self._refuse(call, refusal, entry)
        except RawAnswer as raw:
            entry[3] = raw.status
            await send_bytes(send, raw.status, raw.body, [(b"content-type", raw.content_type)])
        except CutConnection:
            await self._connections.cut(scope)

    async def _short_way(
        self, scope: Scope, send: Send, headers: dict[bytes, bytes], entry: LoggedRequest
    ) -> bool:
        """GET of a task with nothing armed: the call that is made ten thousand times."""
        path: str = scope["path"]
        if scope["method"] != "GET" or not path.startswith(_TASK_PATH) or self._armoury.any():
            return False
        task = self._world.tasks.get(path[len(_TASK_PATH) :])
        key = self._key_of(headers)
        if task is None or key is None or not self._is_plain(key, task.account, task.faults):
            return False
        self._tasks.advance(entry[0])
        body = self._tasks.shown(task, entry[0])
        entry[3], entry[5] = 200, key.id
        request_id = (b"x-request-id", new_request_id().encode())
        await send_bytes(send, self._status(200), body, [_JSON, request_id])
        return True

    def _is_plain(self, key: Key, account: str, faults: list[dict[str, Any]]) -> bool:
        return (
            key.state == "active"
            and key.account == account
            and "generations:read" in key.scopes
            and not faults
            and not self._world.setting["rate_limit_per_second"]
        )

    async def _serve(self, call: Call, headers: dict[bytes, bytes], entry: LoggedRequest) -> None:
        self._tasks.advance(entry[0])
        route = self._route(call)
        call.found_key = self._key_of(headers)
        if call.found_key is not None:
            call.found_account = self._world.accounts[call.found_key.account]
            entry[5] = call.found_key.id
        faults = self._armoury.take("before", route.operation, call.found_key)
        self._play(faults)
        self._admit(route, call, headers)
        words = await self._read(route, call)
        said = self._armoury.take_words(words, "before", route.operation, call.identity)
        self._play(said)
        if hold := named([*faults, *said], "slow_accept"):
            reply = await self._work(route, call, float(hold.options["seconds"]))
        else:
            reply = await self._work(route, call, 0)
        await self._answer(route, call, reply, words, entry)

    def _play(self, faults: list[Active]) -> None:
        play_before(faults, int(self._world.setting["insufficient_status"]))

    def _route(self, call: Call) -> Route:
        route, call.path, exists = routes.find(call.scope["method"], call.scope["path"])
        if route is None:
            raise Refusal("not_found", status=405 if exists else 404)
        call.operation = route.operation
        return route

    def _key_of(self, headers: dict[bytes, bytes]) -> Key | None:
        return self._world.keys_by_digest.get(digest_of(_bearer(headers)))

    def _admit(self, route: Route, call: Call, headers: dict[bytes, bytes]) -> None:
        """Raises Refusal for a key that may not do this."""
        if not route.scope and not self._checks_public(headers):
            return
        if not _bearer(headers):
            raise Refusal("api_key_missing")
        if call.found_key is None:
            raise Refusal("api_key_invalid")
        if call.found_key.state != "active":
            raise Refusal(f"api_key_{call.found_key.state}")
        if route.scope and route.scope not in call.found_key.scopes:
            raise Refusal("api_scope_denied", f"This needs the scope {route.scope}.")
        self._limit(call.found_key)

    def _checks_public(self, headers: dict[bytes, bytes]) -> bool:
        return self._world.setting["key_on_models"] == "reject" and b"authorization" in headers

    def _limit(self, key: Key) -> None:
        limit = self._world.setting["rate_limit_per_second"]
        if not limit:
            return
        second = int(time.time())
        start, count = self._windows.get(key.id, (second, 0))
        count = count + 1 if start == second else 1
        self._windows[key.id] = (second, count)
        if count > limit:
            raise Refusal("rate_limited", headers=retry_headers(1, "seconds"))

    async def _read(self, route: Route, call: Call) -> list[PromptFault]:
        """Read a JSON body; the faults written in its prompt come back."""
        if route.body != "json":
            return self._words_of_task(call)
        call.raw = await read_body(call.receive)
        if len(call.raw) > BODY_LIMIT:
            raise Refusal("validation_failed", "The body is too large.", 413)
        try:
            call.body = json.loads(call.raw)
        except ValueError as error:
            raise Refusal("validation_failed", "The body is not JSON.") from error
        fields = call.body if isinstance(call.body, dict) else {}
        return from_prompt(str(fields.get("prompt") or fields.get("message") or ""))

    def _words_of_task(self, call: Call) -> list[PromptFault]:
        task = self._world.tasks.get(call.path.get("taskId", ""))
        if task is None:
            return []
        call.raw = task.id.encode()
        return [word for word in from_prompt(task.prompt) if word.fault.is_of_reading]

    async def _work(self, route: Route, call: Call, hold_seconds: float) -> Reply:
        if not (route.keeps_first_answer and call.idempotency_key):
            await asyncio.sleep(hold_seconds)
            return await self._handle(call)
        replay = await self._answers.claim(call)
        if replay is not None:
            return self._told_again(call, replay)
        reply = None
        try:
            await asyncio.sleep(hold_seconds)
            reply = await self._handle(call)
            if reply.stream is None:
                self._keep(route, call, reply)
            else:
                reply.stream = self._kept_at_end(route, call, reply, reply.stream)
            return reply
        finally:
            if reply is None or reply.stream is None:
                self._answers.release(call)

    def _keep(self, route: Route, call: Call, reply: Reply) -> None:
        self._answers.keep(call, reply, self._status(reply.status or route.status))
        self._world.commit()

    async def _kept_at_end(
        self, route: Route, call: Call, reply: Reply, stream: AsyncIterator[bytes]
    ) -> AsyncIterator[bytes]:
        """The stream; what it came to is remembered before its key is free again."""
        try:
            async for chunk in stream:
                yield chunk
        finally:
            await _close(stream)
            outcome = reply.outcome() if reply.outcome else None
            if outcome is not None:
                self._keep(route, call, Reply(outcome))
            self._answers.release(call)

    def _told_again(self, call: Call, replay: Reply) -> Reply:
        if call.operation != "chat.stream":
            return replay
        return Reply(stream=told_again(self._world, replay.body), headers=replay.headers)

    async def _handle(self, call: Call) -> Reply:
        reply = await self._handlers[call.operation](call)
        if not call.idempotency_key:
            self._world.commit()
        return reply

    async def _answer(
        self, route: Route, call: Call, reply: Reply, words: list[PromptFault], entry: LoggedRequest
    ) -> None:
        self._world.commit()
        status = reply.status or self._status(route.status)
        faults = [
            *self._armoury.take("after", route.operation, call.found_key),
            *self._armoury.take_words(words, "after", route.operation, call.identity),
        ]
        if named(faults, "stale_read"):
            reply = self._tasks.stale(reply)
        reply = await spoilt_stream(reply, faults)
        headers = self._headers(call, reply)
        if reply.stream is not None:
            entry[3] = status
            await _send_stream(call, reply.stream, status, headers)
            return
        if not any(f.name in ("cut_after", "drip") for f in faults):
            entry[3] = status
        await self._after.send(call, reply, status, headers, faults)

    def _headers(self, call: Call, reply: Reply) -> list[tuple[bytes, bytes]]:
        kind = _EVENTS if reply.stream is not None else _JSON
        extra = [(name.encode(), value.encode()) for name, value in reply.headers.items()]
        return [kind, (b"x-request-id", call.request_id.encode()), *extra]

    def _status(self, usual: int) -> int:
        variant = self._world.setting["success_status_variant"]
        return usual if variant == "rest" or usual >= 300 else int(variant)

    async def _refuse(self, call: Call, refusal: Refusal, entry: LoggedRequest) -> None:
        entry[3] = refusal.resolved_status()
        error = {"code": refusal.code, "message": refusal.resolved_message()}
        form = self._world.setting["request_id_variant"]
        if form != "header":
            error["requestId" if form == "camel" else "request_id"] = call.request_id
        headers = [_JSON, (b"x-request-id", call.request_id.encode())]
        headers += [(name.encode(), value.encode()) for name, value in refusal.headers]
        await send_bytes(call.send, entry[3], json.dumps({"error": error}).encode(), headers)


def _bearer(headers: dict[bytes, bytes]) -> str:
    scheme, _, secret = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


async def _send_stream(
    call: Call, stream: AsyncIterator[bytes], status: int, headers: list[tuple[bytes, bytes]]
) -> None:
    plain = [(b"cache-control", b"no-cache, no-transform"), (b"x-accel-buffering", b"no")]
    start = {"type": "http.response.start", "status": status, "headers": [*headers, *plain]}
    await call.send(start)
    telling = asyncio.ensure_future(_tell(call, stream))
    gone = asyncio.ensure_future(_disconnected(call))
    try:
        await asyncio.wait({telling, gone}, return_when=asyncio.FIRST_COMPLETED)
        if telling.done():
            telling.result()
    finally:
        for task in (telling, gone):
            task.cancel()
        await asyncio.wait({telling})
        await _close(stream)
    await call.send({"type": "http.response.body", "body": b""})


async def _tell(call: Call, stream: AsyncIterator[bytes]) -> None:
    """In one go from the word to the line: a word says when it was written."""
    async for chunk in stream:
        await call.send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _disconnected(call: Call) -> None:
    while (await call.receive())["type"] != "http.disconnect":
        pass


async def _close(stream: AsyncIterator[bytes]) -> None:
    if isinstance(stream, AsyncGenerator):
        await stream.aclose()
