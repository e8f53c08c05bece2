"""What a create may say, model by model; every refusal is validation_failed and costs nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.conftest import Api, code_of

BAD: list[tuple[str, dict[str, Any]]] = [
    ("no model", {"model": None}),
    ("unknown model", {"model": "nobody-1"}),
    ("chat model", {"model": "gpt-5-2-chat"}),
    ("coming soon", {"model": "stillroom-preview"}),
    ("studio only", {"model": "studio-relight"}),
    ("no prompt", {"prompt": ""}),
    ("prompt of another type", {"prompt": 5}),
    ("prompt too long", {"prompt": "x" * 1001}),
    ("files on top", {"files": []}),
    ("params no object", {"params": []}),
    ("unknown param", {"params": {"size": "1:1"}}),
    ("unknown option", {"params": {"aspect_ratio": "5:1"}}),
    ("select as number", {"model": "kling-2-6", "params": {"duration": 5}}),
    ("boolean for a switch", {"model": "kling-2-6", "params": {"sound": True}}),
    ("number as text", {"model": "veo3-1-lite", "params": {"seeds": "10001"}}),
    ("number too high", {"model": "veo3-1-lite", "params": {"seeds": 100000}}),
    ("number between steps", {"model": "happyhorse-1-0", "params": {"duration": 4.5}}),
    ("text as number", {"model": "google-imagen4", "params": {"seed": 7}}),
    ("voice missing", {"model": "elevenlabs-turbo-2-5"}),
    ("dialogue missing", {"model": "elevenlabs-dialogue-v3", "prompt": ""}),
    ("dialogue empty", {"model": "elevenlabs-dialogue-v3", "params": {"dialogue": [{}]}}),
    ("references where none are", {"params": {"referenceMediaItems": [{"url": "x"}]}}),
    ("trace id too long", {"client_request_id": "x" * 129}),
]
GOOD: list[dict[str, Any]] = [
    {"model": "4o-image", "prompt": "x" * 30000},
    {"model": "kling-2-6", "params": {"duration": "10", "sound": "true"}},
    {"model": "grok-imagine-video", "params": {"duration": 6}},
    {"model": "veo3-1-lite", "params": {"seeds": 10001, "watermark": "mine"}},
    {
        "model": "elevenlabs-turbo-2-5",
        "params": {"voice": "TX3LPaxmHKxFdv7VOQHJ", "stability": 0.55},
    },
    {
        "model": "elevenlabs-dialogue-v3",
        "prompt": None,
        "params": {"dialogue": [{"voice": "Adam", "text": "Hello there."}, {"text": "Hi."}]},
    },
    {"model": "elevenlabs-sound-effect-v2", "params": {"duration_seconds": 0.5}},
    {"params": {"referenceMediaItems": []}},
]


@pytest.mark.parametrize("body", [body for _, body in BAD], ids=[name for name, _ in BAD])
def test_it_refuses(api: Api, body: dict[str, Any]) -> None:
    answer = api.create(**body)
    assert (answer.status_code, code_of(answer)) == (400, "validation_failed")
    assert api.credits() == 1000
    assert api.stand_in.tasks() == []


@pytest.mark.parametrize("body", GOOD)
def test_it_accepts(api: Api, body: dict[str, Any]) -> None:
    assert api.create(**body).status_code == 201


def test_it_lets_unknown_params_by_when_told(api: Api) -> None:
    api.stand_in.set(unknown_params="ignore")
    assert api.create(params={"brand_new": 1}).status_code == 201


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"'])
def test_it_refuses_what_is_no_object(api: Api, body: bytes) -> None:
    answer = api.http.post("/generations", content=body)
    assert (answer.status_code, code_of(answer)) == (400, "validation_failed")


def test_it_refuses_a_body_without_end(api: Api) -> None:
    answer = api.create("x" * 5_000_000)
    assert (answer.status_code, code_of(answer)) == (413, "validation_failed")
