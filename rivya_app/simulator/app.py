"""Puts the parts together: one ASGI application, its clock, its clean start and end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Route as Way
from starlette.types import Receive, Scope, Send

from rivya_app.simulator import openai_door, openapi
from rivya_app.simulator.api import Api
from rivya_app.simulator.armed import Armoury
from rivya_app.simulator.chat_api import ChatApi
from rivya_app.simulator.chat_turns import Turns
from rivya_app.simulator.connections import Connections
from rivya_app.simulator.control import Control
from rivya_app.simulator.deliveries import Courier
from rivya_app.simulator.files import FileShelf
from rivya_app.simulator.files_api import FilesApi
from rivya_app.simulator.generations_api import GenerationsApi
from rivya_app.simulator.media_api import MediaApi
from rivya_app.simulator.openai_door import OpenAiDoor
from rivya_app.simulator.renders import Renders
from rivya_app.simulator.scenes import Scenes
from rivya_app.simulator.tasks import Tasks
from rivya_app.simulator.webhooks_api import WebhooksApi
from rivya_app.simulator.world import World

_TICK_SECONDS = 0.02
_LONGEST_SLEEP = 0.1


@dataclass
class Options:
    """How the process was started."""

    state: Path
    public_url: str = ""
    """Empty: the address it listens on, known once it listens."""
    control_token: str = ""
    allow_local_webhooks: bool = False
    settings: dict[str, Any] = field(default_factory=dict)


class StandIn:
    """The ASGI application. ``/api/v1`` goes its own short way; the rest is Starlette's."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.world = World(options.state, options.settings)
        self.connections = Connections()
        self.armoury = Armoury(self.world)
        self.tasks = Tasks(self.world, lambda: self.options.public_url)
        self.shelf = FileShelf(self.world)
        self.renders = Renders(options.state / "media", Scenes(self.shelf).of)
        self.turns = Turns(self.world, self.shelf)
        self.courier = Courier(self.world, self.tasks, self.armoury)
        self.tasks.on_closed.append(self.courier.tell)
        self.api = Api(self.world, self.tasks, self.armoury, self.connections, self._handlers())
        self._pages = self._starlette()
        self._clock: asyncio.Task[None] | None = None

    def _handlers(self) -> dict[str, Any]:
        generations = GenerationsApi(self.world, self.tasks, self.armoury, self.shelf)
        files = FilesApi(self.world, self.shelf, lambda: self.options.public_url)
        chat = ChatApi(self.world, self.turns, self.armoury)
        webhooks = WebhooksApi(
            self.world, self.courier, allow_local=self.options.allow_local_webhooks
        )
        return {
            **generations.handlers(),
            **files.handlers(),
            **chat.handlers(),
            **webhooks.handlers(),
            "openapi.get": openapi.handler(lambda: self.options.public_url),
        }

    def _starlette(self) -> Starlette:
        media = MediaApi(self.world, self.armoury, self.connections, self.renders, self.shelf)
        control = Control(self)
        return Starlette(
            routes=[
                Way("/media/{token}/{name}", media.result),
                Way("/files/{token}/{name}", media.upload),
                Way(openai_door.PATH, OpenAiDoor(self.world).answer, methods=["POST"]),
                *control.ways(),
            ],
            exception_handlers=control.error_pages(),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/api/v1/"):
            await self.api(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await self._pages(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self._clock = asyncio.create_task(self._run_clock())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _run_clock(self) -> None:
        """Close tasks when they are due, asked or not."""
        while True:
            due = min(self.tasks.next_due(), self.courier.next_due())
            await asyncio.sleep(min(_LONGEST_SLEEP, max(_TICK_SECONDS, due - time.time())))
            self.tasks.advance(time.time())
            self.courier.start_due(time.time())

    def reset(self) -> None:
        """Forget everything: as new, settings of the command line kept."""
        self.world.reset()
        self.armoury.forget()
        self.tasks.rebuild()
        self.courier.rebuild()
        self.renders.clear()
        self.shelf.clear()
        self.api.requests.clear()

    async def stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._clock
        await self.courier.close()
        self.renders.close()
        self.world.close()
