"""One request budget a key, shared by every process through Redis. Knows keys by number only.

Without Redis there is no budget and calls go on: being refused by Rivya is better than standing.
"""

import logging
import threading
import time
from functools import lru_cache

import redis
from django.conf import settings

from rivya_app.rivya_api.errors import RateBudgetExceeded

logger = logging.getLogger(__name__)

MAX_WAIT = 2.0  # seconds one call may stand and wait for its turn
BURST_SECONDS = 2.0  # how much unused budget may be spent at once
_SILENT_AFTER_FAILURE = 5.0  # seconds without asking a Redis that did not answer

# GCRA: the stored time is when the budget would be whole again. Redis's own clock is used, so
# that hosts need not agree. Times are microseconds. Answer: {granted, wait}.
_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local interval, burst, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full_at = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0))
local free_at = math.max(full_at + interval - burst, tonumber(redis.call('GET', KEYS[2]) or 0))
local wait = math.max(0, free_at - now)
if wait > longest then return {0, wait} end
full_at = full_at + interval
local kept = math.ceil((full_at - now) / 1000) + 1000
redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX', kept)
return {1, wait}
"""
_BLOCK = """
local clock = redis.call('TIME')
local until_ = clock[1] * 1000000 + clock[2] + tonumber(ARGV[1])
if until_ > tonumber(redis.call('GET', KEYS[1]) or 0) then
  redis.call('SET', KEYS[1], string.format('%.0f', until_), 'PX', math.ceil(ARGV[1] / 1000) + 1)
end
"""


class _Outage:
    """Remembers, for a process, that Redis did not answer a moment ago."""

    def __init__(self) -> None:
        self._until = 0.0
        self._lock = threading.Lock()

    def is_on(self) -> bool:
        return time.monotonic() < self._until

    def begin(self, error: redis.RedisError) -> None:
        with self._lock:
            if not self.is_on():
                logger.warning("no request budget, Redis does not answer: %s", type(error).__name__)
            self._until = time.monotonic() + _SILENT_AFTER_FAILURE


outage = _Outage()


def take_turn(key_id: int, *, max_wait: float = MAX_WAIT) -> None:
    """Wait for this key's turn, at most `max_wait` seconds.

    Raises RateBudgetExceeded, with the seconds to wait, where the turn is further away; no turn
    is used up then. Does nothing while RIVYA_REQUESTS_PER_SECOND is 0 or Redis is away.
    """
    per_second = settings.RIVYA_REQUESTS_PER_SECOND
    if per_second <= 0 or outage.is_on():
        return
    interval = 1_000_000 / per_second
    burst = max(interval, BURST_SECONDS * 1_000_000)
    try:
        granted, wait = _connection(settings.REDIS_URL).eval(
            _SCRIPT, 2, *_names(key_id), interval, burst, max_wait * 1_000_000
        )
    except redis.RedisError as error:
        outage.begin(error)
        return
    if not granted:
        raise RateBudgetExceeded(retry_after=wait / 1_000_000)
    if wait:
        time.sleep(wait / 1_000_000)


def block(key_id: int, seconds: float) -> None:
    """Rivya asked for a pause: nobody sends with this key for `seconds`."""
    if settings.RIVYA_REQUESTS_PER_SECOND <= 0 or seconds <= 0 or outage.is_on():
        return
    try:
        _connection(settings.REDIS_URL).eval(_BLOCK, 1, _names(key_id)[1], seconds * 1_000_000)
    except redis.RedisError as error:
        outage.begin(error)


def _names(key_id: int) -> tuple[str, str]:
    return f"rivya:rate:{{{key_id}}}", f"rivya:rate:{{{key_id}}}:blocked"


@lru_cache(maxsize=2)
def _connection(url: str) -> redis.Redis:
    """redis-py's pool notices a fork and opens connections of its own."""
    return redis.Redis.from_url(url, socket_timeout=0.5, socket_connect_timeout=0.5)
