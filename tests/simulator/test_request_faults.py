"""Every fault of the wire, by switch and by prompt word."""

from __future__ import annotations

import socket
import time
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from rivya_app.simulator.faults import FAULTS
from tests.simulator.conftest import Api, code_of
from tests.simulator_process import Simulator

CUTS = (httpx.RemoteProtocolError, httpx.ReadError)


@pytest.mark.parametrize(
    ("fault", "options", "status", "code"),
    [
        ("rate_limited", {}, 429, "rate_limited"),
        ("server_error", {}, 500, "internal_error"),
        ("server_error", {"status": 503}, 503, "internal_error"),
        ("api_disabled", {}, 503, "public_api_disabled"),
        ("reject", {}, 400, "validation_failed"),
        ("no_credits", {}, 402, "insufficient_credits"),
        ("error", {"code": "something_new", "status": 418}, 418, "something_new"),
    ],
)
def test_it_refuses_as_told(
    api: Api, fault: str, options: dict[str, Any], status: int, code: str
) -> None:
    api.stand_in.fault(fault, times=1, **options)
    answer = api.create(idempotency_key="k")
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert api.stand_in.tasks() == []
    assert api.create(idempotency_key="k").status_code == 201


@pytest.mark.parametrize("body", ["html", "empty"])
def test_it_fails_without_the_envelope(api: Api, body: str) -> None:
    api.stand_in.fault("server_error", status=502, body=body)
    answer = api.http.get("/credits")
    assert answer.status_code == 502
    assert ("<html" in answer.text) == (body == "html")


def test_it_says_when_to_come_back_in_each_form(api: Api) -> None:
    def headers(**options: Any) -> httpx.Headers:
        api.stand_in.fault("rate_limited", times=1, **options)
        return api.http.get("/credits").headers

    assert "retry-after" not in headers()
    assert headers(retry_after=7)["retry-after"] == "7"
    when = parsedate_to_datetime(headers(retry_after=30, form="date")["retry-after"])
    assert 20 < when.timestamp() - time.time() < 40
    reset = headers(retry_after=30, form="reset")["x-ratelimit-reset"]
    assert 20 < int(reset) - time.time() < 40


def test_it_cuts_before_accepting(api: Api) -> None:
    api.stand_in.fault("cut_before", times=1)
    with pytest.raises(CUTS):
        api.create(idempotency_key="k")
    assert api.stand_in.tasks() == []
    assert api.stand_in.requests()[-1]["status"] == 0


@pytest.mark.parametrize("fault", ["cut_after", "cut_body"])
def test_it_cuts_after_accepting(api: Api, fault: str) -> None:
    api.stand_in.fault(fault, times=1)
    with pytest.raises(CUTS):
        api.create(idempotency_key="k")
    (task,) = api.stand_in.tasks()
    assert api.credits() == 999
    assert api.create(idempotency_key="k").json()["id"] == task["id"]
    assert api.credits() == 999


@pytest.mark.parametrize(
    "kind", ["html", "truncated", "empty", "wrong_types", "list", "not_utf8", "extra_fields"]
)
def test_it_answers_in_the_wrong_shape(api: Api, kind: str) -> None:
    whole = api.http.get("/credits").content
    api.stand_in.fault("malformed", kind=kind, times=1)
    answer = api.http.get("/credits")
    assert answer.status_code == 200
    assert answer.content != whole
    if kind == "extra_fields":
        assert answer.json()["current_credits"] == 1000


def test_it_answers_with_far_too_much(api: Api) -> None:
    api.stand_in.fault("malformed", kind="huge", times=1)
    assert len(api.http.get("/credits").content) > 10_000_000


def test_it_answers_slowly(api: Api) -> None:
    api.stand_in.fault("slow_reply", seconds=0.4, times=1)
    began = time.monotonic()
    assert api.http.get("/credits").status_code == 200
    assert time.monotonic() - began >= 0.4


def test_it_drips_the_head_of_an_answer(rivya: Simulator) -> None:
    key = rivya.new_key("k")
    rivya.fault("drip", seconds=0.5)
    host, port = rivya.base_url.removeprefix("http://").split(":")
    request = f"GET /api/v1/credits HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key}\r\n\r\n"
    pieces = []
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(request.encode())
        while True:
            try:
                piece = connection.recv(65536)
            except ConnectionResetError:
                break
            if not piece:
                break
            pieces.append(piece)
    assert len(pieces) > 20
    assert b"\r\n\r\n" not in b"".join(pieces)


def test_it_shows_a_task_in_its_earlier_state(api: Api) -> None:
    task_id = api.made()["id"]
    api.final(task_id)
    api.stand_in.fault("stale_read", times=1)
    stale = api.task(task_id)
    assert (stale["status"], stale["result"], stale["final_credits"]) == ("processing", None, 0)
    assert api.task(task_id)["status"] == "succeeded"


def test_it_loses_sight_of_a_task(api: Api) -> None:
    task_id = api.made()["id"]
    api.stand_in.fault("lost_task", times=1)
    assert api.http.get(f"/generations/{task_id}").status_code == 404
    assert api.http.get(f"/generations/{task_id}").status_code == 200


def test_it_reads_faults_of_reading_from_the_prompt(api: Api) -> None:
    task_id = api.made("[[lost_task*2]] a mug")["id"]
    statuses = [api.http.get(f"/generations/{task_id}").status_code for _ in range(3)]
    assert statuses == [404, 404, 200]


def test_a_word_acts_once_so_that_a_retry_goes_through(api: Api) -> None:
    prompt = "[[server_error:503*2]] a mug"
    statuses = [api.create(prompt, "k").status_code for _ in range(3)]
    assert statuses == [503, 503, 201]


def test_a_switch_reaches_only_its_key_account_or_operation(rivya: Simulator) -> None:
    one, two = Api(rivya, rivya.new_key("one")), Api(rivya, rivya.new_key("two", account="b"))
    rivya.fault("server_error", scope="key:one", on=["credits.get"])
    assert one.http.get("/credits").status_code == 500
    assert one.http.get("/webhooks").status_code == 200
    assert two.http.get("/credits").status_code == 200
    rivya.clear_faults()
    rivya.fault("server_error", scope="account:b")
    assert (one.http.get("/credits").status_code, two.http.get("/credits").status_code) == (
        200,
        500,
    )
    rivya.clear_faults()
    assert two.http.get("/credits").status_code == 200


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_every_fault_can_be_armed(rivya: Simulator, name: str) -> None:
    rivya.fault(name, **dict(FAULTS[name].defaults))


@pytest.mark.parametrize(
    "fields",
    [
        {"fault": "nothing"},
        {"fault": "fail", "options": {"nothing": 1}},
        {"fault": "fail", "scope": "planet"},
        {"fault": "fail", "on": ["nothing.get"]},
    ],
)
def test_it_refuses_a_fault_nobody_knows(rivya: Simulator, fields: dict[str, Any]) -> None:
    assert httpx.post(f"{rivya.base_url}/_sim/faults", json=fields).status_code == 400
