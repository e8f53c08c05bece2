"""Handlers of the webhook endpoints: their objects, URL rules, secrets and lists."""

from __future__ import annotations

import ipaddress
import time
from typing import Any, Final
from urllib.parse import urlsplit

from rivya_app.simulator import signing
from rivya_app.simulator.calls import Call, Handler, Reply
from rivya_app.simulator.deliveries import Courier
from rivya_app.simulator.lists import page_of
from rivya_app.simulator.records import Delivery, Endpoint, Event, wire_time
from rivya_app.simulator.refusals import Refusal
from rivya_app.simulator.validation import json_object, refuse, text_field
from rivya_app.simulator.world import World, new_id

EVENT_TYPES: Final = ("generation.succeeded", "generation.failed")
_LOCAL_NAMES: Final = ("localhost", "local", "internal", "lan", "home", "localdomain", "intranet")
_NAME_LIMIT: Final = 120  # ASSUMED
_URL_LIMIT: Final = 2048  # ASSUMED
_MOST: Final = 20  # ASSUMED: endpoints an account may have


class WebhooksApi:
    def __init__(self, world: World, courier: Courier, *, allow_local: bool) -> None:
        self._world, self._courier, self._allow_local = world, courier, allow_local

    def handlers(self) -> dict[str, Handler]:
        return {
            "webhooks.list": self.list,
            "webhooks.create": self.create,
            "webhooks.get": self.get,
            "webhooks.update": self.update,
            "webhooks.delete": self.delete,
            "webhooks.rotate_secret": self.rotate,
            "webhooks.test": self.test,
            "webhooks.deliveries": self.deliveries,
            "webhook_events.list": self.events,
        }

    async def list(self, call: Call) -> Reply:
        rows = [row for row in self._world.endpoints.values() if row.account == call.account.id]
        return page_of(call, rows, _endpoint)

    async def create(self, call: Call) -> Reply:
        body = json_object(call.body)
        owned = [row for row in self._world.endpoints.values() if row.account == call.account.id]
        if len(owned) >= _MOST:
            raise refuse(f"An account may have {_MOST} endpoints.")
        now = time.time()
        row = Endpoint(
            id=new_id("whend"),
            account=call.account.id,
            name=text_field(body, "name", _NAME_LIMIT) or "Webhook",
            url=self._url(body),
            event_types=_event_types(body.get("event_types", list(EVENT_TYPES))),
            secret=signing.new_secret(),
            created_at=now,
            updated_at=now,
        )
        self._world.save(row)
        return Reply(_endpoint(row) | {"signing_secret": row.secret})

    def _url(self, body: dict[str, Any]) -> str:
        url = text_field(body, "url", _URL_LIMIT)
        if not url:
            raise refuse("url is required.")
        allow_local = self._allow_local or self._world.setting["local_webhooks"]
        if not is_allowed_url(url, allow_local=allow_local):
            raise Refusal("webhook_url_rejected")
        return url

    async def get(self, call: Call) -> Reply:
        return Reply(_endpoint(self._find(call)))

    async def update(self, call: Call) -> Reply:
        """ASSUMED fields: name, url, event_types, status (active or disabled)."""
        row, body = self._find(call), json_object(call.body)
        if "url" in body:
            row.url = self._url(body)
        if "name" in body:
            row.name = text_field(body, "name", _NAME_LIMIT)
        if "event_types" in body:
            row.event_types = _event_types(body["event_types"])
        if "status" in body:
            _set_status(row, body["status"])
        row.updated_at = time.time()
        self._world.save(row)
        return Reply(_endpoint(row))

    async def delete(self, call: Call) -> Reply:
        row = self._find(call)
        self._world.remove(row)
        row.status, row.revoked_at = "revoked", time.time()
        return Reply(_endpoint(row))

    async def rotate(self, call: Call) -> Reply:
        """ASSUMED: the old secret goes on signing, beside the new one, for a while."""
        row, now = self._find(call), time.time()
        row.old_secret, row.secret = row.secret, signing.new_secret()
        row.old_secret_until = now + self._world.setting["rotation_overlap_seconds"]
        row.updated_at = now
        self._world.save(row)
        return Reply(_endpoint(row) | {"signing_secret": row.secret})

    async def test(self, call: Call) -> Reply:
        return Reply(self._delivery(await self._courier.test(self._find(call))))

    async def deliveries(self, call: Call) -> Reply:
        endpoint = self._find(call)
        rows = [row for row in self._world.deliveries.values() if row.endpoint == endpoint.id]
        return page_of(call, list(reversed(rows)), self._delivery)

    async def events(self, call: Call) -> Reply:
        rows = [row for row in self._world.events.values() if row.account == call.account.id]
        return page_of(call, list(reversed(rows)), _event)

    def _find(self, call: Call) -> Endpoint:
        row = self._world.endpoints.get(call.path["endpointId"])
        if row is None or row.account != call.account.id:
            raise Refusal("not_found", "There is no such endpoint.")
        return row

    def _delivery(self, row: Delivery) -> dict[str, Any]:
        """ASSUMED shape."""
        event = self._world.events[row.event]
        last = row.attempts[-1] if row.attempts else None
        pending = row.state == "pending"
        return {
            "id": row.id,
            "object": "webhook_delivery",
            "endpoint_id": row.endpoint,
            "event_id": event.id,
            "event_type": event.type,
            "status": "pending" if row.state == "lost" else row.state,
            "attempts": len(row.attempts),
            "response_status": (last["status"] or None) if last else None,
            "error": (last["error"] or None) if last else None,
            "created_at": wire_time(row.created_at),
            "last_attempt_at": wire_time(last["at"]) if last else None,
            "next_attempt_at": wire_time(row.next_attempt_at) if pending else None,
        }


