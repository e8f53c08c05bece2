"""Reads Rivya's chat stream: bytes to server-sent events, and any dialect of them to three of ours.

The first half follows the WHATWG event-stream rules. The second half is one table of dialects,
ASSUMED because Rivya's pages show no stream. Opens no connection.
"""

import codecs
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rivya_app.rivya_api import reading
from rivya_app.rivya_api.chat_types import Completion
from rivya_app.rivya_api.errors import ApiError, BadResponse, api_error
from rivya_app.rivya_api.reading import Json

MAX_EVENT = 1_000_000  # characters
_LINE_END = re.compile(r"\r\n|\n|\r")

# ASSUMED: the names, as SSE event, as `type` or as `object` of the data, and what they mean.
DELTA_NAMES = frozenset(
    {"delta", "message.delta", "chat.completion.delta", "chat.completion.chunk"}
)
DONE_NAMES = frozenset(
    {"done", "completed", "message.completed", "chat.completion.completed", "chat.completion"}
)
FAILED_NAMES = frozenset({"error"})
END_LINE = "[DONE]"
TEXT_KEYS = ("delta", "content", "text")
TOTALS_PLACES = ("completion", "response", "data")
SESSION_KEYS = ("session_id", "sessionId")
_KNOWN_NAMES = DELTA_NAMES | DONE_NAMES | FAILED_NAMES
_WORDS_ALONE = frozenset({"type", *TEXT_KEYS})  # keys of an event that tells nothing else


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event as the event-stream rules dispatch it."""

    event: str
    data: str = field(repr=False)
    id: str = ""


@dataclass(frozen=True, slots=True)
class Delta:
    """Some more of the answer's text."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Done:
    """The end. Without `is_marked` the stream just stopped: settle such a turn from the session."""

    completion: Completion
    is_marked: bool = True


@dataclass(frozen=True, slots=True)
class Failed:
    """Rivya said inside the stream that the turn failed."""

    error: ApiError


ChatEvent = Delta | Done | Failed


class EventStream:
    """An incremental parser: the same events however the bytes are cut."""

    def __init__(self, max_event: int = MAX_EVENT) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._max_event = max_event
        self._is_first = True
        self._after_cr = False
        self._tail: list[str] = []  # of the last line
        self._tail_size = 0
        self._data: list[str] = []
        self._data_size = 0  # with the ends of its lines
        self._event = ""
        self._id = ""

    def feed(self, chunk: bytes) -> list[ServerEvent]:
        """Take some bytes and return the events they complete; BadResponse for an endless one."""
        text = self._without_leftovers(self._decoder.decode(chunk))
        if not text:
            return []
        first, *rest = _LINE_END.split(text)
        self._tail.append(first)
        self._tail_size += len(first)
        events: list[ServerEvent] = []
        for following in rest:
            self._take_line("".join(self._tail), events)
            self._tail = [following]
            self._tail_size = len(following)
        if self._tail_size + self._data_size > self._max_event:
            raise BadResponse(f"an event is larger than {self._max_event} characters")
        return events

    def _without_leftovers(self, text: str) -> str:
        """Drop a leading BOM, and the LF of a CRLF that was cut in two."""
        if text and self._is_first:
            self._is_first = False
            text = text.removeprefix("\ufeff")
        if text and self._after_cr:
            text = text.removeprefix("\n")
            self._after_cr = False
        if text:
            self._after_cr = text.endswith("\r")
        return text

    def _take_line(self, line: str, events: list[ServerEvent]) -> None:
        if line:
            self._take_field(line)
            return
        if self._data:
            events.append(ServerEvent(self._event or "message", "\n".join(self._data), self._id))
        self._data = []
        self._data_size = 0
        self._event = ""

    def _take_field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
            self._data_size += len(value) + 1
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._id = value


