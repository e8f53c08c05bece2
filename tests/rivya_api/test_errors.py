"""Every documented error code, and everything that is not the documented envelope."""

import gzip
import tracemalloc

import httpx
import pytest

from rivya_app.rivya_api import RivyaClient, errors
from tests.rivya_api.conftest import Stage, answer, job, refusal

DOCUMENTED = [
    ("public_api_disabled", 503, errors.PublicApiDisabled, True),
    ("api_key_missing", 401, errors.ApiKeyMissing, False),
    ("api_key_invalid", 401, errors.ApiKeyInvalid, False),
    ("api_key_revoked", 401, errors.ApiKeyRevoked, False),
    ("api_key_expired", 401, errors.ApiKeyExpired, False),
    ("api_scope_denied", 403, errors.ApiScopeDenied, False),
    ("rate_limited", 429, errors.RateLimited, True),
    ("validation_failed", 400, errors.ValidationFailed, False),
    ("not_found", 404, errors.NotFound, False),
    ("webhook_url_rejected", 400, errors.WebhookUrlRejected, False),
    ("chat_model_not_supported", 400, errors.ChatModelNotSupported, False),
    ("chat_session_conflict", 409, errors.ChatSessionConflict, False),
    ("chat_attachment_not_supported", 400, errors.ChatAttachmentNotSupported, False),
    ("idempotency_conflict", 409, errors.IdempotencyConflict, False),
    ("insufficient_credits", 402, errors.InsufficientCredits, False),
]


def _create(client: RivyaClient) -> None:
    client.generations.create({"model": "z"}, idempotency_key="k")


@pytest.mark.parametrize(("code", "status", "kind", "is_retryable"), DOCUMENTED)
def test_it_has_a_class_for_every_documented_code(
    stage: Stage, code: str, status: int, kind: type[errors.ApiError], is_retryable: bool
) -> None:
    stage.answers(refusal(code, status, "Said so."))
    with pytest.raises(errors.ApiError) as caught:
        _create(stage.client(quick_retries=0))
    error = caught.value
    assert type(error) is kind
    assert (error.code, error.status, error.message) == (code, status, "Said so.")
    assert error.request_id == "req_7"
    assert "req_7" in str(error)
    assert error.is_retryable is is_retryable
    assert error.maybe_sent is (code == "idempotency_conflict")


def test_it_leaves_no_documented_code_without_a_class() -> None:
    assert set(errors.BY_CODE) == {code for code, *_ in DOCUMENTED}


@pytest.mark.parametrize("status", [400, 402, 403, 409])
def test_it_knows_low_credits_by_the_code_alone(
    stage: Stage, rivya: RivyaClient, status: int
) -> None:
    stage.answers(refusal("insufficient_credits", status))
    with pytest.raises(errors.InsufficientCredits):
        _create(rivya)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.ApiError),
        (401, errors.AuthenticationFailed),
        (404, errors.ApiError),
        (418, errors.ApiError),
        (429, errors.RateLimited),
        (500, errors.ServerError),
    ],
)
def test_it_keeps_the_base_class_for_an_unknown_code(
    stage: Stage, rivya: RivyaClient, status: int, kind: type[errors.ApiError]
) -> None:
    stage.answers(refusal("brand_new_code", status))
    with pytest.raises(errors.ApiError) as caught:
        _create(rivya)
    assert type(caught.value) is kind
    assert caught.value.code == "brand_new_code"


def test_it_accepts_the_other_spellings_of_the_request_id(stage: Stage, rivya: RivyaClient) -> None:
    body = {"error": {"code": "not_found", "message": "", "request_id": "req_snake"}}
    stage.answers(answer(body, 404), answer({"error": {}}, 404, x_request_id="req_header"))
    with pytest.raises(errors.NotFound) as by_snake:
        rivya.credits.get()
    with pytest.raises(errors.ApiError) as by_header:
        rivya.credits.get()
    assert by_snake.value.request_id == "req_snake"
    assert by_header.value.request_id == "req_header"


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(418, html="<h1>Attention required</h1>"),
        httpx.Response(418),
        httpx.Response(418, content=b'{"error": {"code": "not_fou'),
        httpx.Response(418, json=[]),
        httpx.Response(418, json={"error": "nope"}),
        httpx.Response(418, json={"error": {"code": 7, "message": ["x"]}}),
        httpx.Response(418, json={"error": None}),
        httpx.Response(418, content=b"[" * 100_000),
        httpx.Response(418, content=b"\xff\xfe\x00"),
        httpx.Response(418, content=b"x" * 3_000_000),
    ],
    ids=["html", "empty", "cut", "list", "text", "types", "null", "deep", "bytes", "large"],
)
def test_it_makes_an_api_error_of_any_refusal(
    stage: Stage, rivya: RivyaClient, response: httpx.Response
) -> None:
    stage.answers(response)
    with pytest.raises(errors.ApiError) as caught:
        rivya.credits.get()
    assert (caught.value.status, caught.value.code) == (418, "")


