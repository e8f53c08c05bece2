"""The shared reader of a process: one Redis connection follows every live feed watched here, and
hands each entry to whoever has not had it.

Each watch keeps its own place. The reader asks a feed from the place of whoever is furthest behind
and everybody skips what they had, so a newcomer meets neither a gap nor a doubled word.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from rivya_app.chat import feed
from rivya_app.chat.tickets import Ticket

logger = logging.getLogger(__name__)

Place = tuple[int, int]  # an entry's id
BEGINNING: Place = (0, 0)
HEARTBEAT = 15.0  # seconds of silence; what stands between may cut a silent line
TICK = 1.0
LONGEST_SEND = 30.0  # seconds; who takes nothing for so long is gone
MOST_WAITING = 512 * 1024  # bytes for one reader; who reads slower is let go, and resumes
_BLOCK = 1000  # ms
_ENTRIES = 200  # of one feed in one round
# One round for many feeds costs the same whether it brings one word of each or ten, and a worker
# writes all of its feeds in one go. So a round that brought few of many waits for the others.
_PAUSE_FOR_EACH = 0.00005
_LONGEST_PAUSE = 0.05
_SHORTEST_PAUSE = 0.002


def event(kind: str, data: str = '""', entry_id: str = "") -> bytes:
    """One server-sent event; `data` is JSON and so stands on one line."""
    name = f"id: {entry_id}\n" if entry_id else ""
    return f"{name}event: {kind}\ndata: {data}\n\n".encode()


GONE = event("gone")  # read the row instead
RENEW = event("renew")  # come back with a new ticket
_STILL_HERE = b": \n\n"


@dataclass(frozen=True, slots=True)
class _Piece:
    place: Place
    bytes: bytes
    is_end: bool


@dataclass(eq=False, slots=True)
class Watch:
    """One open stream: what waits to be sent to it, and the place it has been handed up to."""

    ticket: Ticket
    place: Place
    is_over: bool = False
    told_at: float = field(default_factory=time.monotonic)
    sending_since: float = 0.0  # 0 while nothing is on its way to the reader
    let_go: Callable[[], None] = lambda: None  # what ends a send that never ends
    _waiting: list[bytes] = field(default_factory=list)
    _size: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def next(self) -> bytes:
        """All that waits, as soon as there is something; nothing once it is over."""
        while not (self._waiting or self.is_over):
            self._news.clear()
            await self._news.wait()
        taken, self._waiting, self._size = self._waiting, [], 0
        return b"".join(taken)

    def take(self, pieces: Iterable[_Piece]) -> None:
        """Those it has not had, up to the end of the answer or of its patience."""
        for piece in pieces:
            if self.is_over:
                return
            if piece.place > self.place:
                self.place = piece.place
                if piece.bytes:
                    self.tell(piece.bytes)
                if piece.is_end or self._size > MOST_WAITING:
                    self.close()

    def tell(self, what: bytes) -> None:
        self._waiting.append(what)
        self._size += len(what)
        self.told_at = time.monotonic()
        self._news.set()

    def close(self, last: bytes = b"") -> None:
        """Nothing more comes; what waits is still sent."""
        if not self.is_over:
            self.is_over = True
            self.tell(last)


class Hub:
    """Belongs to one event loop. Its connections open with the first watch."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._asking = _connect_few(url)
        self._watches: dict[str, set[Watch]] = {}  # by the feed's name
        self._someone = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._line_id = 0  # of the connection that waits for entries; 0 while it does not wait
        self._rounds = 0
        self._joined_in = 0  # the round in which somebody came last
        self._is_waking = False
        self._is_closed = False

    @property
    def watch_count(self) -> int:
        return sum(map(len, self._watches.values()))

    async def is_let_in(self, ticket: Ticket) -> bool:
        """False for somebody who may read it no more. Raises RedisError."""
        return ticket not in await self._shut_out([ticket])

    async def holds_all_after(self, turn_id: str, place: Place) -> bool:
        """Whether the feed is there, and came as far as `place`, and nothing behind that was
        trimmed. Raises RedisError."""
        async with self._asking.pipeline(transaction=False) as line:
            line.xrange(feed.name(turn_id), count=1)
            line.xrevrange(feed.name(turn_id), count=1)
            oldest, newest = await line.execute()
        if not oldest:
            return False
        entry_id, fields = oldest[0]
        if place == BEGINNING:
            return bool(fields[b"k"] == feed.ASKED.encode())
        return place_of(entry_id) <= place <= place_of(newest[0][0])

    async def join(self, ticket: Ticket, place: Place) -> Watch:
        """Watch a feed from behind `place`; `leave` must follow."""
        watch = Watch(ticket, place)
        self._watches.setdefault(feed.name(ticket.turn_id), set()).add(watch)
        if self._is_closed:
            watch.close()
        if not self._tasks:
            self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._tick())]
        self._someone.set()
        self._joined_in = self._rounds
        if not self._is_waking:  # one wakes for all: after a restart everybody comes at once
            await self._wake()
        return watch

    def leave(self, watch: Watch) -> None:
        name = feed.name(watch.ticket.turn_id)
        others = self._watches.get(name, set())
        others.discard(watch)
        if not others:
            self._watches.pop(name, None)

    def close_all(self) -> None:
        """This process ends: whoever listens is to come back to another one."""
        self._is_closed = True
        for watch in self._all():
            watch.close()

    async def stop(self) -> None:
        """Let go of everything."""
        self.close_all()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._asking.connection_pool.disconnect()

    def _all(self) -> list[Watch]:
        return [watch for watches in self._watches.values() for watch in watches]

    # --- Reading ----------------------------------------------------------------------------------

    async def _follow(self) -> None:
        while True:
            await self._someone.wait()
            try:
                # A connection for each busy time: one that was idle for hours may be cut unseen.
                async with _connect(self._url) as line:
                    line_id = await line.client_id()
                    while wanted := self._wanted():
                        await self._round(line, line_id, wanted)
            except (RedisError, OSError) as error:
                logger.warning("the live answers cannot be read: %s", type(error).__name__)
                self._lose_all()
            except Exception:
                logger.exception("the live answers cannot be read")
                self._lose_all()
            if not self._wanted():
                self._someone.clear()

    def _wanted(self) -> dict[str, Place]:
        """Each feed, from the place of whoever is furthest behind."""
        open_watches = {
            name: [watch.place for watch in watches if not watch.is_over]
            for name, watches in self._watches.items()
        }
        return {name: min(places) for name, places in open_watches.items() if places}

    async def _round(self, line: Redis, line_id: int, wanted: dict[str, Place]) -> None:
        self._rounds += 1
        self._line_id = line_id
        places: Any = {name: f"{at}-{count}" for name, (at, count) in wanted.items()}
        try:
            found = await line.xread(places, count=_ENTRIES, block=_BLOCK)
        finally:
            self._line_id = 0
        for key, entries in found:
            name = key.decode()
            pieces = [_piece(entry_id, fields) for entry_id, fields in entries]
            for watch in self._watches.get(name, ()):
                if watch.place >= wanted[name]:  # else it came meanwhile, and has more to catch up
                    watch.take(pieces)
        pause = min(_LONGEST_PAUSE, _PAUSE_FOR_EACH * len(wanted))
        if pause >= _SHORTEST_PAUSE and len(found) < len(wanted) / 2:
            await asyncio.sleep(pause)

    async def _wake(self) -> None:
        """Let the reader look again: it may be waiting on the feeds of others alone."""
        self._is_waking = True
        try:
            while self._line_id and self._rounds == self._joined_in:
                with suppress(RedisError):
                    await self._asking.client_unblock(self._line_id)
                await asyncio.sleep(0.002)  # its question may still be on the way
        finally:
            self._is_waking = False

    def _lose_all(self) -> None:
        for watch in self._all():
            watch.close(GONE)

    # --- Once a second ----------------------------------------------------------------------------

    async def _tick(self) -> None:
        while True:
            if not self._watches:  # one that is over may still be stuck in its last send
                await self._someone.wait()
            await asyncio.sleep(TICK)
            _let_go_of_the_stuck(self._all())
            watches = [watch for watch in self._all() if not watch.is_over]
            try:
                shut_out = await self._shut_out([watch.ticket for watch in watches])
            except (RedisError, OSError):
                shut_out = set()  # the tickets stand behind it
            for watch in watches:
                _look_after(watch, is_ended=watch.ticket in shut_out)

    async def _shut_out(self, tickets: Iterable[Ticket]) -> set[Ticket]:
        """Those of members who left, and for turns that are shared no more. Raises RedisError."""
        asked = {
            ticket: (feed.ended_name(ticket.member_id), feed.private_name(ticket.turn_id))
            for ticket in tickets
        }
        names = list(dict.fromkeys(name for pair in asked.values() for name in pair))
        found = await self._asking.mget(names) if names else []
        said = dict(zip(names, found, strict=True))
        return {
            ticket
            for ticket, (ended, private) in asked.items()
            if said[ended] or said[private] not in (None, b"%d" % ticket.member_id)
        }


