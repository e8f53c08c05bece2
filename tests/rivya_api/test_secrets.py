"""The key, secrets and temporary links are in no log, repr, message or traceback."""

import logging
import traceback

import httpx
import pytest

from rivya_app.rivya_api import RivyaClient, errors
from rivya_app.rivya_api.types import RemoteFile, WebhookEndpoint
from tests.rivya_api.conftest import KEY, Stage, job, refusal

LINK = "https://media.example/signed?token=hush"


def test_it_shows_the_last_four_characters_of_the_key_only(rivya: RivyaClient) -> None:
    assert KEY not in repr(rivya)
    assert repr(rivya).endswith(f"key …{KEY[-4:]}>")
    assert KEY not in repr(vars(rivya)) + repr(vars(rivya._wire))
    assert "…>" in repr(RivyaClient("short", transport=httpx.MockTransport(lambda _: None)))


@pytest.mark.parametrize(
    "step",
    [
        httpx.ConnectError("no route"),
        httpx.RemoteProtocolError(f"Illegal header value {KEY}"),
        refusal("api_key_invalid", 401, f"The key {KEY} is not known."),
        httpx.Response(200, content=KEY.encode()),
        httpx.Response(500, html=KEY),
    ],
    ids=["connect", "protocol", "echo", "not json", "html"],
)
def test_it_keeps_the_key_out_of_every_error(
    stage: Stage, caplog: pytest.LogCaptureFixture, step: httpx.Response | Exception
) -> None:
    stage.answers(step)
    caplog.set_level(logging.DEBUG)
    client = stage.client()
    with pytest.raises(errors.RivyaError) as caught:
        client.generations.create({"prompt": "x"}, idempotency_key="k")
    assert caught.tb.tb_next is not None
    ours = caught.value.with_traceback(caught.tb.tb_next)  # without this test's own frame
    frames = traceback.TracebackException.from_exception(ours, capture_locals=True)
    said = "".join(frames.format()) + repr(caught.value) + repr(vars(caught.value)) + caplog.text
    assert KEY not in said
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("bad", [KEY + "\n", KEY + " x", KEY + "ü", ""])
def test_it_refuses_an_unusable_key_without_quoting_it(bad: str) -> None:
    with pytest.raises(ValueError, match="cannot be sent") as caught:
        RivyaClient(bad, transport=httpx.MockTransport(lambda _: None))
    assert KEY not in str(caught.value)


def test_it_logs_what_was_asked_and_nothing_that_was_said(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    result = {"primary_url": LINK, "urls": [LINK]}
    stage.says(
        job(status="succeeded", final_credits=1, result=result), x_request_id="req_5\r\nfake line"
    )
    caplog.set_level(logging.DEBUG)
    done = stage.client().generations.create({"prompt": "a secret plan"}, idempotency_key="k")
    line = next(r.getMessage() for r in caplog.records if r.name == "rivya_api")
    assert line.startswith("POST /api/v1/generations 200 ")
    assert line.endswith(" ms req_5 fake line")
    for hidden in (KEY, LINK, "secret plan", "Bearer"):
        assert hidden not in caplog.text + repr(done)


def test_it_keeps_links_and_secrets_out_of_repr() -> None:
    file = RemoteFile.from_json({"id": "f", "url": LINK, "duration_token": "tok_hush"})
    endpoint = WebhookEndpoint.from_json({"id": "e", "signing_secret": "whsec_hush"})
    assert file.url == LINK
    assert endpoint.signing_secret == "whsec_hush"
    assert "hush" not in repr(file) + repr(endpoint)


def test_it_blanks_secrets_out_of_rivyas_own_words() -> None:
    error = errors.api_error(code="x", status=400, message=f"{KEY}, whsec_abc\r\nand more" * 200)
    assert "0123" not in error.message
    assert "whsec_abc" not in error.message
    assert len(error.message) <= errors.MAX_MESSAGE
    assert error.message.isprintable()


def test_it_carries_no_cookie_from_one_key_to_the_next(stage: Stage) -> None:
    stage.says(job(), set_cookie="who=first; Path=/")
    with httpx.Client(transport=httpx.MockTransport(stage.play)) as shared:
        for key in (KEY, KEY + "2"):
            with RivyaClient(key, http=shared) as client:
                client.generations.get("t")
        assert not shared.is_closed
    assert [sent.headers["Authorization"][-1] for sent in stage.requests] == ["f", "2"]
    assert all("Cookie" not in sent.headers for sent in stage.requests)


@pytest.mark.parametrize(
    "url", ["ftp://rivya.ai", "rivya.ai", "https://", "https://me:pw@rivya.ai", "https://a/?b=c"]
)
def test_it_talks_to_web_addresses_only(url: str) -> None:
    with pytest.raises(ValueError, match="base URL") as caught:
        RivyaClient(base_url=url)
    assert "pw" not in str(caught.value)
