"""Takes in what is posted to an endpoint: proves it, keeps it in one row, and does nothing else.

Of a post that proves nothing only a count is kept.
"""

import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from time import monotonic
from typing import Any
from uuid import UUID

from django.conf import settings

from rivya_app.core import clock
from rivya_app.core.sealed import Secret, seal
from rivya_app.gateway import doorstep, inbox_rows
from rivya_app.gateway.inbox_rows import NewRow
from rivya_app.gateway.webhook_models import WebhookEndpoint
from rivya_app.rivya_api import reading, webhooks
from rivya_app.rivya_api.errors import SignatureRefused

KNOWN_FOR = 5.0  # seconds an endpoint is remembered by a process
_ASKED_AGAIN_AFTER = 1.0  # seconds; a wrong signature may mean that the secret is newer
_MOST_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class _Endpoint:
    pk: int
    workspace_id: int
    secret: Secret
    old_secret: Secret
    old_secret_until: datetime | None
    read_at: float = field(default_factory=monotonic)

    def secrets(self) -> list[str]:
        """Those that hold now, the newer first."""
        is_old_held = self.old_secret_until is not None and self.old_secret_until > clock.now()
        held = (self.secret, self.old_secret) if is_old_held else (self.secret,)
        return [secret.reveal() for secret in held if secret]


def take(public_id: UUID, headers: Mapping[str, str], body: bytes) -> HTTPStatus:
    """Keep a verified event and return the answer to give: 202, 401, or 404 for no such endpoint.

    The same event again is 202 and counts as a duplicate. A paused endpoint still answers 202:
    a refusal would make Rivya try for hours; what came is kept and does nothing.
    """
    endpoint = _known(public_id)
    if endpoint is None:
        return HTTPStatus.NOT_FOUND
    try:
        verified = _verify(public_id, endpoint, headers, body)
    except SignatureRefused as refusal:
        doorstep.count_refusal(endpoint.pk, refusal.reason, list(refusal.header_names))
        return HTTPStatus.UNAUTHORIZED
    _keep(endpoint, verified, body)
    return HTTPStatus.ACCEPTED


def refuse_size(public_id: UUID) -> HTTPStatus:
    """Count a post that was too large to be read."""
    endpoint = _known(public_id)
    if endpoint is None:
        return HTTPStatus.NOT_FOUND
    doorstep.count_refusal(endpoint.pk, "too_large", [])
    return HTTPStatus.REQUEST_ENTITY_TOO_LARGE


# --- Whose it is ----------------------------------------------------------------------------------

_remembered: dict[UUID, _Endpoint] = {}
_remembering = threading.Lock()


def _known(public_id: UUID) -> _Endpoint | None:
    found = _remembered.get(public_id)
    if found is not None and monotonic() - found.read_at < KNOWN_FOR:
        return found
    return _read(public_id)


def _read(public_id: UUID) -> _Endpoint | None:
    rows = WebhookEndpoint.objects.exclude(state=WebhookEndpoint.State.REMOVED)
    names = ("pk", "workspace_id", "secret", "old_secret", "old_secret_until")
    row = rows.filter(public_id=public_id).values_list(*names).first()
    with _remembering:
        if row is None:
            _remembered.pop(public_id, None)
            return None
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        found = _remembered[public_id] = _Endpoint(*row)
    return found


def _verify(
    public_id: UUID, endpoint: _Endpoint, headers: Mapping[str, str], body: bytes
) -> webhooks.Verified:
    """Raises SignatureRefused. A secret that was rotated elsewhere is read before it is refused."""
    try:
        return _prove(endpoint, headers, body)
    except SignatureRefused as refusal:
        is_fresh = monotonic() - endpoint.read_at < _ASKED_AGAIN_AFTER
        if refusal.reason not in ("mismatch", "no_secret") or is_fresh:
            raise
    newer = _read(public_id)
    if newer is None:
        raise SignatureRefused("no_secret", sorted(headers))
    return _prove(newer, headers, body)


def _prove(endpoint: _Endpoint, headers: Mapping[str, str], body: bytes) -> webhooks.Verified:
    return webhooks.verify(
        headers,
        body,
        endpoint.secrets(),
        now=clock.now(),
        hex_header=settings.WEBHOOK_HEX_HEADER,
    )


# --- The row --------------------------------------------------------------------------------------


def _keep(endpoint: _Endpoint, verified: webhooks.Verified, body: bytes) -> None:
    """One row for one event, committed when this returns."""
    text = body.decode(errors="replace")
    event_id, event_type = _named(text, verified.event_id)
    inbox_rows.keep(
        NewRow(
            workspace_id=endpoint.workspace_id,
            endpoint_id=endpoint.pk,
            event_id=event_id,
            event_type=event_type,
            form=verified.form,
            body=seal(text),
            sent_at=verified.timestamp,
            received_at=clock.now(),
        )
    )


def _named(text: str, signed_id: str) -> tuple[str, str]:
    """The event's id and type. The body's own id is what Rivya's lists show; without any, the
    same bytes are the same event."""
    try:
        envelope: Any = json.loads(text)
    except (ValueError, RecursionError):  # the latter of nesting without an end
        envelope = None
    named = envelope if isinstance(envelope, dict) else {}
    own, event_type = named.get("id"), named.get("type")
    if isinstance(own, str) and reading.is_identifier(own):
        event_id = own
    else:
        event_id = signed_id or f"body:{hashlib.sha256(text.encode()).hexdigest()}"
    if isinstance(event_type, str) and event_type.isprintable():
        return event_id, event_type[:80]
    return event_id, ""
