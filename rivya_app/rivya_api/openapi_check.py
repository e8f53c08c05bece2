"""Compares Rivya's published OpenAPI document with what this client was built on. Asks nothing."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rivya_app.rivya_api import assumptions, reading
from rivya_app.rivya_api.errors import BY_CODE
from rivya_app.rivya_api.findings import Finding, agrees, cannot_tell, differs
from rivya_app.rivya_api.reading import Json
from rivya_app.rivya_api.types import JobState
from rivya_app.rivya_api.webhooks import HEX_HEADER, SIGNATURE_HEADER

# Every endpoint of Rivya's public pages, and the names we cannot do without: of the request,
# then of the 2xx answer (for lists, of one entry).
ENDPOINTS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("GET", "/models"): ("", "id display_name base_credits billing_type params api_status"),
    ("GET", "/openapi.json"): ("", ""),
    ("POST", "/generations"): ("model prompt params", "id status reserved_credits final_credits"),
    ("GET", "/generations/{}"): ("", "id status reserved_credits final_credits result error"),
    ("POST", "/files"): ("file kind", "url"),
    ("GET", "/files/{}"): ("", "url"),
    ("GET", "/credits"): ("", "current_credits"),
    ("POST", "/chat/completions"): ("model message session_id", "session_id message credits"),
    ("POST", "/chat/completions/stream"): ("model message session_id", ""),
    ("GET", "/chat/sessions"): ("", "id"),
    ("GET", "/chat/sessions/{}"): ("", "id"),
    ("GET", "/webhooks"): ("", "id url"),
    ("POST", "/webhooks"): ("url event_types", "id signing_secret"),
    ("GET", "/webhooks/{}"): ("", "id url"),
    ("PATCH", "/webhooks/{}"): ("", ""),
    ("DELETE", "/webhooks/{}"): ("", ""),
    ("POST", "/webhooks/{}/rotate-secret"): ("", ""),
    ("POST", "/webhooks/{}/test"): ("", ""),
    ("GET", "/webhooks/{}/deliveries"): ("", ""),
    ("GET", "/webhook-events"): ("", ""),
}
LISTS = ("/chat/sessions", "/webhooks", "/webhooks/{}/deliveries", "/webhook-events")
_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_PLACEHOLDER = re.compile(r"\{[^}]*\}")
_MAX_DEPTH = 12


def compare(document: Json) -> list[Finding]:
    """Return what the document says of every path, field, code and assumption."""
    operations = dict(_operations(document))
    return [
        *_paths(operations),
        *_fields(document, operations),
        *_states(document, operations),
        *_codes(document),
        *_idempotency(document, operations),
        *_pages(document, operations),
        _stream(operations),
        _signature(document),
    ]


def _operations(document: Json) -> Iterator[tuple[tuple[str, str], Json]]:
    for path, item in (reading.maybe_mapping(document.get("paths")) or {}).items():
        short = _PLACEHOLDER.sub("{}", str(path)).rstrip("/").removeprefix("/api/v1")
        for method, operation in (reading.maybe_mapping(item) or {}).items():
            if method in _METHODS and isinstance(operation, dict):
                yield (method.upper(), short), operation


def _paths(operations: Mapping[tuple[str, str], Json]) -> Iterator[Finding]:
    for method, path in ENDPOINTS:
        found = (method, path) in operations
        # The document need not list itself.
        is_relied_on = path != "/openapi.json"
        name = f"{method} {path}"
        if found:
            yield agrees("paths", name)
        elif not operations:
            yield cannot_tell("paths", name, "the document lists no paths")
        else:
            yield differs("paths", name, "not in the document", is_relied_on=is_relied_on)
    for method, path in sorted(set(operations) - set(ENDPOINTS)):
        yield differs("paths", f"{method} {path}", "new, not used by us", is_relied_on=False)


def _fields(document: Json, operations: Mapping[tuple[str, str], Json]) -> Iterator[Finding]:
    for key, (asked, answered) in ENDPOINTS.items():
        operation = operations.get(key)
        if operation is None:
            continue
        name = " ".join(key)
        sent = _schema(document, _content(document, operation.get("requestBody")))
        got = _schema(document, _success(document, operation))
        yield from _named(f"{name} request", asked, _properties(document, sent))
        yield from _named(f"{name} answer", answered, _properties(document, got))


def _named(name: str, wanted: str, found: frozenset[str]) -> Iterator[Finding]:
    if not wanted:
        return
    missing = sorted(set(wanted.split()) - found)
    if not found:
        yield cannot_tell("fields", name, "no schema given")
    elif missing:
        yield differs("fields", name, "missing: " + ", ".join(missing))
    else:
        yield agrees("fields", name)


def _states(document: Json, operations: Mapping[tuple[str, str], Json]) -> Iterator[Finding]:
    operation = operations.get(("GET", "/generations/{}"), {})
    schema = _schema(document, _success(document, operation))
    properties = reading.maybe_mapping(schema.get("properties")) or {}
    words = set(reading.texts(_schema(document, properties.get("status")).get("enum")))
    known = {state.value for state in JobState}
    yield from _compared("codes", "job status", words, known)


def _codes(document: Json) -> Iterator[Finding]:
    found: set[str] = set()
    for node in _nodes(document):
        words = set(reading.texts(node.get("enum")))
        if words & set(BY_CODE):
            found |= words
        if isinstance(node.get("const"), str) and node["const"] in BY_CODE:
            found.add(node["const"])
    yield from _compared("codes", "error codes", found, set(BY_CODE))


def _compared(area: str, name: str, found: set[str], known: set[str]) -> Iterator[Finding]:
    missing, added = sorted(known - found), sorted(found - known)
    if not found:
        yield cannot_tell(area, name, "no list given")
        return
    if missing:
        yield differs(area, name, "missing: " + ", ".join(missing))
    if added:  # tolerated: shown as they are, with a decent general message
        yield differs(area, name, "new: " + ", ".join(added), is_relied_on=False)
    if not missing and not added:
        yield agrees(area, name)


def _idempotency(document: Json, operations: Mapping[tuple[str, str], Json]) -> Iterator[Finding]:
    for path in ("/generations", "/chat/completions", "/chat/completions/stream"):
        names = _parameters(document, operations.get(("POST", path), {}), "header")
        name = f"Idempotency-Key on POST {path}"
        if "idempotency-key" in {header.lower() for header in names}:
            yield agrees("assumptions", name)
        else:
            yield cannot_tell("assumptions", name, "no such header in the document")


def _pages(document: Json, operations: Mapping[tuple[str, str], Json]) -> Iterator[Finding]:
    ours = set(assumptions.CURSOR_PARAMETERS.values())
    for path in LISTS:
        names = set(_parameters(document, operations.get(("GET", path), {}), "query"))
        name = f"pages of GET {path}"
        if names & ours:
            yield agrees("assumptions", name, ", ".join(sorted(names)))
        elif names:
            detail = "query names: " + ", ".join(sorted(names))
            yield differs("assumptions", name, detail, is_relied_on=False)
        else:
            yield cannot_tell("assumptions", name, "no query names given")


def _stream(operations: Mapping[tuple[str, str], Json]) -> Finding:
    name = "chat stream is text/event-stream"
    operation = operations.get(("POST", "/chat/completions/stream"), {})
    if any("text/event-stream" in node for node in _nodes(operation)):
        return agrees("assumptions", name)
    return cannot_tell("assumptions", name, "no media type given")


def _signature(document: Json) -> Finding:
    """Look for a signature header anywhere in the document, by name."""
    found = {
        text.lower()
        for text in _texts(document)
        if len(text) < 60 and re.fullmatch(r"[A-Za-z][A-Za-z-]*-signature", text, re.IGNORECASE)
    }
    ours = {SIGNATURE_HEADER.lower(), HEX_HEADER.lower()}
    name = "webhook signature header"
    if not found:
        return cannot_tell("assumptions", name, "no signature header named")
    if found & ours:
        return agrees("assumptions", name, ", ".join(sorted(found)))
    return differs("assumptions", name, ", ".join(sorted(found)))


def _success(document: Json, operation: Json) -> Any:
    responses = reading.maybe_mapping(operation.get("responses")) or {}
    for status in sorted(responses):
        if str(status).startswith("2"):
            return _content(document, responses[status])
    return None


def _content(document: Json, holder: Any) -> Any:
    content = reading.maybe_mapping(_schema(document, holder).get("content")) or {}
    for media in content.values():
        if isinstance(media, dict):
            return media.get("schema")
    return None


def _parameters(document: Json, operation: Json, place: str) -> list[str]:
    entries = (_schema(document, entry) for entry in reading.items(operation.get("parameters")))
    return [str(entry.get("name")) for entry in entries if entry.get("in") == place]


def _schema(document: Json, node: Any) -> Json:
    """Follow local references; an empty object where they lead nowhere."""
    for _ in range(_MAX_DEPTH):
        body = reading.maybe_mapping(node) or {}
        pointer = body.get("$ref")
        if not isinstance(pointer, str):
            return body
        node = document
        for step in pointer.removeprefix("#/").split("/"):
            node = node.get(step) if isinstance(node, dict) else None
    return {}


def _properties(document: Json, schema: Json, depth: int = 0) -> frozenset[str]:
    """Return the field names of an object; of a list envelope, those of its entries."""
    if depth > _MAX_DEPTH:
        return frozenset()
    names: set[str] = set()
    for key in ("allOf", "anyOf", "oneOf"):
        for part in reading.items(schema.get(key)):
            names |= _properties(document, _schema(document, part), depth + 1)
    properties = reading.maybe_mapping(schema.get("properties")) or {}
    entries = _schema(document, properties.get("data")).get("items")
    if entries is not None:
        return _properties(document, _schema(document, entries), depth + 1)
    return frozenset(names | set(properties))


def _nodes(root: Any) -> Iterator[dict[str, Any]]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)


def _texts(root: Any) -> Iterator[str]:
    for node in _nodes(root):
        for key, value in node.items():
            yield str(key)
            if isinstance(value, str):
                yield value
