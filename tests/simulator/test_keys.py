"""Keys: what each state and each missing scope is answered with."""

from __future__ import annotations

import httpx
import pytest

from tests.simulator.conftest import Api, client_of, code_of
from tests.simulator_process import Simulator

SCOPED = [
    ("generations:create", "POST", "/generations"),
    ("generations:read", "GET", "/generations/task_x"),
    ("files:create", "POST", "/files"),
    ("files:read", "GET", "/files/file_x"),
    ("credits:read", "GET", "/credits"),
    ("chat:create", "POST", "/chat/completions"),
    ("chat:create", "POST", "/chat/completions/stream"),
    ("chat:read", "GET", "/chat/sessions"),
    ("chat:read", "GET", "/chat/sessions/chat_x"),
    ("webhooks:manage", "GET", "/webhooks"),
    ("webhooks:manage", "POST", "/webhooks"),
    ("webhooks:manage", "PATCH", "/webhooks/whend_x"),
    ("webhooks:manage", "DELETE", "/webhooks/whend_x"),
    ("webhooks:manage", "POST", "/webhooks/whend_x/rotate-secret"),
    ("webhooks:manage", "POST", "/webhooks/whend_x/test"),
    ("webhooks:manage", "GET", "/webhooks/whend_x/deliveries"),
    ("webhooks:manage", "GET", "/webhook-events"),
]


def test_it_asks_for_a_key(rivya: Simulator) -> None:
    answer = httpx.get(f"{rivya.base_url}/api/v1/credits")
    assert (answer.status_code, code_of(answer)) == (401, "api_key_missing")


def test_it_refuses_a_key_nobody_made(rivya: Simulator) -> None:
    answer = client_of(rivya, "rvya_sk_test_nobody").get("/credits")
    assert (answer.status_code, code_of(answer)) == (401, "api_key_invalid")


@pytest.mark.parametrize("state", ["revoked", "expired"])
def test_it_refuses_a_key_of_the_past(rivya: Simulator, state: str) -> None:
    http = client_of(rivya, rivya.new_key("old"))
    task = http.post("/generations", json={"model": "z-image", "prompt": "a mug"}).json()
    rivya.change_key("old", state=state)
    for path in ("/credits", f"/generations/{task['id']}"):
        answer = http.get(path)
        assert (answer.status_code, code_of(answer)) == (401, f"api_key_{state}")
    rivya.change_key("old", state="active")
    assert http.get("/credits").status_code == 200


@pytest.mark.parametrize(("scope", "method", "path"), SCOPED)
def test_it_denies_what_a_key_lacks(rivya: Simulator, scope: str, method: str, path: str) -> None:
    others = [s for s in {row[0] for row in SCOPED} if s != scope]
    answer = client_of(rivya, rivya.new_key("k", scopes=others)).request(method, path, json={})
    assert (answer.status_code, code_of(answer)) == (403, "api_scope_denied")
    allowed = client_of(rivya, rivya.new_key("k", scopes=[scope])).request(method, path, json={})
    assert allowed.status_code != 403


def test_it_keeps_accounts_apart(rivya: Simulator) -> None:
    mine, other = Api(rivya, rivya.new_key("a")), Api(rivya, rivya.new_key("b", account="other"))
    task = mine.made()
    answer = other.http.get(f"/generations/{task['id']}")
    assert (answer.status_code, code_of(answer)) == (404, "not_found")
    assert (mine.credits(), other.credits()) == (999, 1000)


def test_it_minds_a_bad_key_on_models_only_when_told(rivya: Simulator) -> None:
    http = client_of(rivya, "rvya_sk_test_nobody")
    assert http.get("/models").status_code == 200
    rivya.set(key_on_models="reject")
    assert code_of(http.get("/models")) == "api_key_invalid"


def test_it_limits_the_rate_per_key(api: Api) -> None:
    api.stand_in.set(rate_limit_per_second=1)
    answers = [api.http.get("/credits") for _ in range(20)]
    limited = [answer for answer in answers if answer.status_code == 429]
    assert limited
    assert code_of(limited[0]) == "rate_limited"
    assert limited[0].headers["retry-after"] == "1"


def test_it_gives_each_key_its_own_speed(rivya: Simulator) -> None:
    slow = Api(rivya, rivya.new_key("slow", speed=0.01))
    fast = Api(rivya, rivya.new_key("fast", speed=1000))
    waiting = slow.made()
    fast.final(fast.made()["id"])
    assert slow.task(waiting["id"])["status"] == "queued"
