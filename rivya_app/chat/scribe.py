"""Passes on every answer that this process writes: to the live feeds at once and together, to the
rows every few seconds, some in each statement. It keeps the leases too, and hears who wants to
stop.

One a process. The thread that reads Rivya never waits for Redis or the database.
"""

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import redis
from django.db import DatabaseError, connection

from rivya_app.chat import concluding, feed, schedule, sessions
from rivya_app.chat.teller import Teller
from rivya_app.core import clock

logger = logging.getLogger(__name__)

BETWEEN_STOP_LOOKS = 0.3
BETWEEN_WRITES = 0.02  # seconds; what comes meanwhile goes in one journey
# Rows saved in one statement. Many together would keep the other threads from the interpreter for
# as long as a word may take.
SAVED_AT_ONCE = 25

_SAVE = """
UPDATE chat_turn AS t
   SET answer = v.answer, streamed_to = v.streamed_to, changed_at = %(now)s,
       next_check_at = %(now)s + make_interval(secs => %(lease)s)
  FROM unnest(%(keys)s::bigint[], %(sends)s::int[], %(texts)s::text[], %(ends)s::text[])
       AS v(id, send, answer, streamed_to)
 WHERE t.id = v.id AND t.send_count = v.send AND t.status = 'streaming'
"""
# Of one that was stopped, or taken for dead, too: while its call lasts no session knows more.
_RENEW = """
UPDATE chat_turn AS t SET next_check_at = %(now)s + make_interval(secs => %(lease)s)
  FROM unnest(%(keys)s::bigint[], %(sends)s::int[]) AS v(id, send)
 WHERE t.id = v.id AND t.send_count = v.send AND t.settled_at IS NULL
   AND t.status IN ('streaming', 'stopped', 'interrupted')
RETURNING t.id, t.stop_asked_at IS NOT NULL
"""


