"""The durable side of the memory: rows as JSON in one SQLite file."""

from __future__ import annotations

import fcntl
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from rivya_app.simulator.records import ROW_TYPES, Row


class StateInUse(Exception):
    """Another process already works in this folder."""


class Store:
    """One SQLite file in write-ahead mode.

    ``synchronous=OFF`` is enough here: what is committed is with the operating system and
    outlives this process, however it dies. Only a crash of the machine itself may lose it.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = (folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StateInUse(str(folder)) from error
        self._db = sqlite3.connect(folder / "state.sqlite3", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS rows"
            " (kind TEXT, id TEXT, body TEXT, PRIMARY KEY (kind, id))"
        )

    def load(self) -> Iterator[Row]:
        """Every row, oldest first."""
        for kind, body in self._db.execute("SELECT kind, body FROM rows ORDER BY rowid"):
            yield ROW_TYPES[kind](**json.loads(body))

    def write(self, rows: list[Row], gone: list[tuple[str, str]]) -> None:
        """Write and remove rows as one whole."""
        self._db.execute("BEGIN")
        self._db.executemany(
            "INSERT INTO rows (kind, id, body) VALUES (?, ?, ?)"
            " ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
            [(row.kind, row.id, json.dumps(vars(row))) for row in rows],
        )
        self._db.executemany("DELETE FROM rows WHERE kind = ? AND id = ?", gone)
        self._db.execute("COMMIT")

    def clear(self) -> None:
        self._db.execute("DELETE FROM rows")

    def close(self) -> None:
        self._db.close()
        self._lock.close()
