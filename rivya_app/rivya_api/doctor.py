"""Asks the configured Rivya what it is, and says where it differs from what we built on.

Spends nothing: it reads, and posts only empty bodies that no endpoint can act on.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from rivya_app.rivya_api import openapi_check, session_check
from rivya_app.rivya_api.catalogue import Model
from rivya_app.rivya_api.client import RivyaClient
from rivya_app.rivya_api.errors import (
    ApiError,
    ApiScopeDenied,
    AuthenticationFailed,
    NotFound,
    RivyaError,
    ValidationFailed,
)
from rivya_app.rivya_api.findings import Finding, agrees, cannot_tell, differs
from rivya_app.rivya_api.wire import Answer, Call

__all__ = ["CORE_SCOPES", "SCOPES", "Finding", "examine"]

NOBODYS_ID = "rivya-doctor-no-such-id"
_API = "/api/v1"

# How each scope shows itself without spending: a read, or a post whose empty body is refused.
SCOPES: Mapping[str, tuple[str, str]] = {
    "credits:read": ("GET", "/credits"),
    "generations:read": ("GET", f"/generations/{NOBODYS_ID}"),
    "generations:create": ("POST", "/generations"),
    "files:read": ("GET", f"/files/{NOBODYS_ID}"),
    "files:create": ("POST", "/files"),
    "chat:read": ("GET", "/chat/sessions"),
    "chat:create": ("POST", "/chat/completions"),
    "webhooks:manage": ("GET", "/webhooks"),
}
CORE_SCOPES = frozenset({"credits:read", "generations:read", "generations:create"})

_KNOWN_WORDS: Mapping[str, frozenset[str]] = {
    "api_status": frozenset({"available", "coming_soon", "studio_only"}),
    "api_input_status": frozenset(
        {"available_text", "available_url_input", "partial_requires_files", "requires_files_api"}
    ),
    "billing_type": frozenset({"FIXED", "METERED", "TOKEN_BASED"}),
    "category": frozenset({"image", "video", "audio", "chat"}),
}


def examine(
    client: RivyaClient, *, has_key: bool = True, needed_scopes: Iterable[str] = CORE_SCOPES
) -> list[Finding]:
    """Return everything that could be compared; raises nothing for what Rivya answers.

    Scopes outside `needed_scopes` may be missing without harm. Without a key only what is public
    is looked at.
    """
    findings = [*_contract(client), *_models(client)]
    if has_key:
        needed = frozenset(needed_scopes)
        findings += _wallet(client)
        for scope in SCOPES:
            findings += _scope(client, scope, is_needed=scope in needed)
        findings += session_check.examine(client)
    return findings


def _contract(client: RivyaClient) -> Iterator[Finding]:
    try:
        document = client.openapi.get()
    except RivyaError as error:
        yield cannot_tell("contract", "openapi.json", str(error))
        return
    version = str(document.get("openapi", ""))
    if version.startswith("3."):
        yield agrees("contract", "openapi.json", f"OpenAPI {version}"[:40])
        yield from openapi_check.compare(document)
    else:
        yield cannot_tell("contract", "openapi.json", "not an OpenAPI 3 document")


def _models(client: RivyaClient) -> Iterator[Finding]:
    try:
        models = client.models.list()
    except RivyaError as error:
        yield differs("models", "GET /models", str(error))
        return
    callable_count = sum(model.is_available for model in models)
    detail = f"{len(models)} models, {callable_count} callable"
    yield (
        agrees("models", "GET /models", detail)
        if callable_count
        else differs("models", "GET /models", detail)
    )
    yield _all_hold("price", models, lambda model: model.base_credits is not None)
    yield _all_hold("parameters", models, _reads_params)
    yield _all_hold("reference rules", models, _reads_references)
    for key, known in _KNOWN_WORDS.items():
        yield _words(key, known, models)


def _all_hold(name: str, models: list[Model], test: Callable[[Model], bool]) -> Finding:
    broken = [model.id for model in models if not test(model)]
    if not broken:
        return agrees("models", name)
    return differs("models", name, "cannot be read for: " + _few(broken))


def _reads_params(model: Model) -> bool:
    sent = model.raw.get("params")
    return isinstance(sent, list) and len(sent) == len(model.params)


def _reads_references(model: Model) -> bool:
    return not model.raw.get("reference_media") or bool(model.reference_rules)


def _words(key: str, known: frozenset[str], models: list[Model]) -> Finding:
    new = sorted({str(getattr(model, key)) for model in models} - known)
    if not new:
        return agrees("models", key)
    return differs("models", key, "new words: " + _few(new), is_relied_on=False)


def _few(names: list[str]) -> str:
    shown = ", ".join(name[:60] for name in names[:8])
    return shown if len(names) <= 8 else f"{shown} and {len(names) - 8} more"


def _wallet(client: RivyaClient) -> Iterator[Finding]:
    try:
        client.credits.get()
    except ApiError as error:
        # A refusal is the scope's business; here only its shape is of interest.
        yield _envelope(error)
    except RivyaError as error:
        yield differs("credits", "GET /credits", str(error))
    else:
        yield agrees("credits", "GET /credits", "an amount that can be read")


def _envelope(error: ApiError) -> Finding:
    if error.code and error.request_id:
        return agrees("errors", "envelope", error.code)
    return differs("errors", "envelope", str(error))


def _scope(client: RivyaClient, scope: str, *, is_needed: bool) -> Iterator[Finding]:
    method, path = SCOPES[scope]
    call = Call(method, _API + path, body=b"{}" if method == "POST" else None)
    expected = ValidationFailed if method == "POST" else NotFound
    try:
        client.ask(call, _ignore)
    except ApiScopeDenied:
        yield differs("scopes", scope, "the key lacks it", is_relied_on=is_needed)
    except AuthenticationFailed as error:
        yield differs("scopes", scope, f"the key is not accepted: {error.code or error.status}")
    except expected as error:
        yield agrees("scopes", scope)
        yield _envelope(error)
    except RivyaError as error:
        yield cannot_tell("scopes", scope, str(error))
    else:
        yield (
            differs("scopes", scope, "an empty body was accepted")
            if method == "POST"
            else agrees("scopes", scope)
        )


def _ignore(answer: Answer) -> None:
    """Any 2xx will do."""