def _let_go_of_the_stuck(watches: Iterable[Watch]) -> None:
    """Looked at here: a timer for every send costs more than the send."""
    now = time.monotonic()
    for watch in watches:
        if watch.sending_since and now - watch.sending_since >= LONGEST_SEND:
            logger.info("a reader took nothing for %.0f s and was let go", LONGEST_SEND)
            watch.sending_since = 0
            watch.let_go()


def _look_after(watch: Watch, *, is_ended: bool) -> None:
    if is_ended:
        watch.close(GONE)
    elif time.time() >= watch.ticket.ends_at:
        watch.close(RENEW)
    elif time.monotonic() - watch.told_at >= HEARTBEAT:
        watch.tell(_STILL_HERE)


def _connect(url: str) -> Redis:
    """For the reader: no second try, so that a cut is heard of."""
    return Redis.from_url(url, **_options(Retry(NoBackoff(), 0)))


def _connect_few(url: str) -> Redis:
    """For short questions. However many come at once, they share a few connections."""
    options = {"max_connections": 4, "timeout": 10, **_options(Retry(NoBackoff(), 1))}
    pool: Any = BlockingConnectionPool.from_url(url, **options)
    return Redis(connection_pool=pool)


def _options(retry: Retry) -> dict[str, Any]:  # the stubs are of an older redis-py
    return {"protocol": 2, "retry": retry, "socket_timeout": 5, "socket_connect_timeout": 2}


def place_of(entry_id: bytes | str) -> Place:
    """Raises ValueError for what is no entry's id."""
    text = entry_id.decode() if isinstance(entry_id, bytes) else entry_id
    at, count = map(int, text.split("-"))
    return at, count


def _piece(entry_id: bytes, fields: dict[bytes, bytes]) -> _Piece:
    kind, data = fields[b"k"].decode(), fields[b"d"].decode()
    if kind in (feed.TEXT, feed.END):
        data = json.dumps(data, ensure_ascii=False)
    # That it was asked is news to nobody.
    told = b"" if kind == feed.ASKED else event(kind, data, entry_id.decode())
    return _Piece(place_of(entry_id), told, is_end=kind == feed.END)
