"""A stage for the client: answers are scripted, what was sent is kept, waiting costs nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings

from rivya_app.rivya_api import RivyaClient
from tests.rivya_api.raw_server import RawServer

# A busy machine is no finding.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

KEY = "rvya_sk_test_0123456789abcdef"
Step = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Stage:
    """Plays the scripted answers in turn (the last one for ever) and keeps every request."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.requests: list[httpx.Request] = []
        self.bodies: list[bytes] = []
        self.waits: list[float] = []

    def answers(self, *steps: Step) -> None:
        self.steps = list(steps)

    def says(self, body: Any, status: int = 200, **headers: str) -> None:
        self.answers(answer(body, status, **headers))

    def play(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.bodies.append(request.read())
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, httpx.Response) else step(request)

    def client(self, **options: Any) -> RivyaClient:
        return RivyaClient(
            options.pop("api_key", KEY),
            transport=httpx.MockTransport(self.play),
            sleep=self.waits.append,
            **options,
        )


def answer(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=body, headers=named)


def refusal(code: str, status: int, message: str = "No.", **headers: str) -> httpx.Response:
    body = {"error": {"code": code, "message": message, "requestId": "req_7"}}
    return answer(body, status, **headers)


def job(**changes: Any) -> dict[str, Any]:
    """The documented generation object [docs/api-generation-status]."""
    return {
        "id": "task_public_id",
        "status": "queued",
        "model": "z-image",
        "reserved_credits": 1,
        "final_credits": 0,
        "created_at": "2026-05-10T00:00:00.000Z",
        "updated_at": "2026-05-10T00:01:00.000Z",
        "result": None,
        "error": None,
        **changes,
    }


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def rivya(stage: Stage) -> Iterator[RivyaClient]:
    with stage.client() as client:
        yield client


@pytest.fixture
def raw_server() -> Iterator[RawServer]:
    with RawServer() as server:
        yield server
