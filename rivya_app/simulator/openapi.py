"""openapi.json, derived from the tables of routes, models and codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from rivya_app.simulator.calls import Call, Handler, Reply
from rivya_app.simulator.catalogue import models
from rivya_app.simulator.refusals import CODES
from rivya_app.simulator.routes import BASE, ROUTES, Route
from rivya_app.simulator.webhooks_api import EVENT_TYPES

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_NUMBER: Final[Schema] = {"type": "number"}
_COUNT: Final[Schema] = {"type": "integer"}
_FLAG: Final[Schema] = {"type": "boolean"}
_TIME: Final[Schema] = {"type": "string", "format": "date-time"}
_ANY: Final[Schema] = {}
_OBJECT: Final[Schema] = {"type": "object"}


def _maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _list_of(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def _of(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: str, **fields: Schema) -> Schema:
    """An object; ``required`` names fields, separated by spaces."""
    schema: Schema = {"type": "object", "properties": fields}
    return schema | ({"required": required.split()} if required else {})


def _all(**fields: Schema) -> Schema:
    return _object(" ".join(fields), **fields)


def _page(name: str) -> Schema:
    return _object(
        "object data",
        object={"const": "list"},
        data=_list_of(_of(name)),
        has_more=_FLAG,
        next_cursor=_maybe(_TEXT),
    )


def _generation() -> Schema:
    return _all(
        id=_TEXT,
        status={"type": "string", "enum": ["queued", "processing", "succeeded", "failed"]},
        model=_TEXT,
        reserved_credits=_NUMBER,
        final_credits=_NUMBER,
        created_at=_TIME,
        updated_at=_TIME,
        result=_maybe(_all(primary_url=_TEXT, urls=_list_of(_TEXT))),
        error=_maybe(_all(code=_TEXT, message=_TEXT)),
    )


def _requests() -> dict[str, Schema]:
    chat_ids = [m.id for m in models().values() if m.chat]
    task_ids = [m.id for m in models().values() if not (m.chat or m.is_extra)]
    item = _object(
        "url kind",
        url=_TEXT,
        kind=_TEXT,
        name=_TEXT,
        mimeType=_TEXT,
        durationSeconds=_NUMBER,
        durationToken=_TEXT,
    )
    return {
        "CreateGenerationRequest": _object(
            "model",
            model={"type": "string", "enum": task_ids},
            prompt=_TEXT,
            params=_object("", referenceMediaItems=_list_of(item)),
            client_request_id=_TEXT,
        ),
        "CreateFileRequest": _object(
            "file kind",
            file={"type": "string", "format": "binary"},
            kind={"type": "string", "enum": ["image", "video", "audio"]},
            model=_TEXT,
            client_request_id=_TEXT | {"maxLength": 128},
        ),
        "CreateChatCompletionRequest": _object(
            "model message",
            model={"type": "string", "enum": chat_ids},
            message=_TEXT | {"maxLength": 20000},
            session_id=_TEXT,
            attachments=_list_of(_all(file_id=_TEXT)),
            enable_web_search=_FLAG,
            reasoning_effort=_TEXT,
            client_request_id=_TEXT,
        ),
        "CreateWebhookEndpointRequest": _object("url", **_endpoint_input()),
        "UpdateWebhookEndpointRequest": _object("", **_endpoint_input(), status=_TEXT),
    }


def _endpoint_input() -> dict[str, Schema]:
    events = _list_of({"type": "string", "enum": list(EVENT_TYPES)})
    return {"name": _TEXT, "url": _TEXT, "event_types": events}


def _replies() -> dict[str, Schema]:
    return {
        "PublicApiModelList": _object("object data", object=_TEXT, data=_list_of(_model())),
        "PublicApiGeneration": _generation(),
        "PublicApiFile": _file(),
        "PublicApiCredits": _all(current_credits=_NUMBER),
        "PublicApiChatCompletion": _completion(),
        "PublicApiChatSession": _session(),
        "PublicApiChatSessionList": _page("PublicApiChatSession"),
        "PublicApiWebhookEndpoint": _endpoint(),
        "PublicApiWebhookEndpointList": _page("PublicApiWebhookEndpoint"),
        "PublicApiWebhookDelivery": _delivery(),
        "PublicApiWebhookDeliveryList": _page("PublicApiWebhookDelivery"),
        "PublicApiWebhookEvent": _event(),
        "PublicApiWebhookEventList": _page("PublicApiWebhookEvent"),
        "PublicApiError": _all(
            error=_all(code={"type": "string", "enum": list(CODES)}, message=_TEXT, requestId=_TEXT)
        ),
    }


def _model() -> Schema:
    first = next(iter(models().values())).wire()
    known = {"base_credits": _NUMBER, "params": _list_of(_OBJECT)}
    return _all(**{name: known.get(name, _ANY) for name in first})


def _file() -> Schema:
    return _object(
        "id url",
        id=_TEXT,
        object=_TEXT,
        kind=_TEXT,
        name=_TEXT,
        mime_type=_TEXT,
        size=_COUNT,
        url=_TEXT,
        duration_seconds=_maybe(_NUMBER),
        duration_token=_maybe(_TEXT),
        created_at=_TIME,
        expires_at=_TIME,
    )


def _completion() -> Schema:
    return _all(
        id=_TEXT,
        object=_TEXT,
        session_id=_TEXT,
        model=_TEXT,
        created_at=_TIME,
        message=_all(id=_TEXT, role=_TEXT, content=_TEXT),
        usage=_all(input_tokens=_COUNT, output_tokens=_COUNT, total_tokens=_COUNT),
        credits=_all(reserved=_NUMBER, final=_NUMBER),
    )


def _session() -> Schema:
    return _object(
        "id model",
        id=_TEXT,
        object=_TEXT,
        model=_TEXT,
        title=_TEXT,
        message_count=_COUNT,
        created_at=_TIME,
        updated_at=_TIME,
        messages=_list_of(_OBJECT),
    )


def _endpoint() -> Schema:
    when = {
        name: _maybe(_TIME)
        for name in ("last_success_at", "last_failure_at", "disabled_at", "revoked_at")
    }
    return _object(
        "id url event_types status",
        id=_TEXT,
        object=_TEXT,
        **_endpoint_input(),
        status=_TEXT,
        secret_preview=_TEXT,
        signing_secret=_TEXT,
        failure_count=_COUNT,
        created_at=_TIME,
        updated_at=_TIME,
        **when,
    )


def _delivery() -> Schema:
    return _object(
        "id status",
        id=_TEXT,
        object=_TEXT,
        endpoint_id=_TEXT,
        event_id=_TEXT,
        event_type=_TEXT,
        status=_TEXT,
        attempts=_COUNT,
        response_status=_maybe(_COUNT),
        error=_maybe(_TEXT),
        created_at=_TIME,
        last_attempt_at=_maybe(_TIME),
        next_attempt_at=_maybe(_TIME),
    )


def _event() -> Schema:
    return _object(
        "id type", id=_TEXT, type=_TEXT, api_version=_TEXT, created_at=_TIME, data=_OBJECT
    )


def document(base_url: str) -> dict[str, Any]:
    """The whole description."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(BASE + route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Rivya Public API (stand-in)", "version": "v1"},
        "servers": [{"url": base_url}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}},
            "schemas": _requests() | _replies(),
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.operation,
        "responses": {
            str(route.status): _answer(route),
            "default": {"description": "Error", "content": _json_content("PublicApiError")},
        },
        "parameters": _parameters(route),
    }
    if route.scope:
        operation |= {"security": [{"bearerAuth": []}], "x-required-scope": route.scope}
    if route.request_schema:
        kind = "multipart/form-data" if route.body == "multipart" else "application/json"
        content = {kind: {"schema": _of(route.request_schema)}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _answer(route: Route) -> dict[str, Any]:
    if route.operation == "chat.stream":
        return {"description": "OK", "content": {"text/event-stream": {"schema": _TEXT}}}
    if not route.reply_schema:
        return {"description": "OK"}
    return {"description": "OK", "content": _json_content(route.reply_schema)}


def _json_content(schema: str) -> dict[str, Any]:
    return {"application/json": {"schema": _of(schema)}}


def _parameters(route: Route) -> list[dict[str, Any]]:
    parts = [part[1:-1] for part in route.path.split("/") if part.startswith("{")]
    found = [{"name": n, "in": "path", "required": True, "schema": _TEXT} for n in parts]
    if route.keeps_first_answer:
        found.append({"name": "Idempotency-Key", "in": "header", "schema": _TEXT})
    if route.reply_schema.endswith("List") and route.operation != "models.list":
        found += [{"name": n, "in": "query", "schema": _TEXT} for n in ("limit", "cursor")]
    return found


def handler(base_url: Callable[[], str]) -> Handler:
    async def get(_call: Call) -> Reply:
        return Reply(document(base_url()))

    return get
