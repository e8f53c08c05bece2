"""The whole memory of the stand-in: rows by id, looked up in memory, written through the store."""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path
from typing import Any

from rivya_app.simulator.records import (
    SCOPES,
    Account,
    ArmedFault,
    Delivery,
    Endpoint,
    Event,
    Key,
    Reply,
    Row,
    Session,
    Setting,
    StoredFile,
    Task,
)
from rivya_app.simulator.settings import SWITCHES, cleaned
from rivya_app.simulator.store import Store

KEY_PREFIX = "rvya_sk_"
MAIN_ACCOUNT = "main"


def new_id(prefix: str) -> str:
    return f"{prefix}_{secrets.token_hex(12)}"


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class World:
    """Rows in memory and on disk. ``save`` marks, ``commit`` writes: always before an answer."""

    def __init__(self, folder: Path, base_settings: dict[str, Any] | None = None) -> None:
        self.folder = folder
        self._store = Store(folder)
        self._base_settings = base_settings or {}
        self._dirty: dict[tuple[str, str], Row] = {}
        self._gone: list[tuple[str, str]] = []
        self._empty()
        for row in self._store.load():
            self._keep(row)
        self._found()

    def _empty(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.keys: dict[str, Key] = {}
        self.keys_by_digest: dict[str, Key] = {}
        self.tasks: dict[str, Task] = {}
        self.files: dict[str, StoredFile] = {}
        self.replies: dict[str, Reply] = {}
        self.sessions: dict[str, Session] = {}
        self.endpoints: dict[str, Endpoint] = {}
        self.events: dict[str, Event] = {}
        self.deliveries: dict[str, Delivery] = {}
        self.faults: dict[str, ArmedFault] = {}
        self._settings: dict[str, Setting] = {}
        self._tables: dict[str, dict[str, Any]] = {
            "account": self.accounts,
            "key": self.keys,
            "task": self.tasks,
            "file": self.files,
            "reply": self.replies,
            "session": self.sessions,
            "endpoint": self.endpoints,
            "event": self.events,
            "delivery": self.deliveries,
            "fault": self.faults,
            "setting": self._settings,
        }
        self.setting: dict[str, Any] = {
            name: switch.default for name, switch in SWITCHES.items()
        } | self._base_settings

    def _found(self) -> None:
        """What a new world needs: a signing secret for links, and one account."""
        if "link_secret" not in self._settings:
            self.save(Setting("link_secret", secrets.token_hex(32)))
        self.link_secret = bytes.fromhex(self._settings["link_secret"].value)
        self.account(MAIN_ACCOUNT)
        self.commit()

    def _keep(self, row: Row) -> None:
        self._tables[row.kind][row.id] = row
        if isinstance(row, Key):
            self.keys_by_digest[row.digest] = row
        if isinstance(row, Setting) and row.id in SWITCHES:
            self.setting[row.id] = row.value

    def save(self, *rows: Row) -> None:
        for row in rows:
            self._keep(row)
            self._dirty[row.kind, row.id] = row

    def remove(self, row: Row) -> None:
        self._tables[row.kind].pop(row.id, None)
        self._dirty.pop((row.kind, row.id), None)
        self._gone.append((row.kind, row.id))

    def commit(self) -> None:
        """Write everything marked since the last time, as one whole."""
        if self._dirty or self._gone:
            self._store.write(list(self._dirty.values()), self._gone)
            self._dirty.clear()
            self._gone.clear()

    def reset(self) -> None:
        """Forget everything, settings included."""
        self._dirty.clear()
        self._gone.clear()
        self._store.clear()
        self._empty()
        self._found()

    def close(self) -> None:
        self._store.close()

    def set(self, name: str, value: Any) -> None:
        """Change one setting. Raises BadSetting."""
        self.save(Setting(name, cleaned(name, value)))

    def account(self, name: str, now: float = 0.0) -> Account:
        """The account of that name, opened with the default credits when new."""
        if name not in self.accounts:
            start = int(self.setting["default_credits"]) * 100
            self.save(Account(name, name, now, balance=start))
        return self.accounts[name]

    def new_key(
        self, name: str, now: float, account: str = MAIN_ACCOUNT, scopes: list[str] | None = None
    ) -> tuple[Key, str]:
        """A key and its secret, which is kept only as a digest."""
        secret = KEY_PREFIX + secrets.token_hex(20)
        key = Key(
            id=new_id("key"),
            name=name,
            account=self.account(account, now).id,
            prefix=secret[:12],
            digest=digest_of(secret),
            created_at=now,
            scopes=list(SCOPES) if scopes is None else scopes,
        )
        self.save(key)
        return key, secret

    def speed_of(self, key: Key) -> float:
        return float(key.speed or self.setting["speed"])