def test_it_never_takes_a_bare_404_for_an_absent_job(stage: Stage, rivya: RivyaClient) -> None:
    stage.answers(httpx.Response(404, html="<h1>Not Found</h1>"))
    with pytest.raises(errors.ApiError) as caught:
        rivya.generations.get("t")
    assert not isinstance(caught.value, errors.NotFound)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"   ",
        b"<html>hello</html>",
        b'{"id": "task_1", "status": "qu',
        b"null",
        b"[]",
        b'"task"',
        b"7",
        b"NaN",
        b'{"id":"t","status":"queued","reserved_credits":NaN}',
        b"[" * 100_000,
        b'{"id": ' + b"9" * 5000 + b"}",
        b"\xff\xfe\x00",
        b"{}" + b" " * 10_000_000,
    ],
    ids=lambda content: repr(content[:20]) + str(len(content)),
)
@pytest.mark.parametrize("status", [200, 201, 204])
def test_it_calls_a_create_uncertain_when_its_2xx_makes_no_sense(
    stage: Stage, rivya: RivyaClient, content: bytes, status: int
) -> None:
    stage.answers(httpx.Response(status, content=content))
    with pytest.raises(errors.BadResponse) as caught:
        _create(rivya)
    assert caught.value.maybe_sent
    assert len(stage.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_it_follows_no_redirect(stage: Stage, rivya: RivyaClient, status: int) -> None:
    stage.answers(httpx.Response(status, headers={"Location": "https://elsewhere.example/"}))
    with pytest.raises(errors.ApiError) as caught:
        _create(rivya)
    assert len(stage.requests) == 1
    assert caught.value.maybe_sent


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_it_lets_no_number_in_that_json_does_not_know(
    stage: Stage, rivya: RivyaClient, word: str
) -> None:
    stage.answers(httpx.Response(200, content=b'{"data": [], "x": %b}' % word.encode()))
    with pytest.raises(errors.BadResponse, match="not JSON"):
        rivya.openapi.get()


def test_it_asks_for_no_compression(stage: Stage, rivya: RivyaClient) -> None:
    stage.says(job())
    rivya.generations.get("t")
    assert stage.requests[0].headers["Accept-Encoding"] == "identity"


def test_it_caps_the_answer_where_it_is_told_to(stage: Stage) -> None:
    stage.says(job(model="m" * 1000))
    with pytest.raises(errors.BadResponse, match="larger than 500 bytes"):
        stage.client(max_body=500).generations.get("t")


class _Unread(httpx.SyncByteStream):
    def __init__(self, *parts: bytes) -> None:
        self._parts = parts

    def __iter__(self):
        yield from self._parts


def _coded(body: bytes, coding: str) -> httpx.Response:
    return httpx.Response(200, stream=_Unread(body), headers={"Content-Encoding": coding})


def test_it_reads_a_compressed_answer_within_its_bounds(stage: Stage, rivya: RivyaClient) -> None:
    stage.answers(_coded(gzip.compress(b'{"current_credits": 5}'), "gzip"))
    assert rivya.credits.get().current == 5


def test_it_refuses_an_answer_that_unfolds_too_far(stage: Stage, rivya: RivyaClient) -> None:
    bomb = gzip.compress(b'{"current_credits": 5' + b" " * 50_000_000 + b"}")
    assert len(bomb) < 100_000
    stage.answers(_coded(bomb, "gzip"))
    tracemalloc.start()
    with pytest.raises(errors.BadResponse, match="larger"):
        rivya.credits.get()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


def test_it_refuses_an_encoding_it_cannot_read(stage: Stage, rivya: RivyaClient) -> None:
    stage.answers(_coded(b"not brotli either", "br"))
    with pytest.raises(errors.BadResponse, match="encoding"):
        rivya.credits.get()