class ChatReader:
    """Turns server events of any known dialect into ours, and remembers what it saw on the way."""

    def __init__(self, request_id: str = "") -> None:
        self._request_id = request_id
        self._texts: list[str] = []
        self._half = ""  # of a sign that is cut in two
        self._totals: dict[str, Any] = {}
        self.is_over = False

    @property
    def text(self) -> str:
        """The answer so far."""
        return "".join(self._texts)

    @property
    def session_id(self) -> str:
        """The session, as soon as anything named it; else ""."""
        return reading.maybe_text(self._totals.get("session_id"))

    def read(self, event: ServerEvent) -> Iterator[ChatEvent]:
        """Yield what one event means; an event we do not know means nothing."""
        if event.data.strip() == END_LINE:
            yield self._done(is_marked=True)
            return
        payload = _payload(event.data)
        name = _name(event, payload)
        if not payload.keys() <= _WORDS_ALONE:
            self._remember(payload, is_end=name in DONE_NAMES)
        if name in FAILED_NAMES:
            yield self._failed(payload, event.data)
        elif name in DONE_NAMES:
            yield self._done(is_marked=True)
        elif name in DELTA_NAMES:
            yield from self._delta(_text(payload, event.data))

    def end(self) -> Done:
        """Say that the stream stopped without saying so."""
        return self._done(is_marked=False)

    def _delta(self, text: str) -> Iterator[Delta]:
        whole, self._half = reading.whole_signs(self._half + text)
        if whole:
            self._texts.append(whole)
            yield Delta(whole)

    def _done(self, *, is_marked: bool) -> Done:
        self.is_over = True
        completion = Completion.from_json(self._totals, request_id=self._request_id, text=self.text)
        return Done(completion, is_marked)

    def _failed(self, payload: Json, data: str) -> Failed:
        self.is_over = True
        inner = payload.get("error", payload)
        body = inner if isinstance(inner, dict) else {"message": inner}
        request_id = reading.maybe_text(reading.first(body, ("requestId", "request_id")))
        error = api_error(
            code=reading.maybe_text(body.get("code")),
            status=200,
            message=reading.maybe_text(body.get("message")) or ("" if payload else data),
            request_id=request_id or self._request_id,
        )
        error.maybe_sent = True
        return Failed(error)

    def _remember(self, payload: Json, *, is_end: bool) -> None:
        for place in (payload, *(payload.get(key) for key in TOTALS_PLACES)):
            if isinstance(place, dict):
                self._totals.update(_totals(place, is_end=is_end))


def _payload(data: str) -> Json:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return reading.maybe_mapping(value) or {}


def _name(event: ServerEvent, payload: Json) -> str:
    """Name an event: by its SSE name, else by the data's `type` or `object`, else by its shape."""
    if event.event != "message":
        return event.event
    for said in (payload.get("type"), payload.get("object")):
        if isinstance(said, str) and said in _KNOWN_NAMES:
            return said
    if payload.get("error"):
        return "error"
    return "delta" if "choices" in payload or _has_text(payload) else ""


def _has_text(payload: Json) -> bool:
    return "type" not in payload and any(key in payload for key in TEXT_KEYS)


def _text(payload: Json, data: str) -> str:
    if not payload:
        return _bare_text(data)
    choices = reading.items(payload.get("choices"))
    source: Any = choices[0] if choices else payload
    while isinstance(source, dict):
        source = reading.first(source, TEXT_KEYS)
    return source if isinstance(source, str) else ""


def _bare_text(data: str) -> str:
    """Read the data of a named delta that is no object: a JSON text, or the text itself."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return data
    return value if isinstance(value, str) else data


def _totals(place: Mapping[str, Any], *, is_end: bool) -> dict[str, Any]:
    kept = ("id", "model", "usage", "credits", "created_at")
    found = {key: place[key] for key in kept if place.get(key)}
    message = place.get("message")
    if is_end and isinstance(message, dict):  # before the end it may hold a part of the text only
        found["message"] = message
    session = place.get("session")
    nested = session.get("id") if isinstance(session, dict) else session
    session_id = reading.first(place, SESSION_KEYS) or nested
    if isinstance(session_id, str) and reading.is_identifier(session_id):
        found["session_id"] = session_id
    return found
