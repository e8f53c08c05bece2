"""Posts to a webhook's address that no honest Rivya makes, with a right signature and without."""

from typing import Any

import pytest
from django.test import Client

from rivya_app.gateway import inbox
from rivya_app.gateway.models import ApiKey
from rivya_app.gateway.webhook_models import InboxEvent, WebhookEndpoint
from tests.gateway.conftest import AddKey
from tests.webhooks import envelope, make_endpoint, post, signed, tell

pytestmark = pytest.mark.django_db(transaction=True)
NESTED = b'{"id": "evt_1", "type": "generation.succeeded", "data": ' + b"[" * 100_000


@pytest.fixture
def key(add_key: AddKey) -> ApiKey:
    return add_key()


@pytest.fixture
def endpoint(key: ApiKey) -> WebhookEndpoint:
    return make_endpoint(key=key)


@pytest.mark.parametrize(
    "body",
    [
        NESTED,
        b"[" * 100_000,
        b'{"id": "\\ud800", "type": "\\u0000"}',
        b'{"id": {}, "type": "generation.succeeded", "data": {"object": {"id": "\\u0000"}}}',
        b'{"type": "generation.succeeded", "data": ' + b"9" * 5000 + b"}",
        b'{"type": "generation.failed", "data": {"id": "t", "status": "failed", "credits": NaN}}',
    ],
    ids=["nested", "only brackets", "half a character", "zero id", "endless number", "no number"],
)
def test_a_proven_post_however_odd_is_kept_and_comes_to_an_end(
    endpoint: WebhookEndpoint, body: bytes
) -> None:
    raw, headers = signed(body, form="hex")
    assert post(endpoint.public_id, raw, headers) == 202
    inbox.drain()
    row = InboxEvent.objects.get()
    assert (row.state, row.reason) != ("waiting", "trouble")


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"],
)
def test_the_body_counts_and_not_what_it_is_said_to_be(
    endpoint: WebhookEndpoint, content_type: str
) -> None:
    body, headers = signed(envelope())
    named: dict[str, Any] = {f"HTTP_{n.upper().replace('-', '_')}": v for n, v in headers.items()}
    address = f"/hooks/rivya/{endpoint.public_id}/"
    answer = Client().generic("POST", address, body, content_type=content_type, **named)
    assert answer.status_code == 202


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"])
def test_no_other_method_is_answered(endpoint: WebhookEndpoint, method: str) -> None:
    body, headers = signed(envelope())
    named: dict[str, Any] = {f"HTTP_{n.upper().replace('-', '_')}": v for n, v in headers.items()}
    answer = Client().generic(method, f"/hooks/rivya/{endpoint.public_id}/", body, **named)
    assert answer.status_code == 405
    assert not InboxEvent.objects.exists()


def test_what_is_signed_for_one_endpoint_proves_nothing_at_another(
    endpoint: WebhookEndpoint, key: ApiKey
) -> None:
    other = make_endpoint(key=key, secret="whsec_" + "QUJD" * 11)
    body, headers = signed(envelope())
    assert post(other.public_id, body, headers) == 401
    assert tell(endpoint, envelope()) == 202
