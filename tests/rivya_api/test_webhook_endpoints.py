"""Making, testing, rotating, changing and removing webhook endpoints [docs/api-webhooks]."""

import json

import httpx
import pytest

from rivya_app.rivya_api import RivyaClient, errors
from rivya_app.rivya_api.types import Job, WebhookEvent, find_job, find_job_id
from tests.rivya_api.conftest import Stage, job, refusal

TYPES = ["generation.succeeded", "generation.failed"]
ENDPOINT = {
    "id": "whend_1",
    "object": "webhook_endpoint",
    "name": "Production webhook",
    "url": "https://example.com/rivya/webhook",
    "event_types": TYPES,
    "status": "active",
    "secret_preview": "whsec_12...abc123",
    "signing_secret": "whsec_full",
    "last_success_at": None,
    "last_failure_at": None,
    "failure_count": 0,
    "created_at": "2026-05-11T00:00:00.000Z",
    "updated_at": "2026-05-11T00:00:00.000Z",
    "disabled_at": None,
    "revoked_at": None,
}


def _asked(stage: Stage) -> tuple[str, str, object]:
    body = stage.bodies[-1]
    sent = stage.requests[-1]
    return sent.method, sent.url.path, json.loads(body) if body else None


def test_it_registers_an_endpoint(stage: Stage, rivya: RivyaClient) -> None:
    stage.says(ENDPOINT, 201)
    made = rivya.webhooks.create(
        name="Production webhook", url="https://example.com/rivya/webhook", event_types=TYPES
    )
    expected = {key: ENDPOINT[key] for key in ("name", "url", "event_types")}
    assert _asked(stage) == ("POST", "/api/v1/webhooks", expected)
    assert (made.id, made.status, made.signing_secret) == ("whend_1", "active", "whsec_full")
    assert made.event_types == tuple(TYPES)
    assert made.failure_count == 0
    assert made.disabled_at is None


def test_it_says_when_an_address_is_not_allowed(stage: Stage, rivya: RivyaClient) -> None:
    stage.answers(refusal("webhook_url_rejected", 400))
    with pytest.raises(errors.WebhookUrlRejected):
        rivya.webhooks.create(name="n", url="https://localhost/", event_types=TYPES)


def test_it_reads_and_changes_endpoints(stage: Stage, rivya: RivyaClient) -> None:
    stage.says({"object": "list", "data": [ENDPOINT]})
    assert [endpoint.id for endpoint in rivya.webhooks.list()] == ["whend_1"]
    stage.says(ENDPOINT)
    assert rivya.webhooks.get("whend_1").name == "Production webhook"
    assert _asked(stage) == ("GET", "/api/v1/webhooks/whend_1", None)
    assert rivya.webhooks.update("whend_1", name="New").id == "whend_1"
    assert _asked(stage) == ("PATCH", "/api/v1/webhooks/whend_1", {"name": "New"})


@pytest.mark.parametrize(
    "body", [ENDPOINT, {"signing_secret": "whsec_full"}, {"secret": "whsec_full"}]
)
def test_it_rotates_a_secret(stage: Stage, rivya: RivyaClient, body: object) -> None:
    stage.says(body)
    rotated = rivya.webhooks.rotate_secret("whend_1")
    assert (rotated.id, rotated.signing_secret) == ("whend_1", "whsec_full")
    assert _asked(stage) == ("POST", "/api/v1/webhooks/whend_1/rotate-secret", {})


@pytest.mark.parametrize("status", [200, 202, 204])
def test_it_removes_an_endpoint_and_has_one_tested(
    stage: Stage, rivya: RivyaClient, status: int
) -> None:
    stage.answers(httpx.Response(status))
    rivya.webhooks.delete("whend_1")
    assert _asked(stage) == ("DELETE", "/api/v1/webhooks/whend_1", None)
    assert rivya.webhooks.test("whend_1").id == ""
    assert _asked(stage) == ("POST", "/api/v1/webhooks/whend_1/test", {})


def test_it_reads_deliveries(stage: Stage, rivya: RivyaClient) -> None:
    delivery = {"id": "del_1", "event_id": "evt_1", "status": "failed", "response_status": 500}
    stage.says({"data": [delivery, {}]})
    first, bare = rivya.webhooks.deliveries("whend_1")
    assert (first.id, first.event_id, first.response_status) == ("del_1", "evt_1", 500)
    assert (bare.id, bare.attempt) == ("", None)
    assert stage.requests[0].url.path == "/api/v1/webhooks/whend_1/deliveries"


def test_it_reads_events(stage: Stage, rivya: RivyaClient) -> None:
    envelope = {"id": "evt_1", "type": "brand.new", "api_version": "2026-05-11", "created_at": "x"}
    stage.says({"data": [envelope]})
    event = rivya.webhook_events.list()[0]
    assert (event.id, event.type, event.created_at) == ("evt_1", "brand.new", None)
    assert event.raw == envelope


@pytest.mark.parametrize(
    "envelope", [None, [], {}, {"id": "e"}, {"type": "t"}, {"id": 1, "type": 2}]
)
def test_it_refuses_an_event_without_id_or_type(envelope: object) -> None:
    with pytest.raises(errors.BadResponse):
        WebhookEvent.from_json(envelope)


DONE = job(status="succeeded", final_credits=1)


@pytest.mark.parametrize(
    "envelope",
    [
        {"data": {"object": DONE}},
        {"data": {"generation": DONE}},
        {"data": DONE},
        {"generation": DONE},
        {"object": DONE},
        {"data": {"object": "generation", "generation": DONE}},
        {"data": {"object": {"id": "x", "status": "odd"}}, "generation": DONE},
        {"data": {"object": {**DONE, "id": None}}, "generation": DONE},
    ],
)
def test_it_finds_the_job_wherever_the_envelope_keeps_it(envelope: dict[str, object]) -> None:
    found = find_job({"id": "evt_1", "type": "generation.succeeded", **envelope})
    assert found == Job.from_json(DONE)


@pytest.mark.parametrize(
    ("envelope", "task_id"),
    [
        (None, ""),
        ([], ""),
        ({"id": "evt_1"}, ""),
        ({"id": "evt_1", "data": "x"}, ""),
        ({"data": {"id": "task_1", "status": "odd"}}, "task_1"),
        ({"data": {"id": "task_1"}}, "task_1"),
        ({"data": {"id": "row", "task_id": "task_1"}}, "task_1"),
        ({"generation_id": "task_1"}, "task_1"),
        ({"data": {"generationId": ".."}}, ""),
        ({"data": {"status": "succeeded"}}, ""),
        ({"data": {"id": "task_1", "status": "succeeded", "final_credits": None}}, "task_1"),
    ],
    ids=str,
)
def test_it_finds_at_least_the_id_where_there_is_no_job(envelope: object, task_id: str) -> None:
    assert find_job(envelope) is None
    assert find_job_id(envelope) == task_id