def is_allowed_url(url: str, *, allow_local: bool) -> bool:
    """The documented rules; with ``allow_local`` plain http to loopback is let through too."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not host or "@" in parts.netloc or parts.fragment or any(c.isspace() for c in url):
        return False
    if allow_local and parts.scheme in ("http", "https") and _is_loopback(host):
        return True
    return parts.scheme == "https" and not _is_private(host)


def _is_loopback(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _is_private(host: str) -> bool:
    address = _address(host)
    if address is not None:
        return not address.is_global or address.is_multicast
    labels = host.rstrip(".").lower().split(".")
    return len(labels) < 2 or labels[-1] in _LOCAL_NAMES or labels[-1].isdigit()


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _event_types(given: Any) -> list[str]:
    if not isinstance(given, list) or not given or any(word not in EVENT_TYPES for word in given):
        raise refuse(f"event_types is a list of {' and '.join(EVENT_TYPES)}.")
    return list(dict.fromkeys(given))


def _set_status(row: Endpoint, status: Any) -> None:
    if status not in ("active", "disabled"):
        raise refuse("status is active or disabled.")
    row.status = status
    row.disabled_at = time.time() if status == "disabled" else None
    row.failure_count = 0


def _endpoint(row: Endpoint) -> dict[str, Any]:
    """The documented object, without its secret."""
    return {
        "id": row.id,
        "object": "webhook_endpoint",
        "name": row.name,
        "url": row.url,
        "event_types": row.event_types,
        "status": row.status,
        "secret_preview": signing.preview(row.secret),
        "last_success_at": _maybe_time(row.last_success_at),
        "last_failure_at": _maybe_time(row.last_failure_at),
        "failure_count": row.failure_count,
        "created_at": wire_time(row.created_at),
        "updated_at": wire_time(row.updated_at),
        "disabled_at": _maybe_time(row.disabled_at),
        "revoked_at": _maybe_time(row.revoked_at),
    }


def _maybe_time(seconds: float | None) -> str | None:
    return None if seconds is None else wire_time(seconds)


def _event(row: Event) -> dict[str, Any]:
    """ASSUMED: the envelope that is delivered, marked as an event."""
    return {"object": "webhook_event"} | row.payload
