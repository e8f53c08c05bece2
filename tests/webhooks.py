"""Webhook endpoints of the tests, and posts to them signed as Rivya might."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from rivya_app.core import clock
from rivya_app.core.sealed import Secret
from rivya_app.gateway import inbox_rows
from rivya_app.gateway.models import ApiKey
from rivya_app.gateway.webhook_models import WebhookEndpoint
from rivya_app.gateway.webhooks import JOB_EVENTS
from rivya_app.simulator import signing

SECRET = signing.new_secret()


@pytest.fixture(autouse=True)
def no_line_left_open() -> Iterator[None]:
    """The writer's own connection ends with the test, so that its database can be dropped."""
    yield
    inbox_rows.close()


def make_endpoint(shop: Any = None, *, key: ApiKey | None = None, **fields: Any) -> WebhookEndpoint:
    """An endpoint in use as it is after Rivya's answer, with a secret of the tests."""
    key = key or shop.key
    public_id = uuid4()
    values: dict[str, Any] = {
        "public_id": public_id,
        "workspace": key.workspace,
        "api_key": key,
        "name": "Production",
        "event_types": list(JOB_EVENTS),
        "url": f"https://shop.example/hooks/rivya/{public_id}/",
        "remote_id": f"whend_{public_id.hex[:12]}",
        "secret": Secret(SECRET),
        "state": WebhookEndpoint.State.ACTIVE,
    }
    return WebhookEndpoint.objects.create(**{**values, **fields})


def envelope(job: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """An event about `job` (a generation as Rivya shows it), with an id of its own."""
    status = (job or {}).get("status", "succeeded")
    return {
        "id": f"evt_{uuid4().hex[:20]}",
        "type": f"generation.{status}",
        "api_version": "2026-05-11",
        "created_at": "2026-05-11T00:00:00.000Z",
        "data": {"object": job},
        **fields,
    }


def signed(
    event: dict[str, Any] | bytes,
    *,
    secret: str = SECRET,
    form: str = "standard",
    moment: datetime | None = None,
    event_id: str = "",
) -> tuple[bytes, dict[str, str]]:
    """The raw body and the headers of a post."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    named = event_id or (event.get("id", "evt_x") if isinstance(event, dict) else "evt_x")
    when = int((moment or clock.now()).timestamp())
    return body, signing.headers(form, [secret], named, when, body, "Rivya-Signature")


def post(public_id: UUID, body: bytes, headers: dict[str, str]) -> int:
    """The status of the answer, as a stranger on the Internet gets it."""
    named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    answer = Client().post(
        f"/hooks/rivya/{public_id}/", body, content_type="application/json", **named
    )
    return answer.status_code


def tell(endpoint: WebhookEndpoint, event: dict[str, Any], **options: Any) -> int:
    """Sign and post an event to an endpoint."""
    return post(endpoint.public_id, *signed(event, **options))
