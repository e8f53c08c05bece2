"""One process that serves everything: static files, pages, live streams, files of the workspace.

Meant for one machine. In production a proxy serves the static files (docs/operations.md).
"""

import os
import re
from pathlib import PurePath
from typing import cast

from django.conf import settings
from django.core.asgi import get_asgi_application
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rivya_app.chat.stream import Streams
from rivya_app.core import loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rivya_app.settings")

_HASHED_NAME = re.compile(r"\.[0-9a-f]{12}\.")


class HashedStaticFiles(StaticFiles):
    """A file whose name carries its hash never changes, so a browser need not ask again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            response = await super().get_response(path, scope)
        except (
            HTTPException
        ) as refusal:  # no framework stands around this to turn it into an answer
            return PlainTextResponse(refusal.detail, refusal.status_code, refusal.headers)
        if _HASHED_NAME.search(PurePath(path).name):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        else:
            response.headers["Cache-Control"] = "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


class StaticOrPages:
    """Hands `/static/` to the files on disk and everything else to Django."""

    def __init__(self, static: ASGIApp, pages: ASGIApp) -> None:
        self._static = static
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _answer_lifespan(receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(settings.STATIC_URL):
            inner = {**scope, "root_path": scope.get("root_path", "") + settings.STATIC_URL[:-1]}
            await self._static(inner, receive, send)
        else:
            await self._pages(scope, receive, send)


async def _answer_lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            loaded.keep_for_good()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def names_in_lower_case(inner: ASGIApp) -> ASGIApp:
    """Django writes `Content-Length`; what stands around it looks for `content-length` and would
    add a second one, which no client accepts."""

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_in_lower_case(message: Message) -> None:
            if "headers" in message:
                headers = [(name.lower(), value) for name, value in message["headers"]]
                message = {**message, "headers": headers}
            await send(message)

        await inner(scope, receive, send_in_lower_case)

    return outer


def bounded(inner: ASGIApp) -> ASGIApp:
    """Refuse a body above its limit, at once where its length is said, else when it is reached:
    Django would write all of it to the disk before any view is asked."""

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        limit = _limit(scope)
        if scope["type"] != "http" or _said_length(scope) <= limit:
            counted = _Counted(receive, limit)
            await inner(scope, counted, send)
            is_too_large = counted.is_too_large
        else:
            is_too_large = True
        if is_too_large:
            await PlainTextResponse("Too large", 413)(scope, receive, send)

    return outer


class _Counted:
    """Hands on what arrives, and calls it off as soon as it is too much."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._count = 0

    @property
    def is_too_large(self) -> bool:
        return self._count > self._limit

    async def __call__(self) -> Message:
        message = await self._receive()
        self._count += len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.is_too_large else message


def _limit(scope: Scope) -> int:
    """Bytes: what strangers post to a webhook's address is held to far less than a form."""
    is_hook = str(scope.get("path", "")).startswith("/hooks/")
    return settings.WEBHOOK_MAX_BYTES if is_hook else settings.REQUEST_MAX_BYTES


def _said_length(scope: Scope) -> int:
    said = dict(scope["headers"]).get(b"content-length", b"")
    return int(said) if said.isdigit() else 0


pages = names_in_lower_case(bounded(cast(ASGIApp, get_asgi_application())))
# Media and partial answers pass through uncompressed; the live streams stand outside.
site = GZipMiddleware(
    StaticOrPages(HashedStaticFiles(directory=settings.STATIC_ROOT, check_dir=False), pages),
    compresslevel=6,
)
application: ASGIApp = Streams(site)