class Scribe:
    """Holds the open answers of this process. Its threads begin with the first one."""

    def __init__(self) -> None:
        self._open: dict[str, Teller] = {}
        self._lock = threading.Lock()
        self._writing = threading.Lock()  # one writer at a time, so that entries keep their order
        self._news = threading.Event()
        self._words_are_out = threading.Event()
        self._someone = threading.Event()
        self._works = [  # that have no thread yet
            self._pass_on_for_ever,
            self._settle_for_ever,
            self._keep_for_ever,
            self._hear_for_ever,
        ]

    @property
    def open_count(self) -> int:
        return len(self._open)

    def take(self, teller: Teller) -> None:
        """Look after this answer from now on."""
        with self._lock:
            while self._works:  # those for whom there was no thread are tried again
                threading.Thread(target=self._works[-1], name="chat-scribe", daemon=True).start()
                self._works.pop()
            self._open[teller.turn_id] = teller
        self._someone.set()

    def drop(self, teller: Teller) -> None:
        """Its end is here: pass on what is left, and forget it."""
        with self._lock:
            self._open.pop(teller.turn_id, None)
            if not self._open:
                self._someone.clear()
        self._write([teller])

    def has_news(self) -> None:
        """An answer went on."""
        if not self._news.is_set():
            self._news.set()

    # --- To the feeds -----------------------------------------------------------------------------

    def _pass_on_for_ever(self) -> None:
        while True:
            self._news.wait()
            self._news.clear()
            _safely(partial(self._write, self._tellers()))
            self._words_are_out.set()
            time.sleep(BETWEEN_WRITES)

    def _settle_for_ever(self) -> None:
        """Behind the words, which never wait for their looks."""
        while True:
            self._words_are_out.wait()
            self._words_are_out.clear()
            for teller in self._tellers():
                if teller.settle_blocks():
                    self.has_news()

    def _tellers(self) -> list[Teller]:
        with self._lock:
            return list(self._open.values())

    def _write(self, tellers: list[Teller]) -> None:
        with self._writing:
            taken = [(teller, entry) for teller in tellers for entry in teller.take_unsent()]
            if not taken:
                return
            ids = _written([(teller.turn_id, entry) for teller, entry in taken])
            if ids is None:
                broken = {teller.turn_id: teller for teller, _entry in taken}
                for teller in broken.values():
                    teller.feed_broke()
                return
            last = {teller: entry_id for (teller, _entry), entry_id in zip(taken, ids, strict=True)}
            for teller, entry_id in last.items():
                teller.passed_on(entry_id)

    def _still_open(self, tellers: list[Teller]) -> list[Teller]:
        with self._lock:
            return [teller for teller in tellers if self._open.get(teller.turn_id) is teller]

    # --- To the rows ------------------------------------------------------------------------------

    def _keep_for_ever(self) -> None:
        renewed_at = 0.0
        while True:
            self._someone.wait()
            tellers = self._tellers()
            for group in _groups(tellers):
                time.sleep(schedule.SAVE_EVERY * len(group) / len(tellers))
                still_open = self._still_open(group)
                if still_open:
                    _safely(partial(self._save, still_open))
                    _safely(partial(self._keep_sessions, still_open))
                    connection.close()
            still_open = self._still_open(tellers)
            if still_open and time.monotonic() - renewed_at >= schedule.RENEW_EVERY:
                renewed_at = time.monotonic()
                _safely(partial(self._renew, still_open))
                connection.close()

    def _save(self, tellers: list[Teller]) -> None:
        unsaved = [(teller, saved) for teller in tellers if (saved := teller.take_unsaved())]
        if not unsaved:
            return
        values: dict[str, Any] = {
            "now": clock.now(),
            "lease": schedule.LEASE,
            "keys": [teller.key for teller, _saved in unsaved],
            "sends": [teller.send for teller, _saved in unsaved],
            "texts": [saved.text for _teller, saved in unsaved],
            "ends": [saved.streamed_to for _teller, saved in unsaved],
        }
        try:
            with connection.cursor() as cursor:
                cursor.execute(_SAVE, values)
        except DatabaseError:
            for teller, _saved in unsaved:
                teller.was_not_saved()
            raise

    def _keep_sessions(self, tellers: list[Teller]) -> None:
        for teller in tellers:
            if teller.session_id and not teller.is_session_kept:
                sessions.keep_early(teller.conversation_key, teller.session_id)
                teller.is_session_kept = True

    def _renew(self, tellers: list[Teller]) -> None:
        by_key = {teller.key: teller for teller in tellers}
        values: dict[str, Any] = {
            "now": clock.now(),
            "lease": schedule.LEASE,
            "keys": list(by_key),
            "sends": [teller.send for teller in by_key.values()],
        }
        with connection.cursor() as cursor:
            cursor.execute(_RENEW, values)
            wanted = [key for key, is_stopped in cursor.fetchall() if is_stopped]
        for key in wanted:
            self._stop(by_key[key])

    # --- Who wants to stop ------------------------------------------------------------------------

    def _hear_for_ever(self) -> None:
        while True:
            self._someone.wait()
            time.sleep(BETWEEN_STOP_LOOKS)
            _safely(self._hear)

    def _hear(self) -> None:
        by_id = {teller.turn_id: teller for teller in self._tellers() if not teller.is_stopped}
        try:
            wanted = feed.asked_to_stop(by_id)
        except redis.RedisError:
            return  # the rows say the same, and are asked with the leases
        for turn_id in wanted:
            self._stop(by_id[turn_id])

    def _stop(self, teller: Teller) -> None:
        if not teller.is_stopped:
            teller.stop()
            self._write([teller])  # the feed's end stands behind its last word
            # A call that has no answer yet cannot be cut, so its thread may come back much later.
            concluding.conclude_stopped(teller)
            connection.close()


def _groups(tellers: list[Teller]) -> list[list[Teller]]:
    firsts = range(0, len(tellers), SAVED_AT_ONCE)
    return [tellers[first : first + SAVED_AT_ONCE] for first in firsts]


def _written(entries: list[tuple[str, feed.Entry]]) -> list[str] | None:
    """As feed.write; whatever goes wrong, it must be known that they are not in the feed."""
    try:
        return feed.write(entries)
    except Exception as error:  # noqa: BLE001
        logger.error("a live answer could not be written: %s", type(error).__name__)
        return None


def _safely(work: Callable[[], None]) -> None:
    """A fault with one journey must not end the thread: the next one tries again."""
    try:
        work()
    except DatabaseError as error:
        logger.warning("open answers could not be kept: %s", type(error).__name__)
    except Exception:
        logger.exception("open answers could not be looked after")


_scribe = Scribe()


def scribe() -> Scribe:
    """The one of this process. Workers are threads; nothing forks behind them."""
    return _scribe
