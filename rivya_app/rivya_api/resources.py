"""One small class per noun of the API: builds the call, names the reader. Sends nothing itself."""

import builtins
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeVar

from rivya_app.rivya_api import assumptions, reading, types
from rivya_app.rivya_api.chat_stream import ChatStream
from rivya_app.rivya_api.errors import BadResponse
from rivya_app.rivya_api.pool import Pace
from rivya_app.rivya_api.wire import Answer, Call, Upload, is_header_safe, log, segment

if TYPE_CHECKING:
    from rivya_app.rivya_api.client import RivyaClient

API = "/api/v1"
Body = Mapping[str, Any] | bytes
FileKind = Literal["image", "video", "audio"]
T = TypeVar("T")


class _Resource:
    def __init__(self, client: "RivyaClient") -> None:
        self._client = client

    def _list(
        self,
        path: str,
        read: Callable[[Any], T],
        *,
        is_public: bool = False,
        pages: int = assumptions.MAX_PAGES,
    ) -> list[T]:
        found: list[T] = []
        for entry in self._entries(path, is_public=is_public, pages=pages):
            try:
                found.append(read(entry))
            except BadResponse as error:
                log.warning("GET %s: left out an entry: %s", path, error.reason)
        return found

    def _entries(self, path: str, *, is_public: bool, pages: int) -> Iterator[Any]:
        query: dict[str, str] | None = None
        seen: set[str] = set()
        for _ in range(pages):
            call = Call("GET", path, query=query, is_public=is_public)
            page, query = self._client.ask(call, _page)
            yield from page
            cursor = "".join(query.values()) if query else ""
            if not cursor or cursor in seen or not page:
                return
            seen.add(cursor)
        if pages == assumptions.MAX_PAGES:
            log.warning("GET %s: stopped after %d pages", path, pages)


class Models(_Resource):
    """`GET /models`: public, so no key is sent."""

    def list(self) -> builtins.list[types.Model]:
        """Return every listed model, callable or not; entries without an id are left out."""
        return self._list(f"{API}/models", types.Model.from_json, is_public=True)


class OpenApi(_Resource):
    """`GET /openapi.json`: public, so no key is sent."""

    def get(self) -> dict[str, Any]:
        """Return the OpenAPI document as it is."""
        call = Call("GET", f"{API}/openapi.json", is_public=True)
        return self._client.ask(call, lambda answer: dict(reading.mapping(answer.body, "openapi")))


class Generations(_Resource):
    """Image, video and audio jobs. There is no list, cancel or delete."""

    def create(self, body: Body, *, idempotency_key: str) -> types.Job:
        """Submit a job; `bytes` are sent exactly as they are, on every repeat.

        Any error whose `maybe_sent` is true means that the job may exist.
        """
        call = _post(f"{API}/generations", body, idempotency_key)
        return self._client.ask(call, _job)

    def get(self, task_id: str) -> types.Job:
        """Return the job as it stands; NotFound where it is absent or another account's."""
        return self._client.ask(Call("GET", f"{API}/generations/{segment(task_id)}"), _job)


class Files(_Resource):
    """Reference files. There is no list and no delete."""

    def upload(
        self,
        file: BinaryIO,
        *,
        kind: FileKind,
        filename: str,
        mime_type: str,
        model: str | None = None,
        client_request_id: str | None = None,
    ) -> types.RemoteFile:
        """Upload from a binary file, read in pieces from its beginning.

        With `model`, that model's own size and MIME limits hold instead of the default ones.
        `client_request_id` may have up to 128 characters.
        """
        fields = {"kind": kind, "model": model, "client_request_id": client_request_id}
        given = {name: value for name, value in fields.items() if value is not None}
        upload = Upload(file, filename, mime_type, given)
        return self._client.ask(Call("POST", f"{API}/files", pace="upload", upload=upload), _file)

    def get(self, file_id: str) -> types.RemoteFile:
        """Return the file's metadata; NotFound where it is gone or another account's."""
        return self._client.ask(Call("GET", f"{API}/files/{segment(file_id)}"), _file)


class Credits(_Resource):
    """The account's wallet, shared with Studio."""

    def get(self) -> types.Wallet:
        """Return the current balance."""
        return self._client.ask(
            Call("GET", f"{API}/credits"),
            lambda answer: types.Wallet.from_json(answer.body, request_id=answer.request_id),
        )


class Chat(_Resource):
    """The assistant. One user message a call; history lives in Rivya's sessions."""

    @property
    def sessions(self) -> "ChatSessions":
        """Sessions made through the API."""
        return ChatSessions(self._client)

    def complete(self, body: Body, *, idempotency_key: str) -> types.Completion:
        """Ask and wait for the whole answer, minutes if need be."""
        call = _post(f"{API}/chat/completions", body, idempotency_key)
        call.pace = "chat"
        return self._client.ask(
            call,
            lambda answer: types.Completion.from_json(answer.body, request_id=answer.request_id),
        )

    def stream(self, body: Body, *, idempotency_key: str) -> ChatStream:
        """Ask and return the open stream, to be used as a context manager and iterated once.

        A refusal raises here; what goes wrong later raises from the iteration.
        """
        return self._open(f"{API}/chat/completions/stream", body, idempotency_key, pace="stream")

    def open_whole(self, body: Body, *, idempotency_key: str) -> ChatStream:
        """Ask for the whole answer, as a stream of one piece that can be dropped meanwhile."""
        return self._open(f"{API}/chat/completions", body, idempotency_key, pace="chat")

    def _open(self, path: str, body: Body, idempotency_key: str, *, pace: Pace) -> ChatStream:
        call = _post(path, body, idempotency_key)
        call.pace = pace
        response, deadline = self._client.open(call)
        return ChatStream(call, response, deadline)


