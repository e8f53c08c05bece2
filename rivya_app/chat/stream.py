"""The browser's live stream of one answer: `GET /stream/turns/<turn>/?from=<entry id>`, as
server-sent events. A plain ASGI app beside Django that only reads Redis: no database work, so a
thousand open streams hold no connection to it.
"""

import asyncio
import logging
import re
import signal
import threading
import time
from functools import partial
from types import FrameType
from typing import Any

from django.conf import settings
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rivya_app.chat import tickets
from rivya_app.chat.hub import BEGINNING, GONE, LONGEST_SEND, Hub, Place, Watch, place_of
from rivya_app.chat.tickets import Ticket

logger = logging.getLogger(__name__)

PREFIX = "/stream/"
_TURN = re.compile(r"^/stream/turns/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/$")
_ENTRY = re.compile(r"^\d{1,15}-\d{1,15}$")
_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]
# A first line, so that whatever stands between passes the head on; then how soon to come back.
_OPENING = b": \nretry: 500\n\n"


class Streams:
    """Answers `/stream/`, and hands everything else to `site`. One for each server process."""

    def __init__(self, site: ASGIApp) -> None:
        self._site = site
        self._hub: Hub | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self._answer(Request(scope), receive, send)
            return
        if scope["type"] == "lifespan":
            receive = self._stopping_before(receive)
        await self._site(scope, receive, send)

    def hub(self) -> Hub:
        """The reader of this process, from the first stream on."""
        if self._hub is None:
            self._hub = Hub(settings.REDIS_URL)
            _when_ending(self._hub)
        return self._hub

    def _stopping_before(self, receive: Receive) -> Receive:
        """The site's word that all is put away is the server's sign to close the loop."""

        async def receive_and_stop() -> Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown" and self._hub is not None:
                await self._hub.stop()
            return message

        return receive_and_stop

    async def _answer(self, request: Request, receive: Receive, send: Send) -> None:
        match = _TURN.match(request.scope["path"])
        if match is None:
            await PlainTextResponse("Not found", 404)(request.scope, receive, send)
            return
        if request.method != "GET":
            refusal = PlainTextResponse("Only GET", 405, {"Allow": "GET"})
            await refusal(request.scope, receive, send)
            return
        ticket = tickets.read(request.cookies.get(tickets.COOKIE, ""), match[1])
        hub = self.hub()
        if ticket is None or not await _is_let_in(hub, ticket):
            refusal = PlainTextResponse("Ask for a ticket", 401, {"Cache-Control": "no-store"})
            await refusal(request.scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        try:
            await _send(send, _OPENING)
            await _tell(hub, ticket, _wanted_from(request), receive, send)
            await _send(send, b"", is_last=True)
        except TimeoutError:
            return  # nobody takes anything there


async def _is_let_in(hub: Hub, ticket: Ticket) -> bool:
    try:
        return await hub.is_let_in(ticket)
    except (RedisError, OSError):
        return True  # and hears that the feed is gone


def _wanted_from(request: Request) -> Place | None:
    """Behind which entry to begin; None for what no feed of ours said."""
    wanted = request.headers.get("last-event-id") or request.query_params.get("from", "")
    if not wanted:
        return BEGINNING
    return place_of(wanted) if _ENTRY.match(wanted) else None


async def _tell(
    hub: Hub, ticket: Ticket, place: Place | None, receive: Receive, send: Send
) -> None:
    """Everything behind `place` as it comes, until the end or until nobody listens."""
    if place is None or not await _holds_all(hub, ticket, place):
        await _send(send, GONE)
        return
    watch = await hub.join(ticket, place)
    listening = asyncio.create_task(_until_nobody_listens(receive, watch))
    try:
        async with asyncio.timeout(None) as patience:
            watch.let_go = partial(patience.reschedule, 0)
            while piece := await watch.next():
                watch.sending_since = time.monotonic()
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                watch.sending_since = 0
    finally:
        hub.leave(watch)
        listening.cancel()


async def _holds_all(hub: Hub, ticket: Ticket, place: Place) -> bool:
    try:
        return await hub.holds_all_after(ticket.turn_id, place)
    except (RedisError, OSError) as error:
        logger.warning("a live answer cannot be read: %s", type(error).__name__)
        return False


async def _send(send: Send, piece: bytes, *, is_last: bool = False) -> None:
    """Raises TimeoutError where the other side takes nothing."""
    async with asyncio.timeout(LONGEST_SEND):
        await send({"type": "http.response.body", "body": piece, "more_body": not is_last})


async def _until_nobody_listens(receive: Receive, watch: Watch) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    watch.close()


def _when_ending(hub: Hub) -> None:
    """Close the streams as soon as the process is asked to end: the server waits for them first and
    says so to nobody."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)
        if callable(before):
            signal.signal(number, _first(loop, hub, before))


def _first(loop: asyncio.AbstractEventLoop, hub: Hub, before: Any) -> Any:
    def hear(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(hub.close_all)
        before(number, frame)

    return hear
