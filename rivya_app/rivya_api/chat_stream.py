"""An open chat stream: iterate it once for `Delta`s and one `Done` or `Failed`; close it after.

Or have it read as it comes, together with others (`listening.py`).
"""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import Self

import httpx

from rivya_app.rivya_api.arriving import ArrivingBody
from rivya_app.rivya_api.chat_types import Completion
from rivya_app.rivya_api.errors import BadResponse, StreamInterrupted, TransportError
from rivya_app.rivya_api.pool import Deadline
from rivya_app.rivya_api.sse import ChatEvent, ChatReader, Delta, Done, EventStream
from rivya_app.rivya_api.wire import Call, bad_response, body_parts, json_value, request_id_of

MAX_STREAM = 16_000_000  # bytes
_MAX_JSON = 2_000_000


class ChatStream:
    """The answer as it is written. `text` and `session_id` hold what has come so far.

    Iteration raises `StreamInterrupted` where the stream breaks, falls silent or has no end, and
    `BadResponse` where it is no stream; the text that came before is kept.
    """

    def __init__(self, call: Call, response: httpx.Response, deadline: Deadline) -> None:
        self.request_id = request_id_of(response)
        self._call = call
        self._response = response
        self._deadline = deadline
        self._reader = ChatReader(self.request_id)
        self._parser = EventStream()
        self._size = 0
        self._arriving: ArrivingBody | None = None
        self._heard_at = time.monotonic()
        deadline.stops_at_body = False
        self._events = self._read()

    @property
    def text(self) -> str:
        """The answer so far."""
        return self._reader.text

    @property
    def session_id(self) -> str:
        """The session, as soon as the stream named it; else ""."""
        return self._reader.session_id

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[ChatEvent]:
        return self._events

    # --- Read as it comes -------------------------------------------------------------------------

    def take_over(self) -> bool:
        """From now on read it by `arrived`. False where it can only be iterated."""
        if _is_event_stream(self._response):
            self._arriving = ArrivingBody.of(self._response)
        return self._arriving is not None

    def fileno(self) -> int:
        """For a selector, once it is taken over."""
        return self._taken_over().fileno()

    @property
    def is_over(self) -> bool:
        """Whether its end has been read."""
        return self._reader.is_over

    def arrived(self) -> Iterator[ChatEvent]:
        """What came since the last time, without waiting for more. Raises as iterating does."""
        body = self._taken_over()
        part = body.read()
        if part:
            self._heard_at = time.monotonic()
            self._size += len(part)
            if self._size > MAX_STREAM:
                raise _too_large(MAX_STREAM)
            yield from self._understood(part)
        if self.is_over:
            return
        if body.is_cut:
            raise StreamInterrupted(f"{self._call.method} {self._call.path}: cut")
        if body.is_complete:
            yield self._end()

    def overdue(self) -> StreamInterrupted | None:
        """Why it is waited for no longer, if so."""
        silent_until = self._heard_at + float(self._deadline)
        if time.monotonic() < min(silent_until, self._deadline.ends_at):
            return None
        words = f"{self._call.method} {self._call.path}: the answer was not complete in time"
        return StreamInterrupted(words, is_timeout=True)

    def _taken_over(self) -> ArrivingBody:
        if self._arriving is None:
            raise ValueError("this stream was not taken over")
        return self._arriving

    # --- Its end ----------------------------------------------------------------------------------

    def close(self) -> None:
        """Drop the connection; Rivya may go on writing and charging."""
        self._response.close()

    def abort(self) -> None:
        """End the reading from another thread: it raises `StreamInterrupted` where it waits.

        The connection is cut below httpx, because closing it there would wait for the reader.
        """
        stream = self._response.extensions.get("network_stream")
        connection = stream.get_extra_info("socket") if stream else None
        if connection is not None:
            with suppress(OSError):  # below TLS too, whose reader is not to be confused
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    # --- Iterating --------------------------------------------------------------------------------

    def _read(self) -> Iterator[ChatEvent]:
        try:
            if "json" in self._response.headers.get("content-type", ""):
                yield from self._whole_answer()
                return
            yield from self._stream()
        finally:
            self.close()

    def _stream(self) -> Iterator[ChatEvent]:
        if not _is_event_stream(self._response):
            raise bad_response(self._call, self._response, "not an event stream")
        for part in self._parts(MAX_STREAM):
            yield from self._understood(part)
            if self._reader.is_over:
                return
        yield self._end()

    def _understood(self, part: bytes) -> Iterator[ChatEvent]:
        for server_event in self._parser.feed(part):
            yield from self._reader.read(server_event)
            if self._reader.is_over:
                return

    def _end(self) -> ChatEvent:
        if not self._reader.text:
            raise StreamInterrupted("the stream ended before it began")
        return self._reader.end()

    def _whole_answer(self) -> Iterator[ChatEvent]:
        """Read a server that answered the whole at once instead of streaming."""
        body = json_value(b"".join(self._parts(_MAX_JSON)))
        try:
            completion = Completion.from_json(body, request_id=self.request_id)
        except BadResponse as error:
            reason = error.reason
        else:
            yield Delta(completion.text)
            yield Done(completion)
            return
        raise bad_response(self._call, self._response, reason)

    def _parts(self, limit: int) -> Iterator[bytes]:
        size = 0
        try:
            for part in body_parts(self._call, self._response, self._deadline):
                size += len(part)
                if size > limit:
                    raise _too_large(limit)
                yield part
        except TransportError as error:
            failure = StreamInterrupted(str(error), is_timeout=error.is_timeout)
        else:
            return
        raise failure


def _is_event_stream(response: httpx.Response) -> bool:
    return "event-stream" in response.headers.get("content-type", "event-stream")


def _too_large(limit: int) -> StreamInterrupted:
    return StreamInterrupted(f"the answer is larger than {limit} bytes")
