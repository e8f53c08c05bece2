"""The endpoints of the API: one table for dispatch, scopes and openapi.json."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Route:
    operation: str
    method: str
    path: str
    scope: str
    """Empty: no key needed."""
    status: int = 200
    keeps_first_answer: bool = False
    body: str = ""
    """``json``, ``multipart`` or nothing."""
    request_schema: str = ""
    reply_schema: str = ""


_TASK = "PublicApiGeneration"
_ENDPOINT = "PublicApiWebhookEndpoint"
_MANAGE = "webhooks:manage"

ROUTES: Final[tuple[Route, ...]] = (
    Route("models.list", "GET", "/models", "", reply_schema="PublicApiModelList"),
    Route("openapi.get", "GET", "/openapi.json", ""),
    Route(
        "generations.create",
        "POST",
        "/generations",
        "generations:create",
        201,
        True,
        "json",
        "CreateGenerationRequest",
        _TASK,
    ),
    Route(
        "generations.get", "GET", "/generations/{taskId}", "generations:read", reply_schema=_TASK
    ),
    Route(
        "files.create",
        "POST",
        "/files",
        "files:create",
        201,
        False,
        "multipart",
        "CreateFileRequest",
        "PublicApiFile",
    ),
    Route("files.get", "GET", "/files/{fileId}", "files:read", reply_schema="PublicApiFile"),
    Route("credits.get", "GET", "/credits", "credits:read", reply_schema="PublicApiCredits"),
    Route(
        "chat.complete",
        "POST",
        "/chat/completions",
        "chat:create",
        200,
        True,
        "json",
        "CreateChatCompletionRequest",
        "PublicApiChatCompletion",
    ),
    Route(
        "chat.stream",
        "POST",
        "/chat/completions/stream",
        "chat:create",
        200,
        True,
        "json",
        "CreateChatCompletionRequest",
    ),
    Route(
        "chat.sessions.list",
        "GET",
        "/chat/sessions",
        "chat:read",
        reply_schema="PublicApiChatSessionList",
    ),
    Route(
        "chat.sessions.get",
        "GET",
        "/chat/sessions/{sessionId}",
        "chat:read",
        reply_schema="PublicApiChatSession",
    ),
    Route(
        "webhooks.list", "GET", "/webhooks", _MANAGE, reply_schema="PublicApiWebhookEndpointList"
    ),
    Route(
        "webhooks.create",
        "POST",
        "/webhooks",
        _MANAGE,
        201,
        False,
        "json",
        "CreateWebhookEndpointRequest",
        _ENDPOINT,
    ),
    Route("webhooks.get", "GET", "/webhooks/{endpointId}", _MANAGE, reply_schema=_ENDPOINT),
    Route(
        "webhooks.update",
        "PATCH",
        "/webhooks/{endpointId}",
        _MANAGE,
        200,
        False,
        "json",
        "UpdateWebhookEndpointRequest",
        _ENDPOINT,
    ),
    Route("webhooks.delete", "DELETE", "/webhooks/{endpointId}", _MANAGE, 204),
    Route(
        "webhooks.rotate_secret",
        "POST",
        "/webhooks/{endpointId}/rotate-secret",
        _MANAGE,
        reply_schema=_ENDPOINT,
    ),
    Route(
        "webhooks.test",
        "POST",
        "/webhooks/{endpointId}/test",
        _MANAGE,
        reply_schema="PublicApiWebhookDelivery",
    ),
    Route(
        "webhooks.deliveries",
        "GET",
        "/webhooks/{endpointId}/deliveries",
        _MANAGE,
        reply_schema="PublicApiWebhookDeliveryList",
    ),
    Route(
        "webhook_events.list",
        "GET",
        "/webhook-events",
        _MANAGE,
        reply_schema="PublicApiWebhookEventList",
    ),
)

BASE: Final = "/api/v1"
OPERATIONS: Final = tuple(route.operation for route in ROUTES)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(BASE + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))


_PATTERNS: Final = tuple((_pattern(route.path), route) for route in ROUTES)


def find(method: str, path: str) -> tuple[Route | None, dict[str, str], bool]:
    """The route, its path fields, and whether the path exists at all."""
    exists = False
    for pattern, route in _PATTERNS:
        match = pattern.fullmatch(path)
        if match:
            if route.method == method:
                return route, match.groupdict(), True
            exists = True
    return None, {}, exists
