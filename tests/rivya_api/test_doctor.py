"""What the doctor says of a Rivya that is as we took it to be, and of one that is not."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from rivya_app.rivya_api import RivyaClient, doctor, errors
from rivya_app.rivya_api.doctor import Finding
from rivya_app.rivya_api.openapi_check import ENDPOINTS, LISTS
from tests.rivya_api.conftest import KEY, answer, refusal
from tests.rivya_api.test_reads import Z_IMAGE

Document = dict[str, Any]
TEXT = {"type": "string"}


def _object(names: str) -> Document:
    return {"type": "object", "properties": dict.fromkeys(names.split(), TEXT)}


def _document() -> Document:
    """A document that says everything we rely on, schemas behind references."""
    paths: Document = {}
    schemas: Document = {
        "Error": {"properties": {"code": {"enum": [*errors.BY_CODE]}}},
        "Status": {"enum": ["queued", "processing", "succeeded", "failed"]},
    }
    for number, ((method, path), (asked, answered)) in enumerate(ENDPOINTS.items()):
        schemas[f"Answer{number}"] = _object(answered)
        entry = {"$ref": f"#/components/schemas/Answer{number}"}
        listed = {"properties": {"data": {"type": "array", "items": entry}}}
        schema = listed if path in LISTS and method == "GET" else entry
        parameters = [{"in": "header", "name": "Idempotency-Key"}, {"in": "query", "name": "after"}]
        paths.setdefault("/api/v1" + path.replace("{}", "{someId}"), {})[method.lower()] = {
            "parameters": parameters,
            "requestBody": {"content": {"application/json": {"schema": _object(asked)}}},
            "responses": {
                "400": {"description": "x"},
                "201": {"content": {"application/json": {"schema": schema}}},
            },
        }
        if "status" in answered:
            schemas[f"Answer{number}"]["properties"]["status"] = {
                "$ref": "#/components/schemas/Status"
            }
    stream = paths["/api/v1/chat/completions/stream"]["post"]["responses"]["201"]
    stream["content"] = {"text/event-stream": {}}
    signed = {"in": "header", "name": "Webhook-Signature"}
    return {
        "openapi": "3.1.0",
        "paths": paths,
        "components": {"schemas": schemas},
        "webhooks": {"generation": {"post": {"parameters": [signed]}}},
    }


class Rivya:
    """A whole Rivya of canned answers, as little of it as the doctor asks for."""

    def __init__(self) -> None:
        self.document: Any = _document()
        self.models: Any = {"data": [Z_IMAGE]}
        self.sessions: Any = [{"id": "one"}]
        self.messages: Any = [
            {"id": "m1", "role": "user", "content": "Private words"},
            {
                "id": "m2",
                "role": "assistant",
                "content": "More of them",
                "usage": {"input_tokens": 3, "output_tokens": 4},
                "credits": {"reserved": 3, "final": 2},
            },
        ]
        self.changes: dict[tuple[str, str], httpx.Response | Exception] = {}
        self.asked: list[httpx.Request] = []

    def play(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        key = (request.method, request.url.path.removeprefix("/api/v1"))
        changed = self.changes.get(key)
        if isinstance(changed, Exception):
            raise changed
        return changed or self._usual(*key)

    def _usual(self, method: str, path: str) -> httpx.Response:
        if path == "/openapi.json":
            return answer(self.document)
        if path == "/models":
            return answer(self.models)
        if path == "/credits":
            return answer({"current_credits": 5})
        if method == "POST":
            return refusal("validation_failed", 400)
        if doctor.NOBODYS_ID in path:
            return refusal("not_found", 404)
        if path == "/chat/sessions":
            return answer({"object": "list", "data": self.sessions})
        if path.startswith("/chat/sessions/"):
            return answer({"id": "one", "messages": self.messages})
        return answer({"object": "list", "data": []})

    def examine(self, **options: Any) -> list[Finding]:
        transport = httpx.MockTransport(self.play)
        with RivyaClient(KEY, transport=transport, quick_retries=0) as client:
            return doctor.examine(client, **options)

    def finding(self, area: str, name: str, **options: Any) -> Finding:
        found = [f for f in self.examine(**options) if (f.area, f.name) == (area, name)]
        assert found, f"nothing said about {area}: {name}"
        return found[0]


def test_it_finds_nothing_wrong_with_the_rivya_we_know() -> None:
    rivya = Rivya()
    findings = rivya.examine()
    assert {f.verdict for f in findings} == {"agrees"}, [f for f in findings if f.detail]
    areas = {"contract", "paths", "fields", "codes", "assumptions", "models", "credits", "scopes"}
    assert {f.area for f in findings} == areas | {"errors", "chat sessions"}


def test_it_spends_nothing_and_changes_nothing() -> None:
    rivya = Rivya()
    rivya.examine()
    for request in rivya.asked:
        assert request.method in ("GET", "POST")
        if request.method == "POST":
            assert request.read() == b"{}"
            assert "Idempotency-Key" not in request.headers


def test_it_looks_at_what_is_public_without_a_key() -> None:
    rivya = Rivya()
    rivya.examine(has_key=False)
    assert {request.url.path for request in rivya.asked} == {
        "/api/v1/openapi.json",
        "/api/v1/models",
    }


@pytest.mark.parametrize("missing", ["id", "content", "usage", "credits"])
def test_it_says_what_a_session_does_not_show_and_relies_on_none_of_it(missing: str) -> None:
    rivya = Rivya()
    del rivya.messages[1][missing]
    names = {"id": "ids", "content": "text", "usage": "tokens", "credits": "credits"}
    found = rivya.finding("chat sessions", names[missing])
    assert (found.verdict, found.is_harmful) == ("differs", False)
    assert "words" not in str(rivya.examine()).replace("without words", "")


def test_it_cannot_tell_of_sessions_where_there_is_none() -> None:
    rivya = Rivya()
    rivya.sessions = []
    assert rivya.finding("chat sessions", "messages").verdict == "cannot_tell"
    rivya.changes[("GET", "/chat/sessions")] = refusal("internal_error", 500)
    assert rivya.finding("chat sessions", "GET /chat/sessions").verdict == "cannot_tell"


def _drop_path(document: Document) -> None:
    del document["paths"]["/api/v1/credits"]


def _add_path(document: Document) -> None:
    document["paths"]["/api/v1/usage"] = {"get": {}}


def _drop_field(document: Document) -> None:
    for name, schema in document["components"]["schemas"].items():
        if name.startswith("Answer"):
            schema["properties"].pop("final_credits", None)


def _hide_schemas(document: Document) -> None:
    document["components"] = {}


def _add_status(document: Document) -> None:
    document["components"]["schemas"]["Status"]["enum"].append("cancelled")


def _drop_status(document: Document) -> None:
    document["components"]["schemas"]["Status"]["enum"].remove("failed")


def _add_code(document: Document) -> None:
    document["components"]["schemas"]["Error"]["properties"]["code"]["enum"].append("brand_new")


def _drop_code(document: Document) -> None:
    codes = document["components"]["schemas"]["Error"]["properties"]["code"]["enum"]
    codes.remove("insufficient_credits")


def _other_signature(document: Document) -> None:
    document["webhooks"]["generation"]["post"]["parameters"][0]["name"] = "X-Other-Signature"


def _no_signature(document: Document) -> None:
    del document["webhooks"]


def _other_pages(document: Document) -> None:
    document["paths"]["/api/v1/webhooks"]["get"]["parameters"][1]["name"] = "page"


def _loop(document: Document) -> None:
    schemas = document["components"]["schemas"]
    schemas["Status"] = {"$ref": "#/components/schemas/Status"}
    for name in schemas:
        if name.startswith("Answer"):
            schemas[name] = {"allOf": [{"$ref": f"#/components/schemas/{name}"}]}


@pytest.mark.parametrize(
    ("change", "area", "name", "verdict", "is_harmful"),
    [
        (_drop_path, "paths", "GET /credits", "differs", True),
        (_add_path, "paths", "GET /usage", "differs", False),
        (_drop_field, "fields", "GET /generations/{} answer", "differs", True),
        (_hide_schemas, "fields", "GET /credits answer", "cannot_tell", False),
        (_hide_schemas, "codes", "error codes", "cannot_tell", False),
        (_add_status, "codes", "job status", "differs", False),
        (_drop_status, "codes", "job status", "differs", True),
        (_add_code, "codes", "error codes", "differs", False),
        (_drop_code, "codes", "error codes", "differs", True),
        (_other_signature, "assumptions", "webhook signature header", "differs", True),
        (_no_signature, "assumptions", "webhook signature header", "cannot_tell", False),
        (_other_pages, "assumptions", "pages of GET /webhooks", "differs", False),
        (_loop, "fields", "GET /credits answer", "cannot_tell", False),
    ],
)
def test_it_says_where_the_document_differs(
    change: Callable[[Document], None], area: str, name: str, verdict: str, is_harmful: bool
) -> None:
    rivya = Rivya()
    change(rivya.document)
    finding = rivya.finding(area, name)
    assert (finding.verdict, finding.is_harmful) == (verdict, is_harmful)


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {"openapi": "2.0"},
        {"openapi": "3.0", "paths": []},
        {"openapi": "3.1", "paths": {"/api/v1/credits": {"get": 5, "x": {}}}, "components": 7},
        {"openapi": "3.1", "paths": {"/api/v1/credits": {"get": {"responses": [], "a": "b"}}}},
    ],
)
def test_it_survives_any_document(document: Any) -> None:
    rivya = Rivya()
    rivya.document = document
    verdict = rivya.finding("contract", "openapi.json").verdict
    is_read = isinstance(document, dict) and "paths" in document
    assert verdict == ("agrees" if is_read else "cannot_tell")


@pytest.mark.parametrize(
    ("changes", "name", "is_harmful"),
    [
        ({"base_credits": "dear"}, "price", True),
        ({"params": [{"label": "?"}]}, "parameters", True),
        ({"params": None}, "parameters", True),
        ({"reference_media": {"odd": 1}}, "reference rules", True),
        ({"billing_type": "AUCTION"}, "billing_type", False),
        ({"category": "hologram"}, "category", False),
        ({"api_status": "retired"}, "GET /models", True),
    ],
)
def test_it_says_where_the_models_differ(
    changes: dict[str, Any], name: str, is_harmful: bool
) -> None:
    rivya = Rivya()
    rivya.models = {"data": [{**Z_IMAGE, **changes}]}
    finding = rivya.finding("models", name)
    assert (finding.verdict, finding.is_harmful) == ("differs", is_harmful)


def test_it_says_which_scopes_a_key_lacks() -> None:
    rivya = Rivya()
    denied = refusal("api_scope_denied", 403)
    rivya.changes = {("POST", "/generations"): denied, ("GET", "/webhooks"): denied}
    assert rivya.finding("scopes", "generations:create").is_harmful
    webhooks = rivya.finding("scopes", "webhooks:manage")
    assert (webhooks.verdict, webhooks.is_harmful) == ("differs", False)
    assert rivya.finding("scopes", "webhooks:manage", needed_scopes=doctor.SCOPES).is_harmful


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (refusal("api_key_revoked", 401), "differs"),
        (answer({"id": "task_1"}, 201), "differs"),
        (refusal("rate_limited", 429), "cannot_tell"),
        (httpx.Response(502, html="<h1>?</h1>"), "cannot_tell"),
        (httpx.ReadTimeout("x"), "cannot_tell"),
    ],
    ids=["revoked", "accepted", "limited", "gateway", "silent"],
)
def test_it_judges_what_a_scope_answers(change: httpx.Response | Exception, verdict: str) -> None:
    rivya = Rivya()
    rivya.changes = {("POST", "/generations"): change}
    assert rivya.finding("scopes", "generations:create").verdict == verdict


def test_it_says_that_the_wallet_cannot_be_read() -> None:
    rivya = Rivya()
    rivya.changes = {("GET", "/credits"): answer({"balance": 5})}
    assert rivya.finding("credits", "GET /credits").is_harmful


def test_it_says_that_errors_come_in_another_shape() -> None:
    rivya = Rivya()
    rivya.changes = {("GET", "/credits"): answer({"message": "no"}, 400)}
    assert rivya.finding("errors", "envelope").is_harmful


def test_it_survives_a_rivya_that_is_not_there() -> None:
    rivya = Rivya()
    paths = ["/openapi.json", "/models", "/credits"]
    rivya.changes = {("GET", path): httpx.ConnectError("refused") for path in paths}
    findings = rivya.examine(has_key=False)
    assert [f.verdict for f in findings] == ["cannot_tell", "differs"]


def test_it_prints_no_secret() -> None:
    rivya = Rivya()
    rivya.changes = {("GET", "/credits"): refusal("api_key_invalid", 401, f"What is {KEY}?")}
    assert KEY not in repr(rivya.examine())
