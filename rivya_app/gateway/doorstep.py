"""What the receiver leaves in Redis: a bell for the workers and counts of what was refused.

Losing it loses no event: the rows are the queue, and a sweep looks at them anyway.
"""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic

import redis
from django.conf import settings
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

_BELL = "rivya:webhooks:bell"
_BELL_RINGS = 5  # seconds after which a bell nobody answered may be rung again
_PAUSE = 0.02  # seconds: whoever comes to answer finds what came meanwhile; at worst the sweep does
_COUNTS, _TAKEN = "rivya:webhooks:refused", "rivya:webhooks:refused:taken"
_NAMES = "rivya:webhooks:refused:names"


@dataclass(frozen=True, slots=True)
class Refused:
    """So many posts to an endpoint were refused for one reason; header names of the last one."""

    endpoint_id: int
    reason: str
    count: int
    header_names: tuple[str, ...]


@dataclass(slots=True)
class _Rang:
    """When this process last rang."""

    at: float = float("-inf")


_rang = _Rang()


def ring() -> None:
    """Ask the workers to look at the inbox, once for all events until they come."""
    if monotonic() - _rang.at < _PAUSE:
        return
    _rang.at = monotonic()
    try:
        if _connection(settings.REDIS_URL).set(_BELL, 1, nx=True, ex=_BELL_RINGS):
            _publish()
    except (redis.RedisError, OperationalError) as error:
        logger.warning("the inbox waits for its sweep: %s", type(error).__name__)


def _publish() -> None:
    from rivya_app.gateway.tasks import drain_inbox  # tasks import the inbox, which imports this

    drain_inbox.delay()


def answer_bell() -> None:
    """From now on an event rings again; what came before is seen by whoever looks now."""
    try:
        _connection(settings.REDIS_URL).delete(_BELL)
    except redis.RedisError as error:
        logger.warning("the bell could not be answered: %s", type(error).__name__)


def count_refusal(endpoint_id: int, reason: str, header_names: list[str]) -> None:
    """One more, without a word to the database: whoever knows the address can cause these."""
    names = [name[:60] for name in header_names[:40] if name.isascii() and name.isprintable()]
    field = f"{endpoint_id}:{reason}"
    try:
        with _connection(settings.REDIS_URL).pipeline(transaction=False) as line:
            line.hincrby(_COUNTS, field, 1)
            line.hset(_NAMES, field, json.dumps(names))
            line.execute()
    except redis.RedisError as error:
        logger.warning("a refused webhook was not counted: %s", type(error).__name__)


def take_refusals() -> Iterator[Refused]:
    """What was refused since the last taking; each is handed out once."""
    line = _connection(settings.REDIS_URL)
    try:
        line.rename(_COUNTS, _TAKEN)
    except redis.ResponseError:
        return  # nothing was refused
    except redis.RedisError as error:
        logger.warning("refused webhooks could not be counted: %s", type(error).__name__)
        return
    with line.pipeline() as both:
        counts, names, _deleted = both.hgetall(_TAKEN).hgetall(_NAMES).delete(_TAKEN).execute()
    for field, count in counts.items():
        endpoint_id, _, reason = field.decode().partition(":")
        said = tuple(json.loads(names.get(field, b"[]")))
        yield Refused(int(endpoint_id), reason, int(count), said)


@lru_cache(maxsize=2)
def _connection(url: str) -> redis.Redis:
    """redis-py's pool notices a fork and opens connections of its own."""
    return redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)
