"""What the owner's page about webhooks shows, gathered. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Q, Sum

from rivya_app.core import clock
from rivya_app.gateway import access, public_address
from rivya_app.gateway.remote_webhooks import Account, accounts_of
from rivya_app.gateway.webhook_models import InboxEvent, WebhookEndpoint, WebhookRefusal
from rivya_app.gateway.webhook_words import (
    EVENT_LABELS,
    REASONS,
    REFUSALS,
    RULES,
    Standing,
    standing,
)
from rivya_app.workspaces.models import Membership

EVENTS_SHOWN = 40
COUNTED_FOR = timedelta(days=7)
_TONES = {"waiting": "queued", "applied": "succeeded", "ignored": "retired"}


@dataclass(frozen=True, slots=True)
class EndpointCard:
    """One endpoint of ours, how far it can be relied on, and what was refused at its door."""

    row: WebhookEndpoint
    standing: Standing
    event_labels: list[Any]
    refusals: list["RefusalLine"]
    is_elsewhere: bool  # registered under another address than this site has now

    @property
    def is_old_secret_held(self) -> bool:
        until = self.row.old_secret_until
        return until is not None and until > clock.now()


@dataclass(frozen=True, slots=True)
class RefusalLine:
    """So many posts refused for one reason, with the header names of the last one."""

    row: WebhookRefusal
    words: Any


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event of the inbox with its words."""

    row: InboxEvent
    tone: str
    words: Any


def index(member: Membership) -> dict[str, Any]:
    """Everything that needs no answer of Rivya."""
    return {
        "cards": _cards(member),
        "address": settings.PUBLIC_URL,
        "rules": [(RULES[rule.code], rule.is_kept) for rule in public_address.rules()],
        "is_reachable": public_address.is_reachable(),
        "is_own_loopback": public_address.is_own_loopback(),
        "has_key": bool(access.webhook_keys(member)),
        "events": [event_line(row) for row in access.inbox_of(member)[:EVENTS_SHOWN]],
        "counts": _counts(member),
    }


def at_rivya(member: Membership) -> dict[str, list[Account]]:
    """Rivya's own lists, asked for now; may take seconds."""
    return {"accounts": accounts_of(member)}


def event_line(row: InboxEvent) -> EventLine:
    return EventLine(row, _TONES[row.state], REASONS.get(row.reason, row.reason))


def _cards(member: Membership) -> list[EndpointCard]:
    rows = access.webhook_endpoints(member).prefetch_related("refusals")
    return [_card(row) for row in rows]


def _card(row: WebhookEndpoint) -> EndpointCard:
    return EndpointCard(
        row=row,
        standing=standing(row),
        event_labels=[EVENT_LABELS.get(each, each) for each in row.event_types],
        refusals=_refusal_lines(row.refusals.all()),
        is_elsewhere=row.url != public_address.url_of(row.public_id),
    )


def _refusal_lines(rows: Iterable[WebhookRefusal]) -> list[RefusalLine]:
    newest = sorted(rows, key=lambda row: row.last_at, reverse=True)
    return [RefusalLine(row, REFUSALS.get(row.reason, row.reason)) for row in newest]


def _counts(member: Membership) -> dict[str, int]:
    """The last week: events by what became of them, and ends that only polling found."""
    since = clock.now() - COUNTED_FOR
    rows = access.inbox_of(member).filter(received_at__gte=since).order_by()
    by_state = {state: Count("pk", filter=Q(state=state)) for state in InboxEvent.State.values}
    counted = rows.aggregate(
        received=Count("pk"), duplicates=Sum("duplicate_count", default=0), **by_state
    )
    missed = access.webhook_endpoints(member).aggregate(missed=Sum("missed_total", default=0))
    return counted | missed
