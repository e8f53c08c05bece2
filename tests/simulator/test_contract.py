"""The shapes of the answers, key by key as the contract shows them."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.simulator.conftest import Api, code_of
from tests.simulator_process import Simulator

MODEL_FIELDS = [
    "id",
    "display_name",
    "category",
    "runtime",
    "base_credits",
    "billing_type",
    "supported_modes",
    "max_prompt_length",
    "reference_media",
    "params",
    "api_status",
    "api_input_status",
    "supported_api_inputs",
    "requires_files_api",
    "requires_upload_for_modes",
    "url_input_supported",
    "file_kinds",
    "chat_capabilities",
    "notices",
]
TASK_FIELDS = [
    "id",
    "status",
    "model",
    "reserved_credits",
    "final_credits",
    "created_at",
    "updated_at",
    "result",
    "error",
]
CONTRACT_MODELS = [
    "z-image",
    "4o-image",
    "google-imagen4",
    "google-imagen4-ultra",
    "nano-banana",
    "nano-banana-2",
    "nano-banana-pro",
    "seedream-4-0",
    "seedream-4-5",
    "seedream-5-lite",
    "veo3-1-lite",
    "kling-2-6",
    "kling-3-0",
    "kling-v2-1-master",
    "wan-2-5-video",
    "wan-2-6",
    "sora-2",
    "runway",
    "grok-imagine-video",
    "happyhorse-1-0",
    "suno-music",
    "elevenlabs-turbo-2-5",
    "elevenlabs-dialogue-v3",
    "elevenlabs-sound-effect-v2",
    "gpt-5-2-chat",
    "gpt-5-codex-chat",
    "gpt-5-3-codex-chat",
    "gpt-5.4-codex-chat",
    "gemini-2-5-flash-chat",
    "claude-sonnet-4-6-chat",
]


def test_it_lists_every_model_without_a_key(rivya: Simulator) -> None:
    body = httpx.get(f"{rivya.base_url}/api/v1/models").json()
    assert body["object"] == "list"
    listed = {model["id"]: model for model in body["data"]}
    assert set(CONTRACT_MODELS) <= set(listed)
    assert all(list(model) == MODEL_FIELDS for model in listed.values())
    assert {"coming_soon", "studio_only"} <= {m["api_status"] for m in listed.values()}


def test_it_describes_each_parameter(rivya: Simulator) -> None:
    data = httpx.get(f"{rivya.base_url}/api/v1/models").json()["data"]
    keys = ["key", "type", "required", "default", "options", "min", "max", "step", "description"]
    for model in data:
        for param in model["params"]:
            assert list(param) == keys
            if param["type"] == "select":
                assert param["default"] in param["options"]


def test_it_hides_a_model_that_has_gone(api: Api) -> None:
    api.stand_in.set(hidden_models="z-image")
    assert "z-image" not in [m["id"] for m in api.http.get("/models").json()["data"]]
    assert code_of(api.create()) == "validation_failed"


def test_it_answers_a_create_with_the_documented_object(api: Api) -> None:
    answer = api.create()
    task = answer.json()
    assert answer.status_code == 201
    assert list(task) == TASK_FIELDS
    assert task["status"] == "queued"
    assert (task["reserved_credits"], task["final_credits"]) == (1, 0)
    assert (task["result"], task["error"]) == (None, None)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", task["created_at"])
    assert task["id"].startswith("task_")


def test_it_shows_a_success_with_links(api: Api) -> None:
    task = api.final(api.made()["id"])
    assert list(task) == TASK_FIELDS
    assert task["status"] == "succeeded"
    assert task["final_credits"] == 1
    assert task["result"]["urls"][0] == task["result"]["primary_url"]


def test_it_goes_through_queued_and_processing(api: Api) -> None:
    task_id = api.made("[[slow:0.4]] a mug")["id"]
    seen = []
    while not seen or seen[-1] not in ("succeeded", "failed"):
        status = api.task(task_id)["status"]
        if status not in seen:
            seen.append(status)
    assert seen == ["queued", "processing", "succeeded"]


@pytest.mark.parametrize(
    ("variant", "statuses"), [("rest", (201, 200)), ("200", (200, 200)), ("202", (202, 202))]
)
def test_it_plays_each_success_status(api: Api, variant: str, statuses: tuple[int, int]) -> None:
    api.stand_in.set(success_status_variant=variant)
    assert (api.create().status_code, api.http.get("/credits").status_code) == statuses


@pytest.mark.parametrize("variant", ["camel", "snake", "header"])
def test_it_puts_the_request_id_where_told(api: Api, variant: str) -> None:
    api.stand_in.set(request_id_variant=variant)
    answer = api.http.get("/generations/task_nobody")
    name = {"camel": "requestId", "snake": "request_id"}.get(variant)
    error = answer.json()["error"]
    assert set(error) == {"code", "message"} | ({name} if name else set())
    assert answer.headers["x-request-id"].startswith("req_")


def test_it_describes_itself(rivya: Simulator) -> None:
    document = httpx.get(f"{rivya.base_url}/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.")
    operations = [op for path in document["paths"].values() for op in path.values()]
    assert len(operations) == 20
    assert set(document["paths"]["/api/v1/webhooks/{endpointId}"]) == {"get", "patch", "delete"}
    schemas = document["components"]["schemas"]
    assert list(schemas["PublicApiGeneration"]["properties"]) == TASK_FIELDS
    codes = schemas["PublicApiError"]["properties"]["error"]["properties"]["code"]["enum"]
    assert {"insufficient_credits", "webhook_url_rejected"} <= set(codes)


def test_it_refuses_paths_and_methods_nobody_documented(api: Api) -> None:
    assert code_of(api.http.get("/nothing")) == "not_found"
    assert api.http.delete("/generations/task_x").status_code == 405
