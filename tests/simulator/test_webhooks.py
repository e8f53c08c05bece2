"""Webhook endpoints, signed deliveries in both forms, retries, and every fault of the post."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from rivya_app.simulator.webhooks_api import is_allowed_url
from tests.simulator.conftest import Api, Receiver, code_of, until
from tests.simulator_process import Simulator

Delivered = tuple[dict[str, str], bytes]


def endpoint(api: Api, receiver: Receiver, **fields: Any) -> dict[str, Any]:
    answer = api.http.post("/webhooks", json={"name": "Mine", "url": receiver.url} | fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def is_standard(delivered: Delivered, secret: str) -> bool:
    headers, body = delivered
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    return True


def is_hex(delivered: Delivered, secret: str) -> bool:
    headers, body = delivered
    parts = [part.split("=", 1) for part in headers["rivya-signature"].split(",")]
    moment = next(value for name, value in parts if name == "t")
    wanted = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(wanted, value) for name, value in parts if name == "v1")


def generation_of(delivered: Delivered) -> dict[str, Any]:
    return dict(json.loads(delivered[1])["data"]["object"])


def test_it_shows_a_secret_once(api: Api, receiver: Receiver) -> None:
    made = endpoint(api, receiver)
    secret = made.pop("signing_secret")
    assert made["secret_preview"] == f"{secret[:8]}...{secret[-6:]}"
    assert api.http.get(f"/webhooks/{made['id']}").json() == made
    assert api.http.get("/webhooks").json()["data"] == [made]
    assert secret not in api.http.get("/webhooks").text


def test_it_changes_and_removes_an_endpoint(api: Api, receiver: Receiver) -> None:
    path = f"/webhooks/{endpoint(api, receiver)['id']}"
    changed = api.http.patch(
        path, json={"name": "New", "event_types": ["generation.failed"], "status": "disabled"}
    ).json()
    assert (changed["name"], changed["status"]) == ("New", "disabled")
    assert changed["disabled_at"] is not None
    assert api.http.patch(path, json={"status": "active"}).json()["disabled_at"] is None
    assert api.http.delete(path).status_code == 204
    assert code_of(api.http.get(path)) == "not_found"


def test_it_hides_endpoints_of_others(rivya: Simulator, receiver: Receiver) -> None:
    mine, other = Api(rivya, rivya.new_key("a")), Api(rivya, rivya.new_key("b", account="other"))
    path = f"/webhooks/{endpoint(mine, receiver)['id']}"
    for method, tail in (("GET", ""), ("DELETE", ""), ("POST", "/test"), ("GET", "/deliveries")):
        assert other.http.request(method, path + tail).status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/h",
        "ftp://example.com/h",
        "https://user:word@example.com/h",
        "https://example.com/h#part",
        "https://localhost/h",
        "https://a.localhost/h",
        "https://printer.local/h",
        "https://db.internal/h",
        "https://intranet/h",
        "https://127.0.0.1/h",
        "https://127.1/h",
        "https://[::1]/h",
        "https://[::ffff:127.0.0.1]/h",
        "https://10.0.0.8/h",
        "https://172.16.3.4/h",
        "https://192.168.1.1/h",
        "https://169.254.169.254/h",
        "https://100.64.0.1/h",
        "https://0.0.0.0/h",
        "https://224.0.0.1/h",
        "https://[fd00::1]/h",
        "https://example.com:99999/h",
        "https:///h",
    ],
)
def test_it_rejects_urls_that_lead_inside(url: str) -> None:
    assert not is_allowed_url(url, allow_local=False)


def test_it_allows_public_urls_and_loopback_only_when_started_so(api: Api) -> None:
    assert is_allowed_url("https://example.com:8443/a?b=c", allow_local=False)
    assert is_allowed_url("https://8.8.8.8/h", allow_local=False)
    assert is_allowed_url("http://127.0.0.1:8000/h", allow_local=True)
    assert not is_allowed_url("http://192.168.1.1/h", allow_local=True)
    answer = api.http.post("/webhooks", json={"url": "http://example.com/h"})
    assert (answer.status_code, code_of(answer)) == (400, "webhook_url_rejected")
    assert code_of(api.http.post("/webhooks", json={})) == "validation_failed"
    bad_type = {"url": "https://example.com/h", "event_types": ["chat.done"]}
    assert code_of(api.http.post("/webhooks", json=bad_type)) == "validation_failed"


@pytest.mark.parametrize("form", ["standard", "hex", "both"])
def test_it_signs_in_either_form(api: Api, receiver: Receiver, form: str) -> None:
    api.stand_in.set(webhook_form=form)
    secret = endpoint(api, receiver)["signing_secret"]
    api.made()
    (delivered,) = receiver.wait(1)
    assert ("webhook-signature" in delivered[0]) == (form != "hex")
    assert ("rivya-signature" in delivered[0]) == (form != "standard")
    other = secret[:-4] + "AAAA"
    if form != "hex":
        assert is_standard(delivered, secret)
        assert not is_standard(delivered, other)
    if form != "standard":
        assert is_hex(delivered, secret)
        assert not is_hex(delivered, other)


def test_it_delivers_the_public_generation(api: Api, receiver: Receiver) -> None:
    endpoint(api, receiver)
    good, bad = api.made()["id"], api.made("[[fail]] x")["id"]
    receiver.wait(2)
    sent = {generation_of(d)["id"]: json.loads(d[1]) for d in receiver.got}
    assert sent[good]["type"] == "generation.succeeded"
    assert sent[bad]["type"] == "generation.failed"
    assert sent[good]["api_version"] == "2026-05-11"
    assert list(sent[good]["data"]["object"]) == list(api.task(good))
    events = api.http.get("/webhook-events").json()["data"]
    assert {event["id"] for event in events} == {event["id"] for event in sent.values()}


@pytest.mark.parametrize(
    "place", ["data.object", "data.generation", "data", "generation", "object", "none"]
)
def test_it_puts_the_generation_where_told(api: Api, receiver: Receiver, place: str) -> None:
    api.stand_in.set(webhook_envelope=place)
    endpoint(api, receiver)
    task_id = api.made()["id"]
    payload = json.loads(receiver.wait(1)[0][1])
    if place == "none":
        assert set(payload) == {"id", "type", "api_version", "created_at"}
        return
    for key in place.split("."):
        payload = payload[key]
    assert payload["id"] == task_id


def test_it_tells_only_what_an_endpoint_asked_for(api: Api, receiver: Receiver) -> None:
    endpoint(api, receiver, event_types=["generation.failed"])
    api.final(api.made()["id"])
    failed = api.made("[[fail]] x")["id"]
    (delivered,) = receiver.wait(1)
    assert generation_of(delivered)["id"] == failed


def test_it_tries_again_with_the_same_event(api: Api, receiver: Receiver) -> None:
    receiver.answers = [500, 302]
    path = f"/webhooks/{endpoint(api, receiver)['id']}"
    api.made()
    receiver.wait(3)
    ids = {headers["webhook-id"] for headers, _ in receiver.got}
    assert len(ids) == 1
    row = until(
        lambda: api.http.get(f"{path}/deliveries").json()["data"][0],
        lambda row: row["status"] == "succeeded",
    )
    assert (row["attempts"], row["event_id"]) == (3, ids.pop())
    assert api.http.get(path).json()["failure_count"] == 0
    assert api.http.get(path).json()["last_failure_at"] is not None


def test_it_disables_an_endpoint_that_only_fails(api: Api, receiver: Receiver) -> None:
    api.stand_in.set(webhook_disable_after=2)
    receiver.answers = [500] * 10
    path = f"/webhooks/{endpoint(api, receiver)['id']}"
    api.made()
    shown = until(lambda: api.http.get(path).json(), lambda seen: seen["status"] == "disabled")
    assert shown["disabled_at"] is not None


def test_it_signs_with_both_secrets_while_rotating(api: Api, receiver: Receiver) -> None:
    made = endpoint(api, receiver)
    old = made["signing_secret"]
    new = api.http.post(f"/webhooks/{made['id']}/rotate-secret").json()["signing_secret"]
    assert new != old
    api.made()
    (delivered,) = receiver.wait(1)
    assert is_standard(delivered, old)
    assert is_standard(delivered, new)
    api.stand_in.set(rotation_overlap_seconds=0)
    newest = api.http.post(f"/webhooks/{made['id']}/rotate-secret").json()["signing_secret"]
    api.made()
    assert is_standard(receiver.wait(2)[1], newest)
    assert not is_standard(receiver.got[1], new)


def test_it_sends_a_test_event_and_says_how_it_went(api: Api, receiver: Receiver) -> None:
    made = endpoint(api, receiver)
    row = api.http.post(f"/webhooks/{made['id']}/test").json()
    assert (row["status"], row["response_status"]) == ("succeeded", 204)
    assert is_standard(receiver.got[0], made["signing_secret"])
    receiver.answers = [500]
    row = api.http.post(f"/webhooks/{made['id']}/test").json()
    assert (row["status"], row["response_status"]) == ("failed", 500)


def test_it_loses_a_webhook(api: Api, receiver: Receiver) -> None:
    endpoint(api, receiver)
    api.final(api.made("[[webhook_lost]] x")["id"])
    second = api.made()["id"]
    (delivered,) = receiver.wait(1)
    assert generation_of(delivered)["id"] == second
    assert next(iter(api.stand_in.deliveries()))["state"] == "lost"


def test_it_is_late(api: Api, receiver: Receiver) -> None:
    endpoint(api, receiver)
    api.final(api.made("[[webhook_late:0.6]] x")["id"])
    done = time.monotonic()
    receiver.wait(1)
    assert time.monotonic() - done > 0.4


def test_it_says_things_twice(api: Api, receiver: Receiver) -> None:
    endpoint(api, receiver)
    api.made("[[webhook_doubled:3]] x")
    sent = receiver.wait(3)
    assert len({headers["webhook-id"] for headers, _ in sent}) == 1


def test_it_says_things_twice_as_two_events(api: Api, receiver: Receiver) -> None:
    endpoint(api, receiver)
    api.stand_in.fault("webhook_doubled", other_id=True)
    task = api.made()["id"]
    sent = receiver.wait(2)
    assert len({headers["webhook-id"] for headers, _ in sent}) == 2
    assert {generation_of(delivered)["id"] for delivered in sent} == {task}


def test_it_tells_before_the_create_is_answered(api: Api, receiver: Receiver) -> None:
    endpoint(api, receiver)
    made = api.made("[[webhook_early:2]] x")
    (delivered,) = receiver.got  # it was here before the answer was
    assert (made["status"], generation_of(delivered)["status"]) == ("queued", "succeeded")
    assert generation_of(delivered)["id"] == made["id"]


def test_it_says_things_in_the_wrong_order(api: Api, receiver: Receiver) -> None:
    endpoint(api, receiver)
    first = api.made("[[webhook_reordered]] x")["id"]
    api.final(first)
    second = api.made()["id"]
    order = [generation_of(delivered)["id"] for delivered in receiver.wait(2)]
    assert order == [second, first]


def test_it_forges_one_first(api: Api, receiver: Receiver) -> None:
    secret = endpoint(api, receiver)["signing_secret"]
    api.made("[[webhook_forged]] x")
    forged, true = receiver.wait(2)
    assert not is_standard(forged, secret)
    assert generation_of(forged)["status"] == "failed"
    assert is_standard(true, secret)
    assert generation_of(true)["status"] == "succeeded"


def test_it_signs_with_a_stale_time(api: Api, receiver: Receiver) -> None:
    secret = endpoint(api, receiver)["signing_secret"]
    api.stand_in.set(webhook_form="both")
    api.made("[[webhook_stale:600]] x")
    (delivered,) = receiver.wait(1)
    assert 590 < time.time() - int(delivered[0]["webhook-timestamp"]) < 620
    assert is_hex(delivered, secret)
    assert not is_standard(delivered, secret)


def test_it_does_not_sign(api: Api, receiver: Receiver) -> None:
    endpoint(api, receiver)
    api.made("[[webhook_unsigned]] x")
    headers, _ = receiver.wait(1)[0]
    assert not {"webhook-signature", "rivya-signature"} & set(headers)


def test_it_only_rings_the_bell(api: Api, receiver: Receiver) -> None:
    endpoint(api, receiver)
    task_id = api.made("[[webhook_bell]] x")["id"]
    assert json.loads(receiver.wait(1)[0][1])["data"] == {"generation_id": task_id}


def test_it_has_a_type_nobody_documented(api: Api, receiver: Receiver) -> None:
    endpoint(api, receiver)
    api.made("[[webhook_unknown_type]] x")
    assert json.loads(receiver.wait(1)[0][1])["type"] == "generation.archived"
