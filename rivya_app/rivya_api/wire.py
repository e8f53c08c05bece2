"""Sends one call once and says what came of it: an `Answer`, an open stream, or an error.

Nothing else may touch httpx's request or response. No httpx error is chained to ours, because its
frames hold the request headers, and with them the key.
"""

import json
import logging
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode

import httpx

from rivya_app.rivya_api import assumptions, reading, retry
from rivya_app.rivya_api.errors import (
    ApiError,
    BadResponse,
    RivyaError,
    TransportError,
    api_error,
    redact,
)
from rivya_app.rivya_api.pool import Deadline, Pace, Timeouts

log = logging.getLogger("rivya_api")

_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)
NOT_JSON = object()
_NO_AUTH = httpx.Auth()
_GZIP_OR_ZLIB = 47
_UNCODED = (None, "", "identity")


@dataclass(slots=True)
class Call:
    """One thing to ask. `path` starts with `/api/v1`, its segments made by `segment()`."""

    method: str
    path: str
    body: bytes | None = field(default=None, repr=False)
    idempotency_key: str = ""
    query: Mapping[str, str] | None = None
    is_public: bool = False
    pace: Pace = "normal"
    upload: "Upload | None" = None

    @property
    def is_read(self) -> bool:
        """Whether the call changes nothing at Rivya."""
        return self.method == "GET"

    @property
    def is_safe(self) -> bool:
        """Whether a repeat cannot act twice."""
        return self.is_read or bool(self.idempotency_key)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file for `multipart/form-data`; httpx reads it in pieces, always from its beginning."""

    file: BinaryIO
    name: str
    mime_type: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx: the parsed body (None when there was none), the HTTP status and the request id."""

    body: Any = field(repr=False)
    status: int
    request_id: str


class Wire:
    """The sending end for one key: address, headers, limits, and the pool they go through."""

    def __init__(
        self,
        http: httpx.Client,
        *,
        root: str,
        api_key: str | None,
        timeouts: Timeouts,
        max_body: int,
        user_agent: str,
    ) -> None:
        self._http = http
        self._root = root
        self._timeouts = timeouts
        self._max_body = max_body
        # Never a plain dict: httpx.Headers hides the key in its repr, and so in error reports.
        # "identity", so that a small answer cannot unfold into a large one.
        self._public_headers = httpx.Headers(
            {
                "User-Agent": user_agent,
                "Accept": "application/json",
                "Accept-Encoding": "identity",
            }
        )
        self._headers = self._public_headers.copy()
        if api_key is not None:
            self._headers["Authorization"] = f"Bearer {_checked_key(api_key)}"

    def ask(self, call: Call) -> Answer:
        """Send once and return the parsed 2xx; raise the classes of `errors` for all else."""
        deadline = self._timeouts.deadline(call.pace)
        response = self._send(call, deadline)
        try:
            if not response.is_success:
                raise self._refusal(call, response, deadline)
            return parsed(call, response, self._body(call, response, deadline))
        finally:
            response.close()

    def open(self, call: Call) -> tuple[httpx.Response, Deadline]:
        """Send once and return the 2xx with its body unread; the caller closes it."""
        deadline = self._timeouts.deadline(call.pace)
        response = self._send(call, deadline)
        if response.is_success:
            return response, deadline
        try:
            raise self._refusal(call, response, deadline)
        finally:
            response.close()

    def _send(self, call: Call, deadline: Deadline) -> httpx.Response:
        begun_at = time.perf_counter()
        failure: TransportError
        try:
            response = self._http.send(
                self._request(call, deadline), auth=_NO_AUTH, stream=True, follow_redirects=False
            )
        except httpx.RequestError as error:
            failure = transport_error(call, error)
        else:
            _log_answer(call, response, begun_at)
            return response
        _log_failure(call, failure, begun_at)
        raise failure

    def _request(self, call: Call, deadline: Deadline) -> httpx.Request:
        # Built by hand, not by the pool: a shared cookie jar must not carry one key's cookies to
        # the next, and the detour costs a tenth of a poll.
        waits = self._timeouts
        extensions = {
            "timeout": {
                "connect": waits.connect,
                "read": deadline,
                "write": waits.write,
                "pool": waits.pool,
            }
        }
        url = self._root + call.path
        if call.query:
            url += "?" + urlencode(call.query)
        headers = self._public_headers if call.is_public else self._headers
        if call.upload is not None:
            return _upload_request(call, call.upload, url, headers, extensions)
        if not call.is_read:
            headers = _with_body_headers(headers, call)
        return httpx.Request(
            call.method, url, headers=headers, content=call.body, extensions=extensions
        )

    def _body(self, call: Call, response: httpx.Response, deadline: Deadline) -> bytes:
        limit = self._max_body
        coding = "" if response.is_stream_consumed else response.headers.get("content-encoding")
        parts: list[bytes] = []
        size = 0
        for part in body_parts(call, response, deadline):
            size += len(part)
            if size > limit:
                raise bad_response(call, response, f"the answer is larger than {limit} bytes")
            parts.append(part)
        body = b"".join(parts)
        return _unfolded(call, response, body, limit) if coding not in _UNCODED else body

    def _refusal(self, call: Call, response: httpx.Response, deadline: Deadline) -> ApiError:
        try:
            body = self._body(call, response, deadline)
        except RivyaError:
            body = b""
        return refusal(response, body)


def segment(value: str) -> str:
    """Quote one path segment so that no id can change the path; ValueError for a hopeless one."""
    if not reading.is_identifier(value):
        raise ValueError("not an id that can stand in a path")
    return quote(value, safe="")