class ChatSessions(_Resource):
    """Chat sessions made through the API. There is no delete and no rename."""

    def list(self) -> builtins.list[types.ChatSession]:
        """Return the sessions, without messages."""
        return self._list(f"{API}/chat/sessions", types.ChatSession.from_json)

    def get(self, session_id: str) -> types.ChatSession:
        """Return one session, with its messages where Rivya gives them."""
        return self._client.ask(
            Call("GET", f"{API}/chat/sessions/{segment(session_id)}"),
            lambda answer: types.ChatSession.from_json(answer.body),
        )


class Webhooks(_Resource):
    """Webhook endpoints. A signing secret is returned once, by create and rotate_secret."""

    def list(self) -> builtins.list[types.WebhookEndpoint]:
        """Return every endpoint of the account."""
        return self._list(f"{API}/webhooks", types.WebhookEndpoint.from_json)

    def create(self, *, name: str, url: str, event_types: Sequence[str]) -> types.WebhookEndpoint:
        """Register an https URL; WebhookUrlRejected where Rivya will not call it."""
        body = {"name": name, "url": url, "event_types": [*event_types]}
        return self._client.ask(_post(f"{API}/webhooks", body), _endpoint())

    def get(self, endpoint_id: str) -> types.WebhookEndpoint:
        """Return one endpoint, without its secret."""
        return self._client.ask(Call("GET", _endpoint_path(endpoint_id)), _endpoint())

    def update(self, endpoint_id: str, **changes: Any) -> types.WebhookEndpoint:
        """Change some fields (`name`, `url`, `event_types`, `status`: assumed)."""
        call = _post(_endpoint_path(endpoint_id), changes)
        call.method = "PATCH"
        return self._client.ask(call, _endpoint(endpoint_id))

    def switch(self, endpoint_id: str, *, is_on: bool) -> types.WebhookEndpoint:
        """Have Rivya send events to an endpoint, or none for now (assumed to be possible)."""
        word = assumptions.ENDPOINT_ON if is_on else assumptions.ENDPOINT_OFF
        return self.update(endpoint_id, status=word)

    def delete(self, endpoint_id: str) -> None:
        """Remove an endpoint; any 2xx will do."""
        self._client.ask(Call("DELETE", _endpoint_path(endpoint_id)), lambda _: None)

    def rotate_secret(self, endpoint_id: str) -> types.WebhookEndpoint:
        """Replace the secret and return the endpoint with the new one."""
        call = _post(f"{_endpoint_path(endpoint_id)}/rotate-secret", {})
        return self._client.ask(call, _endpoint(endpoint_id))

    def test(self, endpoint_id: str) -> types.WebhookDelivery:
        """Have Rivya send a test event; every field of the answer may be empty."""
        call = _post(f"{_endpoint_path(endpoint_id)}/test", {})
        return self._client.ask(
            call, lambda answer: types.WebhookDelivery.from_json(answer.body or {})
        )

    def deliveries(
        self, endpoint_id: str, *, pages: int = assumptions.MAX_PAGES
    ) -> builtins.list[types.WebhookDelivery]:
        """Return the attempts to reach one endpoint, in Rivya's order, at most so many pages."""
        path = f"{_endpoint_path(endpoint_id)}/deliveries"
        return self._list(path, types.WebhookDelivery.from_json, pages=pages)


class WebhookEvents(_Resource):
    """Events, whether or not they were delivered."""

    def list(self) -> builtins.list[types.WebhookEvent]:
        """Return the events, in Rivya's order."""
        return self._list(f"{API}/webhook-events", types.WebhookEvent.from_json)


def encode_body(body: Body) -> bytes:
    """Return the exact bytes a call will send; a job stores these before its first send."""
    if isinstance(body, bytes):
        return body
    text = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def _post(path: str, body: Body, idempotency_key: str | None = None) -> Call:
    if idempotency_key is not None and not is_header_safe(idempotency_key):
        raise ValueError("the idempotency key must be 1 to 255 visible ASCII characters")
    return Call("POST", path, body=encode_body(body), idempotency_key=idempotency_key or "")


def _endpoint_path(endpoint_id: str) -> str:
    return f"{API}/webhooks/{segment(endpoint_id)}"


def _job(answer: Answer) -> types.Job:
    return types.Job.from_json(answer.body, request_id=answer.request_id)


def _file(answer: Answer) -> types.RemoteFile:
    return types.RemoteFile.from_json(answer.body, request_id=answer.request_id)


def _endpoint(known_id: str = "") -> Callable[[Answer], types.WebhookEndpoint]:
    return lambda answer: types.WebhookEndpoint.from_json(
        answer.body, known_id=known_id, request_id=answer.request_id
    )


def _page(answer: Answer) -> tuple[Sequence[Any], dict[str, str] | None]:
    if isinstance(answer.body, list):
        return answer.body, None
    body = reading.mapping(answer.body, "list")
    data = body.get("data")
    if not isinstance(data, list):
        raise BadResponse("the list has no data")
    return data, _next_query(body)


def _next_query(body: reading.Json) -> dict[str, str] | None:
    if body.get(assumptions.HAS_MORE_KEY) is False:
        return None
    for key, parameter in assumptions.CURSOR_PARAMETERS.items():
        cursor = body.get(key)
        if isinstance(cursor, str) and 0 < len(cursor) <= 1000:
            return {parameter: cursor}
    return None
