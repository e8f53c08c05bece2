"""One address as OpenAI has it, so that other proxies can be measured before the same words."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from rivya_app.simulator import chat_writer, sse
from rivya_app.simulator.world import World

PATH: Final = "/v1/chat/completions"
_WORD_SECONDS: Final = 0.06  # at speed 1, as at the other addresses


class OpenAiDoor:
    """Streams only, keeps nothing, costs nothing."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def answer(self, request: Request) -> Response:
        """404 unless the setting opens it."""
        if not self._world.setting["openai_door"]:
            return PlainTextResponse("closed", 404)
        body = json.loads(await request.body())
        return StreamingResponse(self._told(body), media_type="text/event-stream")

    async def _told(self, body: dict[str, Any]) -> AsyncIterator[bytes]:
        dialect = sse.DIALECTS["openai"]
        head = {
            "id": f"chatcmpl_{secrets.token_hex(12)}",
            "session_id": "",
            "model": str(body.get("model", "")),
            "created": int(time.time()),
        }
        yield sse.written(dialect.start(head), "lf")
        question = str(body["messages"][-1]["content"])
        for piece in chat_writer.pieces(
            chat_writer.answer(question, 0, 0, "default", search=False)
        ):
            await asyncio.sleep(_WORD_SECONDS / float(self._world.setting["speed"]))
            yield sse.written(dialect.delta(head, piece), "lf")
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        yield sse.written(dialect.done(head | {"usage": usage, "credits": {}}), "lf")
