"""The queue of verified events: what came is looked at once, later again, and then settled.

The row is the queue. A claim writes the row's next time, so that a worker that dies only delays
it; what handles an event may therefore run twice. Higher rooms register what an event type does.
"""

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction

from rivya_app.core import clock
from rivya_app.core.sealed import SealBroken
from rivya_app.gateway import doorstep, webhooks
from rivya_app.gateway.webhook_models import InboxEvent, WebhookEndpoint

logger = logging.getLogger(__name__)

BATCH = 25
LEASE = timedelta(seconds=120)  # longer than a batch takes while Rivya answers
WAITS = (1, 2, 4, 8, 15, 30, 60, 120)  # seconds before each further look
GIVE_UP_AFTER = timedelta(minutes=10)  # polling has found the end long before
TIME_BUDGET = 20.0  # seconds one drain may go on claiming
_SLOTS = (7_403_101, 7_403_102)  # advisory locks: so many drains at once

State = InboxEvent.State


@dataclass(frozen=True, slots=True)
class Arrived:
    """A verified event. `environment` is that of the key its endpoint was registered with."""

    workspace_id: int
    environment: str
    event_type: str
    received_at: datetime
    payload: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an event: a state, the reason as a code, the job it spoke of.

    WAITING asks for another look, until GIVE_UP_AFTER makes it IGNORED for the same reason.
    """

    state: str
    reason: str = ""
    subject: str = ""


Handler = Callable[[Arrived], Verdict]
_handlers: dict[str, Handler] = {}


def register(event_type: str, handler: Handler) -> None:
    """Say what an event type does. Raises ImproperlyConfigured for a second handler."""
    if _handlers.get(event_type, handler) is not handler:
        raise ImproperlyConfigured(f"{event_type} has a handler already.")
    _handlers[event_type] = handler


def drain() -> int:
    """Look at every event that is due. Returns how many; 0 where enough others are at it."""
    doorstep.answer_bell()
    looked, began = 0, monotonic()
    with _slot() as is_free:
        while is_free and monotonic() - began < TIME_BUDGET and (events := claim()):
            webhooks.note_heard(each.endpoint_id for each in events if each.attempt_count == 1)
            for event in events:
                look_at(event)
            looked += len(events)
    return looked


_CLAIM_SQL = """
    UPDATE gateway_inboxevent SET attempt_count = attempt_count + 1, next_try_at = %(until)s
     WHERE id IN (
         SELECT id FROM gateway_inboxevent
          WHERE state = 'waiting' AND next_try_at <= %(now)s
          ORDER BY next_try_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
    RETURNING *
"""


def claim(limit: int = BATCH) -> list[InboxEvent]:
    """Up to `limit` events whose time has come, leased to the caller."""
    now = clock.now()
    values = {"now": now, "until": now + LEASE, "limit": limit}
    claimed = list(InboxEvent.objects.raw(_CLAIM_SQL, values))
    endpoints = WebhookEndpoint.objects.select_related("api_key").defer(
        "secret", "old_secret", "api_key__secret"
    )
    found = endpoints.in_bulk({event.endpoint_id for event in claimed})
    for event in claimed:
        event.endpoint = found[event.endpoint_id]
    return claimed


def look_at(event: InboxEvent) -> None:
    """Let the event do what it does, outside any transaction, and write down what became of it.

    A fault with one event never stops the others.
    """
    try:
        verdict = _verdict(event)
    except Exception:
        logger.exception("event %s could not be applied", event.event_id)
        verdict = Verdict(State.WAITING, "trouble")
    _note(event, verdict)


def _verdict(event: InboxEvent) -> Verdict:
    if event.endpoint.state != WebhookEndpoint.State.ACTIVE:
        return Verdict(State.IGNORED, "paused")
    handler = _handlers.get(event.event_type)
    if handler is None:
        is_test = "test" in event.event_type.lower().split(".")
        return Verdict(State.IGNORED, "test" if is_test else "unknown_type")
    payload = _payload(event)
    if payload is None:
        return Verdict(State.IGNORED, "unreadable")
    environment = event.endpoint.api_key.environment
    return handler(
        Arrived(event.workspace_id, environment, event.event_type, event.received_at, payload)
    )


def _payload(event: InboxEvent) -> dict[str, Any] | None:
    try:
        found = json.loads(event.body.reveal())
    except (ValueError, RecursionError, SealBroken):
        return None
    return found if isinstance(found, dict) else None


def _note(event: InboxEvent, verdict: Verdict) -> None:
    now = clock.now()
    is_over = verdict.state != State.WAITING or now - event.received_at > GIVE_UP_AFTER
    state = State.IGNORED if is_over and verdict.state == State.WAITING else verdict.state
    rows = InboxEvent.objects.filter(pk=event.pk, state=State.WAITING)
    said = {"reason": verdict.reason, "subject": verdict.subject[:255]}
    if is_over:
        rows.update(state=state, settled_at=now, next_try_at=None, body="", **said)
        logger.info(
            "event %s %s %s %s", event.event_id, event.event_type, state, verdict.reason or "-"
        )
        return
    pause = WAITS[min(event.attempt_count, len(WAITS)) - 1]
    rows.update(next_try_at=now + timedelta(seconds=pause), **said)


def replay(workspace_id: int, event_id: str) -> bool:
    """Have an event that still waits looked at now; False where it is settled and wiped.

    Looking at it twice does nothing twice. Inside the caller's transaction.
    """
    waiting = InboxEvent.objects.filter(
        workspace=workspace_id, event_id=event_id, state=State.WAITING
    )
    is_waiting = waiting.update(next_try_at=clock.now()) > 0
    if is_waiting:
        transaction.on_commit(doorstep.ring, robust=True)
    return is_waiting


def forget_old() -> int:
    """Delete what was settled more than INBOX_KEPT_DAYS ago. Returns how many.

    An event cannot come again by then: a signature that old is refused.
    """
    before = clock.now() - timedelta(days=settings.INBOX_KEPT_DAYS)
    return InboxEvent.objects.filter(settled_at__lt=before).delete()[0]


@contextmanager
def _slot() -> Iterator[bool]:
    """Whether this drain may go on: a burst must not take every worker from other tasks."""
    taken = next((number for number in _SLOTS if _lock("pg_try_advisory_lock", number)), None)
    try:
        yield taken is not None
    finally:
        if taken is not None:
            _lock("pg_advisory_unlock", taken)


def _lock(function: str, number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [number])
        return bool(cursor.fetchone()[0])