def body_parts(call: Call, response: httpx.Response, deadline: Deadline) -> Iterator[bytes]:
    """Yield the body as it comes; TransportError when it is cut, silent or over its deadline."""
    if response.is_stream_consumed:  # a transport that needs no network has the body already
        yield response.content
        return
    failure: TransportError
    try:
        for part in response.iter_raw():
            yield part
            if deadline.seconds_left() <= 0:
                raise TransportError(
                    f"{call.method} {call.path}: the answer was not complete in time",
                    maybe_sent=True,
                    is_timeout=True,
                )
        return
    except httpx.RequestError as error:
        failure = transport_error(call, error)
    raise failure


def transport_error(call: Call, error: httpx.RequestError) -> TransportError:
    """Turn an httpx failure into ours, keeping its cause in words but none of its frames."""
    was_sent = not isinstance(error, _NEVER_SENT)
    words = type(error).__name__
    if isinstance(error, httpx.ConnectError):
        words += f" ({redact(str(error), 120)})"
    return TransportError(
        f"{call.method} {call.path}: {words}",
        maybe_sent=was_sent,
        is_timeout=isinstance(error, httpx.TimeoutException),
    )


def bad_response(call: Call, response: httpx.Response, reason: str) -> BadResponse:
    """Say that an answer makes no sense; for anything but a read that leaves it uncertain."""
    return BadResponse(
        f"{call.method} {call.path}: {reason}",
        status=response.status_code,
        request_id=request_id_of(response),
        maybe_sent=not call.is_read,
    )


def refusal(response: httpx.Response, body: bytes) -> ApiError:
    """Build the error for a non-2xx, from the documented envelope or from whatever came instead."""
    envelope = reading.maybe_mapping(json_value(body)) or {}
    error = reading.maybe_mapping(envelope.get("error")) or {}
    named = reading.first(error, assumptions.REQUEST_ID_KEYS)
    return api_error(
        code=reading.maybe_text(error.get("code"))[:100],
        status=response.status_code,
        message=reading.maybe_text(error.get("message")) or "the answer was not Rivya's envelope",
        request_id=redact(reading.maybe_text(named), 100) or request_id_of(response),
        retry_after=retry.retry_after(response.headers),
    )


def request_id_of(response: httpx.Response) -> str:
    """Return the request id from the headers, or ""."""
    found = (response.headers.get(name) for name in assumptions.REQUEST_ID_HEADERS)
    return next((redact(value, 100) for value in found if value), "")


def parsed(call: Call, response: httpx.Response, body: bytes) -> Answer:
    """Parse a 2xx; an empty body is None, anything but JSON raises BadResponse."""
    value = json_value(body) if body.strip() else None
    if value is NOT_JSON:
        kind = redact(response.headers.get("content-type", "no type"), 60)
        raise bad_response(call, response, f"not JSON ({kind})")
    return Answer(value, response.status_code, request_id_of(response))


def json_value(text: bytes | str) -> Any:
    """Return the parsed value, or NOT_JSON; NaN, endless numbers and bottomless nesting are not."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return NOT_JSON


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _unfolded(call: Call, response: httpx.Response, body: bytes, limit: int) -> bytes:
    try:
        unfolded = zlib.decompressobj(_GZIP_OR_ZLIB).decompress(body, limit + 1)
    except zlib.error:
        raise bad_response(call, response, "an encoding that was not asked for") from None
    if len(unfolded) > limit:
        raise bad_response(call, response, f"the answer is larger than {limit} bytes")
    return unfolded


def _upload_request(
    call: Call,
    upload: Upload,
    url: str,
    headers: httpx.Headers,
    extensions: dict[str, Any],
) -> httpx.Request:
    return httpx.Request(
        call.method,
        url,
        headers=headers,
        data=dict(upload.fields),
        files={"file": (upload.name, upload.file, upload.mime_type)},
        extensions=extensions,
    )


def _with_body_headers(headers: httpx.Headers, call: Call) -> httpx.Headers:
    extra = {"Content-Type": "application/json"} if call.body is not None else {}
    if call.pace == "stream":
        extra["Accept"] = "text/event-stream"
    if call.idempotency_key:
        extra["Idempotency-Key"] = call.idempotency_key
    joined = headers.copy()
    joined.update(extra)
    return joined


def _checked_key(api_key: str) -> str:
    # Checked here because httpx and h11 would quote an unusable header value in their errors.
    if not is_header_safe(api_key):
        raise ValueError("the API key has characters that cannot be sent")
    return api_key


def is_header_safe(value: str) -> bool:
    """Say whether a text can be a header value as it is: visible ASCII, no spaces, 1 to 255."""
    return 0 < len(value) <= 255 and all("!" <= letter <= "~" for letter in value)


def _log_answer(call: Call, response: httpx.Response, begun_at: float) -> None:
    if response.is_success:
        level = logging.DEBUG if call.is_read else logging.INFO
    else:
        level = logging.WARNING
    if log.isEnabledFor(level):
        _log(level, call, str(response.status_code), begun_at, request_id_of(response))


def _log_failure(call: Call, failure: TransportError, begun_at: float) -> None:
    _log(logging.WARNING, call, "timeout" if failure.is_timeout else "cut", begun_at, "")


def _log(level: int, call: Call, outcome: str, begun_at: float, request_id: str) -> None:
    milliseconds = (time.perf_counter() - begun_at) * 1000
    log.log(level, "%s %s %s %.0f ms %s", call.method, call.path, outcome, milliseconds, request_id)
