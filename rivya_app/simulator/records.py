"""What the stand-in remembers, as plain rows; it holds no behaviour beyond cheap properties.

Credits are integers in hundredths of a credit; times are seconds since 1970 (UTC).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

SCOPES: Final[tuple[str, ...]] = (
    "models:read",
    "generations:create",
    "generations:read",
    "files:create",
    "files:read",
    "credits:read",
    "webhooks:manage",
    "chat:create",
    "chat:read",
)


def wire_time(seconds: float) -> str:
    """ISO 8601 UTC with milliseconds and Z, as every documented example shows it."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def wire_credits(hundredths: int) -> int | float:
    """A whole number of credits as an integer, any other with two places."""
    return hundredths // 100 if hundredths % 100 == 0 else hundredths / 100


def hundredths(amount: float) -> int:
    """Credits as given on the wire or by the control API, in hundredths (rounded half up)."""
    return math.floor(amount * 100 + 0.5)


@dataclass
class Account:
    kind: ClassVar[str] = "account"
    id: str
    name: str
    created_at: float
    balance: int = 0
    """What may still be spent: reservations are already taken out of it."""
    reserved: int = 0


@dataclass
class Key:
    kind: ClassVar[str] = "key"
    id: str
    name: str
    account: str
    prefix: str
    digest: str
    """SHA-256 of the key: the key itself is kept nowhere."""
    created_at: float
    scopes: list[str] = field(default_factory=lambda: list(SCOPES))
    state: str = "active"
    speed: float | None = None


@dataclass
class Task:
    kind: ClassVar[str] = "task"
    id: str
    account: str
    key: str
    model: str
    prompt: str
    params: dict[str, Any]
    seed: int
    created_at: float
    starts_at: float
    ends_at: float
    reserved: int
    cost: int
    """What it will cost when it succeeds."""
    outputs: list[str]
    """File-name extensions of the results, in their order."""
    outcome: str = "succeeded"
    error_code: str = ""
    keeps_credits: bool = False
    unknown_status: str = ""
    client_request_id: str = ""
    idempotency_key: str = ""
    create_calls: int = 1
    faults: list[dict[str, Any]] = field(default_factory=list)
    status: str = ""
    """Empty while open, then ``succeeded`` or ``failed``."""
    final: int = 0
    closed_at: float = 0.0

    @property
    def is_closed(self) -> bool:
        return bool(self.status)


@dataclass
class StoredFile:
    kind: ClassVar[str] = "file"
    id: str
    account: str
    media: str
    """``image``, ``video`` or ``audio``."""
    name: str
    mime_type: str
    size: int
    created_at: float
    expires_at: float
    token: str
    """The unguessable part of its address."""
    duration_seconds: float | None = None
    duration_token: str | None = None
    client_request_id: str = ""


@dataclass
class Reply:
    """A first answer kept for its Idempotency-Key."""

    kind: ClassVar[str] = "reply"
    id: str
    """Account, operation and key, joined by line feeds."""
    body_digest: str
    status: int
    body: Any
    created_at: float
    task: str = ""


@dataclass
class Session:
    kind: ClassVar[str] = "session"
    id: str
    account: str
    model: str
    title: str
    created_at: float
    updated_at: float
    messages: list[dict[str, Any]] = field(default_factory=list)
    open_reserved: int = 0
    """What the turn now being answered holds; 0 between turns."""
    origin: str = "api"


@dataclass
class Endpoint:
    kind: ClassVar[str] = "endpoint"
    id: str
    account: str
    name: str
    url: str
    event_types: list[str]
    secret: str
    created_at: float
    updated_at: float
    status: str = "active"
    old_secret: str = ""
    old_secret_until: float = 0.0
    last_success_at: float | None = None
    last_failure_at: float | None = None
    failure_count: int = 0
    disabled_at: float | None = None
    revoked_at: float | None = None


@dataclass
class Event:
    kind: ClassVar[str] = "event"
    id: str
    account: str
    type: str
    created_at: float
    payload: dict[str, Any]
    task: str = ""


@dataclass
class Delivery:
    kind: ClassVar[str] = "delivery"
    id: str
    endpoint: str
    event: str
    created_at: float
    next_attempt_at: float
    state: str = "pending"
    """``pending``, ``succeeded``, ``failed`` or ``lost`` (by fault)."""
    attempts: list[dict[str, Any]] = field(default_factory=list)
    twist: str = ""
    """What a fault does to it: ``forged``, ``stale:900``, ``unsigned``, ``bell`` and so on."""


@dataclass
class ArmedFault:
    kind: ClassVar[str] = "fault"
    id: str
    fault: str
    scope: str
    created_at: float
    options: dict[str, Any] = field(default_factory=dict)
    on: list[str] = field(default_factory=list)
    times_left: int | None = None


@dataclass
class Setting:
    kind: ClassVar[str] = "setting"
    id: str
    value: Any


Row = (
    Account
    | Key
    | Task
    | StoredFile
    | Reply
    | Session
    | Endpoint
    | Event
    | Delivery
    | ArmedFault
    | Setting
)
ROW_TYPES: Final[dict[str, type[Row]]] = {
    row.kind: row
    for row in (
        Account,
        Key,
        Task,
        StoredFile,
        Reply,
        Session,
        Endpoint,
        Event,
        Delivery,
        ArmedFault,
        Setting,
    )
}
