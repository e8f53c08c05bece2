"""Handlers of the Files API."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException

from rivya_app.simulator import links
from rivya_app.simulator.calls import Call, Handler, Reply
from rivya_app.simulator.catalogue import Model, models
from rivya_app.simulator.files import FileShelf, Upload, length_of
from rivya_app.simulator.records import StoredFile, wire_time
from rivya_app.simulator.refusals import Refusal
from rivya_app.simulator.validation import refuse
from rivya_app.simulator.world import World

_REQUEST_ID_LIMIT = 128
_UPLOAD_LIMIT = 128 * 1024 * 1024


class FilesApi:
    def __init__(self, world: World, shelf: FileShelf, base_url: Callable[[], str]) -> None:
        self._world, self._shelf, self._base_url = world, shelf, base_url

    def handlers(self) -> dict[str, Handler]:
        return {"files.create": self.create, "files.get": self.get}

    async def create(self, call: Call) -> Reply:
        async with _form(call) as form:
            upload, kind, model, request_id = _parts(form)
            rule = self._shelf.rule(kind, model)
            if (upload.size or 0) > _UPLOAD_LIMIT:
                raise refuse("file is too large.")
            content = await upload.read()
            mime_type = self._shelf.check(content, rule)
            name = upload.filename or kind
            seconds = None if kind == "image" else await asyncio.to_thread(length_of, content)
            upload_of = Upload(kind, name, content, mime_type, seconds, request_id)
            file = self._shelf.put(call.account.id, upload_of)
        return Reply(self.wire(file))

    async def get(self, call: Call) -> Reply:
        file = self._shelf.find(call.account.id, call.path["fileId"])
        if file is None:
            raise Refusal("not_found", "There is no such file.")
        return Reply(self.wire(file))

    def wire(self, file: StoredFile) -> dict[str, Any]:
        """ASSUMED beyond id, url and duration_token."""
        return {
            "id": file.id,
            "object": "file",
            "kind": file.media,
            "name": file.name,
            "mime_type": file.mime_type,
            "size": file.size,
            "url": links.file_url(self._base_url(), file),
            "duration_seconds": file.duration_seconds,
            "duration_token": file.duration_token,
            "created_at": wire_time(file.created_at),
            "expires_at": wire_time(file.expires_at),
        }


@contextlib.asynccontextmanager
async def _form(call: Call) -> AsyncIterator[FormData]:
    try:
        async with call.form().form(max_files=1, max_fields=5) as form:
            yield form
    except MultiPartException as error:
        raise refuse("The body is not multipart/form-data.") from error


def _parts(form: FormData) -> tuple[UploadFile, str, Model | None, str]:
    """The parts of the form. Raises Refusal."""
    upload = form.get("file")
    if not isinstance(upload, UploadFile):
        raise refuse("file is required.")
    words = {key: value for key, value in form.items() if isinstance(value, str)}
    request_id = words.get("client_request_id", "")
    if len(request_id) > _REQUEST_ID_LIMIT:
        raise refuse(f"client_request_id may have at most {_REQUEST_ID_LIMIT} characters.")
    return upload, words.get("kind", ""), _model(words.get("model", "")), request_id


def _model(model_id: str) -> Model | None:
    if not model_id:
        return None
    if model_id not in models():
        raise refuse(f"model: there is no model {model_id!r}.")
    return models()[model_id]
