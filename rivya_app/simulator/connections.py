"""The open connections by client address, so that a fault can cut one without an answer."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.http.auto import AutoHTTPProtocol

Peer = tuple[str, int]


class Connections:
    """Transports of the server's own protocol objects, kept while they are open."""

    def __init__(self) -> None:
        self._open: dict[Peer, Any] = {}

    def find(self, peer: Any) -> Any:
        return self._open.get(tuple(peer)) if peer else None

    async def cut(self, scope: Scope) -> None:
        """Drop the connection of this request; nothing more is sent."""
        transport = self.find(scope.get("client"))
        if transport is not None:
            transport.abort()
        await asyncio.sleep(0.01)

    def protocol(self) -> type[asyncio.Protocol]:
        """The server's HTTP protocol class, telling us of each connection."""
        base: Any = AutoHTTPProtocol
        opened = self._open

        class Watched(base):
            def connection_made(self, transport: Any) -> None:
                self.peer = tuple((transport.get_extra_info("peername") or ("", 0))[:2])
                opened[self.peer] = transport
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                opened.pop(self.peer, None)
                super().connection_lost(exc)

        return Watched
