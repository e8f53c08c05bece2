"""Serves the bytes of results and uploads, rendered when first asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.responses import StreamingResponse as Streaming

from rivya_app.simulator import links
from rivya_app.simulator.armed import Armoury
from rivya_app.simulator.connections import Connections
from rivya_app.simulator.faults import Active, named
from rivya_app.simulator.files import FileShelf
from rivya_app.simulator.records import Task
from rivya_app.simulator.renders import MIME_TYPES, Renders
from rivya_app.simulator.tasks import task_faults
from rivya_app.simulator.world import World

_MEGABYTE = 1024 * 1024
_WRONG = {
    "html": b"<!doctype html><html><script>alert(1)</script><h1>Not a picture</h1></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "gif": b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00"
    b"\x01\x00\x01\x00\x00\x02\x02D\x01\x00;",
    "exe": b"MZ\x90\x00" + b"\x00" * 200,
    "empty": b"",
}


class MediaApi:
    def __init__(
        self,
        world: World,
        armoury: Armoury,
        connections: Connections,
        renders: Renders,
        shelf: FileShelf,
    ) -> None:
        self._world, self._armoury, self._connections = world, armoury, connections
        self._renders, self._shelf = renders, shelf

    async def upload(self, request: Request) -> Response:
        """An uploaded file by its unguessable address."""
        file = self._shelf.by_token(request.path_params["token"])
        if file is None:
            return _denied(404, "NoSuchKey")
        return FileResponse(self._shelf.path(file), media_type=file.mime_type)

    async def result(self, request: Request) -> Response:
        """A result by its link. An expired or unknown link answers 403, as a signed store does."""
        token, name = request.path_params["token"], request.path_params["name"]
        task_id, _, rest = name.rpartition("-")
        number, _, extension = rest.partition(".")
        task = self._world.tasks.get(task_id)
        if task is None or not number.isdigit() or not self._opens(token, task, int(number)):
            return _denied(403, "AccessDenied")
        if extension != task.outputs[int(number)]:
            return _denied(403, "AccessDenied")
        faults = self._faults(task)
        if links.has_expired(token) or named(faults, "expired_link"):
            return _denied(403, "RequestExpired")
        return await self._played(request, task, int(number), faults)

    def _opens(self, token: str, task: Task, number: int) -> bool:
        return number < len(task.outputs) and links.is_genuine(self._world, token, task.id, number)

    def _faults(self, task: Task) -> list[Active]:
        key = self._world.keys.get(task.key)
        carried = [fault for fault in task_faults(task) if fault.stage == "result"]
        return carried + self._armoury.take("result", "result.fetch", key)

    async def _played(
        self, request: Request, task: Task, number: int, faults: list[Active]
    ) -> Response:
        if named(faults, "missing_result"):
            return _denied(404, "NoSuchKey")
        if error := named(faults, "result_error"):
            return _denied(int(error.options["status"]), "InternalError")
        if redirect := named(faults, "redirect_result"):
            return RedirectResponse(str(redirect.options["url"]), 302)
        kind = MIME_TYPES[task.outputs[number]]
        if wrong := named(faults, "wrong_media"):
            return Response(_WRONG[str(wrong.options["kind"])], media_type=kind)
        if huge := named(faults, "huge_result"):
            return _huge(int(huge.options["mb"]), kind, honest=bool(huge.options["honest"]))
        if slow := named(faults, "slow_result"):
            await asyncio.sleep(float(slow.options["seconds"]))
        path = await self._renders.file(task, number)
        return self._from_disk(request, path, kind, faults)

    def _from_disk(self, request: Request, path: Path, kind: str, faults: list[Active]) -> Response:
        if named(faults, "broken_result"):
            whole = path.read_bytes()
            return Response(whole[: len(whole) // 2], media_type=kind)
        if named(faults, "cut_result"):
            body = self._half(request, path.read_bytes())
            length = {"content-length": str(path.stat().st_size)}
            return Streaming(body, media_type=kind, headers=length)
        return FileResponse(path, media_type=kind, headers={"cache-control": "private"})

    async def _half(self, request: Request, whole: bytes) -> AsyncIterator[bytes]:
        yield whole[: len(whole) // 2]
        await asyncio.sleep(0.05)
        await self._connections.cut(request.scope)


def _denied(status: int, code: str) -> Response:
    return PlainTextResponse(
        f"<Error><Code>{code}</Code></Error>", status, media_type="application/xml"
    )


def _huge(megabytes: int, kind: str, *, honest: bool) -> Response:
    async def body() -> AsyncIterator[bytes]:
        yield b"\x89PNG\r\n\x1a\n" + b"\0" * (_MEGABYTE - 8)
        for _ in range(megabytes - 1):
            yield b"\0" * _MEGABYTE

    headers = {"content-length": str(megabytes * _MEGABYTE)} if honest else {}
    return Streaming(body(), media_type=kind, headers=headers)
