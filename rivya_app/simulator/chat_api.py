"""Handlers of the Chat API: one answer, a streamed answer, and the sessions."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from random import Random
from typing import Any, Final

from rivya_app.simulator import chat_writer, sse
from rivya_app.simulator.armed import Armoury
from rivya_app.simulator.calls import Call, Handler, Reply
from rivya_app.simulator.chat_turns import Turn, Turns
from rivya_app.simulator.faults import Active, from_prompt, named
from rivya_app.simulator.lists import page_of
from rivya_app.simulator.records import Session, wire_time
from rivya_app.simulator.refusals import CODES, CutConnection, Refusal
from rivya_app.simulator.world import World

_WORD_SECONDS: Final = 0.06  # at speed 1
_THINK_SECONDS: Final = 0.8


class ChatApi:
    def __init__(self, world: World, turns: Turns, armoury: Armoury) -> None:
        self._world, self._turns, self._armoury = world, turns, armoury

    def handlers(self) -> dict[str, Handler]:
        return {
            "chat.complete": self.complete,
            "chat.stream": self.stream,
            "chat.sessions.list": self.list_sessions,
            "chat.sessions.get": self.get_session,
        }

    async def complete(self, call: Call) -> Reply:
        turn = self._turns.begin(call)
        self._world.commit()
        pieces = len(chat_writer.pieces(turn.text))
        seconds = _THINK_SECONDS + pieces * _WORD_SECONDS
        await asyncio.sleep(seconds / self._world.speed_of(call.key))
        return Reply(self._turns.finish(turn))

    async def stream(self, call: Call) -> Reply:
        turn = self._turns.begin(call)
        self._world.commit()
        faults = [
            *self._armoury.take("stream", call.operation, call.key),
            *self._armoury.take_words(
                from_prompt(str(call.body["message"])), "stream", call.operation, call.identity
            ),
        ]
        telling = Telling(self._world, self._turns, turn, self._world.speed_of(call.key), faults)
        return Reply(stream=telling.run(), outcome=lambda: telling.completion)

    async def list_sessions(self, call: Call) -> Reply:
        rows = [
            row
            for row in reversed(self._world.sessions.values())
            if row.account == call.account.id and row.origin == "api"
        ]
        return page_of(call, rows, _session)

    async def get_session(self, call: Call) -> Reply:
        session = self._world.sessions.get(call.path["sessionId"])
        if session is None or session.account != call.account.id:
            raise Refusal("not_found", "There is no such session.")
        return Reply(_session(session) | {"messages": session.messages})


class Telling:
    """One answer being streamed, with whatever goes wrong on its way."""

    def __init__(
        self, world: World, turns: Turns, turn: Turn, speed: float, faults: list[Active]
    ) -> None:
        self._world, self._turns, self._turn = world, turns, turn
        self._speed, self._faults = speed, faults
        self._dialect = sse.DIALECTS[world.setting["sse_dialect"]]
        self._ending = str(world.setting["sse_line_ending"])
        self.completion: dict[str, Any] | None = None
        self._failed = False

    async def run(self) -> AsyncIterator[bytes]:
        """The bytes of the stream; the turn is settled however it ends. Raises CutConnection."""
        try:
            async for chunk in self._events():
                for part in self._torn(chunk):
                    yield part
        finally:
            self._close()

    async def _events(self) -> AsyncIterator[bytes]:
        head = self._turn.head()
        yield self._written(self._dialect.start(head))
        pace = Pace(self._pause())
        pieces = pieces_of(self._world, self._turn)
        cut_at, trouble_at = self._cut_at(len(pieces)), len(pieces) // 2
        for n, piece in enumerate(pieces):
            if n == cut_at:
                await asyncio.sleep(0.02)
                raise CutConnection
            if n == trouble_at:
                async for chunk in self._trouble():
                    yield chunk
            if self._failed:
                return
            await pace.wait()
            yield self._written(self._dialect.delta(head, piece or self._time()))
        if named(self._faults, "sse_no_totals"):
            return
        self._finish()
        yield self._written(self._dialect.done(self.completion or {}))

    def _cut_at(self, count: int) -> int | None:
        """The number of the piece before which a fault cuts the connection."""
        cut = named(self._faults, "sse_break")
        return min(int(cut.options["after"]), count - 1) if cut else None

    async def _trouble(self) -> AsyncIterator[bytes]:
        """What a fault does in the middle."""
        if stall := named(self._faults, "sse_stall"):
            async for beat in self._silence(float(stall.options["seconds"])):
                yield beat
        if error := named(self._faults, "sse_error"):
            self._failed = True
            code = str(error.options["code"])
            message = CODES.get(code, (0, "The answer failed."))[1]
            yield self._written(self._dialect.error({"code": code, "message": message}))

    async def _silence(self, seconds: float) -> AsyncIterator[bytes]:
        beat = float(self._world.setting["sse_heartbeat_seconds"]) / self._speed
        beat = max(beat, 0.05)
        while seconds > 0:
            await asyncio.sleep(min(beat, seconds))
            seconds -= beat
            if seconds > 0:
                yield sse.heartbeat(self._ending)

    def _pause(self) -> float:
        slow = named(self._faults, "sse_slow")
        return float(slow.options["seconds"]) if slow else _WORD_SECONDS / self._speed

    def _time(self) -> str:
        """A word that says when it was written, which the answer then holds."""
        word = f"{time.time():.4f} "
        self._turn.text += word
        return word

    def _written(self, lines: sse.Lines) -> bytes:
        return sse.written(lines, self._ending)

    def _torn(self, chunk: bytes) -> list[bytes]:
        if not named(self._faults, "sse_torn"):
            return [chunk]
        chance, parts = Random(len(chunk)), []
        while chunk:
            cut = chance.randint(1, 7)
            parts.append(chunk[:cut])
            chunk = chunk[cut:]
        return parts

    def _finish(self) -> None:
        if self.completion is None:
            self.completion = self._turns.finish(self._turn)
            self._world.commit()

    def _close(self) -> None:
        """The reader has all, or has left: the setting says what a half-told turn costs."""
        if self.completion is not None:
            return
        if self._failed or self._world.setting["stream_disconnect"] == "release":
            self._turns.abandon(self._turn)
            self._world.commit()
        else:
            self._finish()


class Pace:
    """So many seconds from word to word, however long the writing of one takes."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = time.monotonic()

    async def wait(self) -> None:
        """Late words are not hurried after by more than one pause."""
        self._next = max(self._next + self._seconds, time.monotonic())
        await asyncio.sleep(self._next - time.monotonic())


def pieces_of(world: World, turn: Turn) -> list[str]:
    """The answer's words; empty ones where each is to say when it was written."""
    count = int(world.setting["stream_clock"])
    if not count:
        return chat_writer.pieces(turn.text)
    turn.text = ""
    return [""] * count


async def told_again(world: World, completion: dict[str, Any]) -> AsyncIterator[bytes]:
    """The stream of a turn that was already answered, for its Idempotency-Key."""
    dialect = sse.DIALECTS[world.setting["sse_dialect"]]
    ending = str(world.setting["sse_line_ending"])
    head = {key: completion[key] for key in ("id", "session_id", "model")}
    yield sse.written(dialect.start(head), ending)
    for piece in chat_writer.pieces(completion["message"]["content"]):
        yield sse.written(dialect.delta(head, piece), ending)
    yield sse.written(dialect.done(completion), ending)


def _session(row: Session) -> dict[str, Any]:
    """ASSUMED shape."""
    return {
        "id": row.id,
        "object": "chat.session",
        "model": row.model,
        "title": row.title,
        "message_count": len(row.messages),
        "created_at": wire_time(row.created_at),
        "updated_at": wire_time(row.updated_at),
    }
