"""The control API and page: who may use it, and what it shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from rivya_app.simulator.faults import FAULTS
from rivya_app.simulator.settings import SWITCHES
from tests.simulator.conftest import Api, code_of
from tests.simulator_process import ROOT, Simulator

TOKEN = "made-up-token"


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Simulator]:
    secret = tmp_path / "token"
    secret.write_text(TOKEN)
    stand_in = Simulator.start(50, tmp_path / "state", "--control-token-file", str(secret))
    yield stand_in
    stand_in.close()


def test_it_asks_for_the_token_when_started_with_one(guarded: Simulator) -> None:
    url = f"{guarded.base_url}/_sim/health"
    assert httpx.get(url).status_code == 403
    assert httpx.get(url, headers={"x-sim-token": "guess"}).status_code == 403
    assert httpx.get(url, headers={"x-sim-token": TOKEN}).json()["ok"] is True


def test_it_believes_no_forwarded_address(rivya: Simulator) -> None:
    forwarded = {"x-forwarded-for": "8.8.8.8"}
    assert httpx.get(f"{rivya.base_url}/_sim/health", headers=forwarded).status_code == 200


def test_no_other_site_presses_its_buttons(rivya: Simulator) -> None:
    url = f"{rivya.base_url}/_sim/reset"
    assert httpx.post(url, headers={"origin": "https://example.com"}).status_code == 403
    assert httpx.post(url, headers={"origin": rivya.base_url}).status_code == 200


def test_its_page_shows_everything_and_no_secret(api: Api) -> None:
    secret = api.http.headers["authorization"].removeprefix("Bearer ")
    made = api.made("a <b>mug</b>")["id"]
    page = httpx.get(f"{api.stand_in.base_url}/_sim/").text
    assert made in page
    assert "&lt;b&gt;mug" in page
    assert "<b>mug" not in page
    assert secret not in page
    assert all(f"<td>{name}</td>" in page for name in FAULTS)
    assert all(f'name="{name}"' in page for name in SWITCHES)


def test_its_forms_work_without_a_script(api: Api) -> None:
    base = f"{api.stand_in.base_url}/_sim"
    with httpx.Client(follow_redirects=True) as browser:
        made = browser.post(f"{base}/keys", data={"name": "by hand", "account": "main"})
        secret = made.text.partition("<code>")[2].partition("</code>")[0]
        assert secret.startswith("rvya_sk_")
        assert browser.post(f"{base}/wallet", data={"account": "main", "credits": "5"}).is_success
        assert api.credits() == 5
        fields = {"fault": "server_error", "scope": "all", "options": '{"status": 503}', "on": ""}
        assert "server_error" in browser.post(f"{base}/faults", data=fields | {"times": ""}).text
        assert api.http.get("/credits").status_code == 503
        browser.post(f"{base}/faults/clear", data={})
        browser.post(f"{base}/settings", data={"insufficient_status": "409", "speed": "20"})
        assert api.create(model="kling-2-6").status_code == 409
        bad = browser.post(f"{base}/settings", data={"speed": "fast"})
        assert bad.status_code == 400


def test_it_tells_of_requests_with_their_keys(api: Api) -> None:
    api.create("one", "k1")
    api.http.get("/generations/task_nobody")
    one, two = api.stand_in.requests()[-2:]
    assert (one["method"], one["path"], one["status"]) == ("POST", "/api/v1/generations", 201)
    assert one["idempotency_key"] == "k1"
    assert two["status"] == 404
    assert one["at"] <= two["at"]
    assert one["key"] == api.stand_in.keys()[0]["id"]


def test_it_keeps_no_key_in_full(api: Api) -> None:
    secret = api.http.headers["authorization"].removeprefix("Bearer ")
    api.made()
    for path in api.stand_in.state.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes()


def test_it_starts_afresh(api: Api) -> None:
    api.made()
    api.stand_in.set(speed=3, default_credits=7)
    api.stand_in.reset()
    assert (api.stand_in.tasks(), api.stand_in.keys()) == ([], [])
    assert code_of(api.http.get("/credits")) == "api_key_invalid"
    settings = httpx.get(f"{api.stand_in.base_url}/_sim/settings").json()
    assert (settings["speed"], settings["default_credits"]) == (50, 1000)


def test_its_page_of_docs_names_every_fault_and_setting() -> None:
    text = (ROOT / "docs" / "stand-in.md").read_text()
    assert [name for name in [*FAULTS, *SWITCHES] if f"`{name}`" not in text] == []
