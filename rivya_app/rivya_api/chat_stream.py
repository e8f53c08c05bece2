"""An open chat stream: iterate it once for `Delta`s and one `Done` or `Failed`; close it after."""

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Self

import httpx

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

    def before_each_read(self, do: Callable[[], None]) -> None:
        """Call this before every read of the connection, behind all that the last one brought."""
        self._deadline.before_read = do

    def close(self) -> None:
        """Drop the connection; Rivya may go on writing and charging."""
        self._response.close()

    def abort(self) -> None:
        """End the iteration from another thread: it raises `StreamInterrupted` where it waits.

        The connection is cut below httpx, because closing it there would wait for the reader.
        """
        stream = self._response.extensions.get("network_stream")
        connection = stream.get_extra_info("socket") if stream else None
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _read(self) -> Iterator[ChatEvent]:
        try:
            if "json" in self._response.headers.get("content-type", ""):
                yield from self._whole_answer()
                return
            yield from self._stream()
        finally:
            self.close()

    def _stream(self) -> Iterator[ChatEvent]:
        if "event-stream" not in self._response.headers.get("content-type", "event-stream"):
            raise bad_response(self._call, self._response, "not an event stream")
        parser = EventStream()
        for part in self._parts(MAX_STREAM):
            for server_event in parser.feed(part):
                yield from self._reader.read(server_event)
                if self._reader.is_over:
                    return
        if not self._reader.text:
            raise StreamInterrupted("the stream ended before it began")
        yield self._reader.end()

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
                    raise StreamInterrupted(f"the answer is larger than {limit} bytes")
                yield part
        except TransportError as error:
            failure = StreamInterrupted(str(error), is_timeout=error.is_timeout)
        else:
            return
        raise failure
