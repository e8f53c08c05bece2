"""Submitting a job and asking after it [docs/api-generations, docs/api-generation-status]."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from rivya_app.rivya_api import RivyaClient, encode_body, errors
from rivya_app.rivya_api.types import JobError, JobState
from tests.rivya_api.conftest import KEY, Stage, answer, job, refusal


@pytest.mark.parametrize("status", [200, 201, 202])
def test_it_submits_a_job_whatever_2xx_confirms_it(
    stage: Stage, rivya: RivyaClient, status: int
) -> None:
    stage.says(job(), status, x_request_id="req_1")
    made = rivya.generations.create({"model": "z-image", "prompt": "mug"}, idempotency_key="k-1")
    sent = stage.requests[0]
    assert (sent.method, sent.url) == ("POST", "https://rivya.ai/api/v1/generations")
    assert sent.headers["Authorization"] == f"Bearer {KEY}"
    assert sent.headers["Idempotency-Key"] == "k-1"
    assert sent.headers["Content-Type"] == "application/json"
    assert json.loads(stage.bodies[0]) == {"model": "z-image", "prompt": "mug"}
    assert (made.id, made.state, made.request_id) == ("task_public_id", JobState.QUEUED, "req_1")
    assert (made.reserved_credits, made.final_credits) == (Decimal("1.00"), Decimal("0.00"))
    assert made.created_at == datetime(2026, 5, 10, tzinfo=UTC)
    assert not made.is_final


def test_it_sends_frozen_bytes_as_they_are(stage: Stage, rivya: RivyaClient) -> None:
    frozen = b'{ "prompt" :"\xe0\xa4\x9a\xe0\xa4\xbe\xe0\xa4\xaf",  "model":"z"}'
    stage.answers(refusal("rate_limited", 429), answer(job(), 201))
    rivya.generations.create(frozen, idempotency_key="k")
    assert stage.bodies == [frozen, frozen]


def test_it_encodes_a_body_once_and_the_same_way() -> None:
    body = {"prompt": "चाय", "params": {"stability": 0.5}}
    assert encode_body(body) == '{"prompt":"चाय","params":{"stability":0.5}}'.encode()
    assert encode_body(encode_body(body)) == encode_body(body)
    with pytest.raises(ValueError, match="JSON compliant"):
        encode_body({"params": {"stability": float("nan")}})


def test_it_reads_a_finished_job(stage: Stage, rivya: RivyaClient) -> None:
    urls = ["https://media.example/1.png", "https://media.example/2.png"]
    result = {"primary_url": urls[0], "urls": urls}
    stage.says(job(status="succeeded", final_credits=1, result=result))
    done = rivya.generations.get("task_public_id")
    assert done.is_final
    assert done.state is JobState.SUCCEEDED
    assert done.result is not None
    assert (done.result.primary_url, done.result.urls) == (urls[0], tuple(urls))
    assert stage.requests[0].url == "https://rivya.ai/api/v1/generations/task_public_id"


def test_it_reads_a_failed_job(stage: Stage, rivya: RivyaClient) -> None:
    why = {"code": "generation_failed", "message": "The generation failed."}
    stage.says(job(status="failed", error=why))
    failed = rivya.generations.get("t")
    assert failed.is_final
    assert failed.error == JobError("generation_failed", "The generation failed.")
    assert failed.final_credits == 0


def test_it_reads_a_failed_job_that_gives_no_reason(stage: Stage, rivya: RivyaClient) -> None:
    stage.says(job(status="failed"))
    assert rivya.generations.get("t").error is None


@pytest.mark.parametrize("reason", ["no room", {}, {"code": 5, "message": None}, []])
def test_it_survives_any_shape_of_a_jobs_error(
    stage: Stage, rivya: RivyaClient, reason: object
) -> None:
    stage.says(job(status="failed", error=reason))
    error = rivya.generations.get("t").error
    assert error == JobError("", "no room" if reason == "no room" else "")


def test_it_keeps_an_unknown_status_and_goes_on(stage: Stage, rivya: RivyaClient) -> None:
    stage.says(job(status="cancelled", nobody_knows={"this": 1}))
    seen = rivya.generations.get("t")
    assert (seen.status, seen.state, seen.is_final) == ("cancelled", None, False)


def test_it_reads_credits_as_numbers_or_decimal_text(stage: Stage, rivya: RivyaClient) -> None:
    stage.says(job(reserved_credits="1.5", final_credits=0.1))
    seen = rivya.generations.get("t")
    assert (seen.reserved_credits, seen.final_credits) == (Decimal("1.50"), Decimal("0.10"))


def test_it_keeps_web_addresses_only(stage: Stage, rivya: RivyaClient) -> None:
    urls = ["file:///etc/passwd", "javascript:alert(1)", 5, None, "https://media.example/a.png"]
    stage.says(
        job(status="succeeded", final_credits=1, result={"primary_url": "gopher://x", "urls": urls})
    )
    result = rivya.generations.get("t").result
    assert result is not None
    assert result.urls == (result.primary_url,) == ("https://media.example/a.png",)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"id": 5},
        {"id": ""},
        {"id": ".."},
        {"id": "a\nb"},
        {"id": "x" * 256},
        {"status": None},
        {"status": {"is": "queued"}},
        {"reserved_credits": True},
        {"reserved_credits": -1},
        {"reserved_credits": "many"},
        {"reserved_credits": [1]},
        {"reserved_credits": 1e300},
        {"status": "succeeded", "final_credits": None},
        {"status": "failed", "final_credits": "NaN"},
        {"status": "succeeded", "final_credits": 1, "result": "https://media.example/a.png"},
    ],
    ids=str,
)
def test_it_calls_a_create_uncertain_when_its_2xx_has_wrong_types(
    stage: Stage, rivya: RivyaClient, changes: dict[str, object]
) -> None:
    stage.says(job(**changes), 201, x_request_id="req_2")
    with pytest.raises(errors.BadResponse) as caught:
        rivya.generations.create({}, idempotency_key="k")
    assert caught.value.maybe_sent
    assert (caught.value.status, caught.value.request_id) == (201, "req_2")
    assert len(stage.requests) == 1
    with pytest.raises(errors.BadResponse) as caught:
        rivya.generations.get("t")
    assert not caught.value.maybe_sent


@pytest.mark.parametrize("task_id", ["", ".", "..", "a\r\nb", "x" * 300])
def test_it_refuses_ids_that_cannot_stand_in_a_path(rivya: RivyaClient, task_id: str) -> None:
    with pytest.raises(ValueError, match="path"):
        rivya.generations.get(task_id)


@pytest.mark.parametrize("task_id", ["../credits", "a/b", "a?b=c", "a#b", "a%2Fb", "चाय", "a b"])
def test_it_never_lets_an_id_change_the_path(
    stage: Stage, rivya: RivyaClient, task_id: str
) -> None:
    stage.says(job())
    rivya.generations.get(task_id)
    path = stage.requests[0].url.raw_path
    assert path.startswith(b"/api/v1/generations/")
    assert path.count(b"/") == 4
    assert stage.requests[0].url.path == f"/api/v1/generations/{task_id}"
    assert not stage.requests[0].url.query
    assert not stage.requests[0].url.fragment


@pytest.mark.parametrize("key", ["", "two words", "line\nbreak", "चाय", "x" * 256])
def test_it_refuses_an_idempotency_key_that_cannot_be_sent(rivya: RivyaClient, key: str) -> None:
    with pytest.raises(ValueError, match="idempotency key"):
        rivya.generations.create({}, idempotency_key=key)


def test_it_answers_a_conflict_as_perhaps_accepted(stage: Stage, rivya: RivyaClient) -> None:
    stage.answers(httpx.Response(502, html="<h1>Bad gateway</h1>"), _conflict)
    with pytest.raises(errors.IdempotencyConflict) as caught:
        rivya.generations.create({}, idempotency_key="k")
    assert caught.value.maybe_sent
    assert [sent.headers["Idempotency-Key"] for sent in stage.requests] == ["k", "k"]


def _conflict(request: httpx.Request) -> httpx.Response:
    return refusal("idempotency_conflict", 409)
