"""Writes new inbox rows: those of posts that come together go into one statement.

The only writer of new rows. One thread writes what all of them brought meanwhile, so that a commit
to the disk is paid once for many; then the next one does.
"""

import os
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from django.db import connection

from rivya_app.gateway import doorstep

MOST_AT_ONCE = 16
GATHER_FOR = 0.002  # seconds; far less than a commit costs


@dataclass(slots=True)
class NewRow:
    """One verified event; `body` is sealed already. Times are aware."""

    workspace_id: int
    endpoint_id: int
    event_id: str
    event_type: str
    form: str
    body: str = field(repr=False)
    sent_at: datetime
    received_at: datetime
    is_kept: bool = False  # committed
    leads: bool = False  # its thread writes next
    turn: threading.Event = field(default_factory=threading.Event, repr=False)
    error: psycopg.Error | None = None


class NotKept(Exception):
    """The row could not be written; Rivya will send it again."""


class _Queue:
    """Rows that wait, and whether a thread is writing some. Whoever comes first leads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.rows: deque[NewRow] = deque()
        self.is_led = False
        self.last_size = 0

    def join(self, row: NewRow) -> None:
        with self.lock:
            self.rows.append(row)
            row.leads, self.is_led = not self.is_led, True

    def take(self) -> list[NewRow]:
        """What has waited longest, the leader's own row first.

        Where the last statement had company, this one waits a moment for some.
        """
        if self.last_size > 1:
            time.sleep(GATHER_FOR)
        with self.lock:
            self.last_size = min(len(self.rows), MOST_AT_ONCE)
            return [self.rows.popleft() for _row in range(self.last_size)]

    def hand_over(self, written: list[NewRow]) -> None:
        """Let the threads of these rows go, and that of the longest waiting one lead."""
        with self.lock:
            heir = self.rows[0] if self.rows else None
            self.is_led = heir is not None
        if heir is not None:
            heir.leads = True
            heir.turn.set()
        for row in written:
            row.turn.set()


_queue = _Queue()


def keep(row: NewRow) -> None:
    """Return when the row, or the count of it as a duplicate, is committed. Raises NotKept."""
    _queue.join(row)
    if not row.leads:
        row.turn.wait()
    if row.leads:
        _lead()
    if not row.is_kept:
        raise NotKept from row.error


def _lead() -> None:
    """Write what waits, in this thread, and leave the rest to the next."""
    rows = _queue.take()
    is_any_new = False
    try:
        is_any_new = _write(rows)
    finally:
        _queue.hand_over(rows)
    if is_any_new:
        doorstep.ring()


def _write(rows: list[NewRow]) -> bool:
    """Whether any of them was new. What could not be written carries its error."""
    try:
        is_any_new = _insert(rows)
    except psycopg.Error as error:
        if len(rows) > 1:  # one of them may be to blame, and the others not
            answers = [_write([row]) for row in rows]
            return any(answers)
        rows[0].error = error
        return False
    for row in rows:
        row.is_kept = True
    return is_any_new


# Two deliveries of one event cannot both be new, in whatever processes. `xmax` is 0 for a new row.
_INSERT = """
    INSERT INTO gateway_inboxevent
           (workspace_id, endpoint_id, event_id, event_type, form, body, duplicate_count,
            sent_at, received_at, next_try_at, state, reason, subject, attempt_count)
    VALUES """
_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'waiting', '', '', 0)"
_OR_COUNT = """
    ON CONFLICT (workspace_id, event_id) DO UPDATE
       SET duplicate_count = gateway_inboxevent.duplicate_count + 1 + excluded.duplicate_count
    RETURNING xmax = 0
"""
# One text for each number of rows, so that the database prepares each once. Plain values: psycopg
# takes three times as long to send the same as arrays.
_STATEMENTS = [_INSERT + ", ".join([_ROW] * count) + _OR_COUNT for count in range(MOST_AT_ONCE + 1)]


def _insert(rows: list[NewRow]) -> bool:
    """One statement for all of them; whether any of them is new."""
    first: dict[tuple[int, str], NewRow] = {}
    again: dict[tuple[int, str], int] = {}
    for row in rows:
        key = (row.workspace_id, row.event_id)
        again[key] = again.get(key, -1) + 1
        first.setdefault(key, row)
    values: list[Any] = []
    for key in sorted(first):  # in one order everywhere, so that no two processes wait in a ring
        row = first[key]
        values += [row.workspace_id, row.endpoint_id, row.event_id, row.event_type, row.form]
        values += [row.body, again[key], row.sent_at, row.received_at, row.received_at]
    found = _line.execute(_STATEMENTS[len(first)], values)
    return any(is_new for (is_new,) in found)


class _Line:
    """A process's own connection for these rows: open between requests, its statement prepared.

    Not asked whether it still answers; where it does not, another is opened and the statement
    sent again. A row that was written the first time is then counted as its own duplicate.
    """

    def __init__(self) -> None:
        self._connection: psycopg.Connection[Any] | None = None
        self._process = 0

    def execute(self, statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
        """Run and commit one statement, for one thread at a time. Raises psycopg.Error."""
        try:
            return self._send(statement, values)
        except psycopg.OperationalError:
            self.close()
        return self._send(statement, values)

    def _send(self, statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
        written = statement.encode()  # as bytes: psycopg's types let no text be put together
        return self._open().execute(written, values, prepare=True).fetchall()

    def _open(self) -> psycopg.Connection[Any]:
        if self._process != os.getpid():  # a forked child must not use its parent's
            self._connection, self._process = None, os.getpid()
        if self._connection is None or self._connection.closed:
            said = connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}
            self._connection = psycopg.connect(**said, autocommit=True)
        return self._connection

    def close(self) -> None:
        if self._connection is not None and self._process == os.getpid():
            self._connection.close()
        self._connection = None


_line = _Line()


def close() -> None:
    """End this process's connection, while nothing is written; the next row opens another."""
    _line.close()
