"""The live feed of an answer: a capped Redis stream a turn, written by the worker, read by the
browser's stream (`stream.py`). It is a convenience: whatever it holds, or should, the row gets too.

An entry is `{k: kind, d: data}`. Kinds and their data:
  asked   ""                     the turn was recorded; always the first
  state   JSON {"code": ...}     it waits, and why; "" when it goes on
  text    the next piece of the answer, as Markdown
  block   JSON {"html", "rest", "goes_on"}  what the tail so far came to, and the tail that is left
                                 of it; whether it goes on with the list that ends the block before
  end     the status it ended in; always the last
"""

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

LIFE = 3600  # seconds a feed is kept after its last entry but words; no answer takes so long
MOST_ENTRIES = 6000  # of one feed; who needs older ones is told to read the row
STOP_LIFE = 3600  # seconds, as long as a feed
ENDED_LIFE = 24 * 3600  # seconds, far longer than a ticket is good for
ASKED, STATE, TEXT, BLOCK, END = "asked", "state", "text", "block", "end"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry to be written, or (with `id`) as it was read."""

    kind: str
    data: str = field(default="", repr=False)
    id: str = ""


def name(turn_id: UUID | str) -> str:
    """The stream's key."""
    return f"rivya:chat:{{{turn_id}}}"


def stop_name(turn_id: UUID | str) -> str:
    """The key that is set while somebody wants this answer to stop."""
    return f"rivya:chat:stop:{{{turn_id}}}"


def ended_name(member_id: int) -> str:
    """The key that is set when a membership ended: its open streams close."""
    return f"rivya:chat:ended:{member_id}"


def private_name(turn_id: UUID | str) -> str:
    """The key that names the one member who may read this turn, since it is shared no more."""
    return f"rivya:chat:private:{{{turn_id}}}"


def state(code: str) -> Entry:
    return Entry(STATE, json.dumps({"code": code}))


def block(html: str, rest: str, *, goes_on: bool = False) -> Entry:
    told = {"html": html, "rest": rest, "goes_on": goes_on}
    return Entry(BLOCK, json.dumps(told, ensure_ascii=False))


def write(entries: Iterable[tuple[UUID | str, Entry]]) -> list[str] | None:
    """Append entries to their feeds in one journey, and return their ids in that order.

    None where Redis did not take them: the row stands behind the feed.
    """
    asked = list(entries)
    # Words come many times a second; what stands before and behind them keeps the feed alive.
    lasting = dict.fromkeys(name(turn_id) for turn_id, entry in asked if entry.kind != TEXT)
    try:
        with connection().pipeline(transaction=False) as line:
            for turn_id, entry in asked:
                fields = {"k": entry.kind, "d": entry.data}
                line.xadd(name(turn_id), fields, maxlen=MOST_ENTRIES, approximate=True)
            for feed in lasting:
                line.expire(feed, LIFE)
            ids = line.execute()[: len(asked)]
    except redis.RedisError as error:
        logger.warning("a live answer was not passed on: %s", type(error).__name__)
        return None
    return [entry_id.decode() for entry_id in ids]


def read_after(turn_id: UUID | str, after: str) -> Iterator[Entry]:
    """What a feed holds behind the entry `after` ("" from its beginning). Raises RedisError."""
    first = f"({after}" if after else "-"
    for entry_id, fields in connection().xrange(name(turn_id), min=first):
        yield Entry(fields[b"k"].decode(), fields[b"d"].decode(), entry_id.decode())


def goes_on_from(turn_id: UUID | str, after: str) -> bool:
    """Whether the feed holds everything behind the entry `after` ("": from its beginning); one
    that Redis lost, and that began anew, has a hole. Raises RedisError."""
    first = connection().xrange(name(turn_id), count=1)
    if not first:
        return True
    entry_id, fields = first[0]
    if not after:
        return bool(fields[b"k"].decode() == ASKED)
    return _place(entry_id.decode()) <= _place(after)


def _place(entry_id: str) -> tuple[int, int]:
    time, _, number = entry_id.partition("-")
    return int(time), int(number or 0)


def ask_to_stop(turn_id: UUID | str) -> None:
    """Tell whichever worker writes it. The row says the same, for where Redis is away."""
    _set(stop_name(turn_id), STOP_LIFE)


def close_streams_of(member_id: int) -> None:
    """End the open streams of somebody who left, at once; their tickets run out anyway."""
    _set(ended_name(member_id), ENDED_LIFE)


def open_streams_of(member_id: int) -> None:
    """They are back."""
    _unset(ended_name(member_id))


def close_streams_of_others(turn_id: UUID | str, member_id: int) -> None:
    """A turn is shared no more: end its open streams but those of its own member, at once. Nobody
    is given another ticket, so it is enough to outlive those that are out."""
    _set(private_name(turn_id), ENDED_LIFE, member_id)


def open_streams_to_others(turn_id: UUID | str) -> None:
    """It is shared again."""
    _unset(private_name(turn_id))


def asked_to_stop(turn_ids: Iterable[str]) -> set[str]:
    """Which of these somebody wants to stop. Raises RedisError."""
    wanted = list(turn_ids)
    found = connection().mget(map(stop_name, wanted)) if wanted else []
    return {turn_id for turn_id, value in zip(wanted, found, strict=True) if value}


def _set(key: str, life: int, value: int = 1) -> None:
    try:
        connection().set(key, value, ex=life)
    except redis.RedisError as error:
        logger.warning("a wish about a stream was not passed on: %s", type(error).__name__)


def _unset(key: str) -> None:
    try:
        connection().delete(key)
    except redis.RedisError as error:
        logger.warning("a return was not passed on: %s", type(error).__name__)


def connection() -> redis.Redis:
    return _connection(settings.REDIS_URL)


@lru_cache(maxsize=2)
def _connection(url: str) -> redis.Redis:
    """redis-py's pool notices a fork and opens connections of its own. No second try: the first may
    have arrived late, and its words would stand there twice."""
    once = Retry(NoBackoff(), 0)
    return redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=0.5, retry=once)
