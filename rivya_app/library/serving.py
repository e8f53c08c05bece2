"""Hands bytes out: whole, in part, or by a short-lived link, under harmless headers."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

from django.core.files import File
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from rivya_app.library import blobs, ranges
from rivya_app.library.models import Derivative, StoredFile
from rivya_app.library.signatures import EXTENSIONS

PIECE = 64 * 1024
_FOR_EVER = "private, max-age=31536000, immutable"  # the address of a file never changes its bytes
_NOT_IN_A_NAME = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|]+')


@dataclass(frozen=True, slots=True)
class Blob:
    """What is to be sent: where it lies, its mark and type, and how it is called when saved."""

    name: str
    etag: str
    content_type: str
    disposition: str


def original(file: StoredFile, *, is_download: bool) -> Blob:
    """The file itself."""
    return Blob(
        file.storage_name,
        f'"{file.sha256}"',
        _safe_type(file.mime_type),
        content_disposition_header(is_download, file_name(file)) or "inline",
    )


def thumbnail(file: StoredFile) -> Blob:
    """Its small picture. Raises Http404 where it has none."""
    if not file.thumbnail_name:
        raise Http404
    return Blob(file.thumbnail_name, f'"{file.sha256}-thumb"', "image/webp", "inline")


def derived(file: StoredFile, row: Derivative) -> Blob:
    """A picture made of the file."""
    etag = f'"{file.sha256}-{row.kind}"'
    return Blob(row.storage_name, etag, _safe_type(row.mime_type), "inline")


def packed(
    storage_name: str, *, sha256: str, mime_type: str, called: str, is_download: bool = False
) -> Blob:
    """Bytes a higher app put into storage itself, under the checksum they have there. `called` is
    their name when saved. The page's address of them must change when the bytes do."""
    disposition = content_disposition_header(is_download, called) or "inline"
    return Blob(storage_name, f'"{sha256}"', _safe_type(mime_type), disposition)


def file_name(file: StoredFile) -> str:
    """A name for the saved file from its title, which may be in any script."""
    words = _NOT_IN_A_NAME.sub(" ", file.title)
    stem = "-".join(words.split())[:80].strip(".-") or file.kind or "file"
    number = f"-{file.position + 1}" if file.position else ""
    return f"{stem}{number}.{EXTENSIONS.get(file.mime_type, 'bin')}"


def respond(request: HttpRequest, blob: Blob) -> HttpResponseBase:
    """Answer a GET or HEAD for `blob`. Raises Http404 where its bytes are gone."""
    if not blobs.is_on_disk():
        link = blobs.link_to(
            blob.name, content_type=blob.content_type, disposition=blob.disposition
        )
        answer = HttpResponseRedirect(link)
        answer.headers["Cache-Control"] = "private, no-store"
        return answer
    unchanged = get_conditional_response(request, etag=blob.etag)
    if unchanged is not None:
        return _marked(unchanged, blob)
    try:
        return _marked(_send(request, blob), blob)
    except FileNotFoundError:
        raise Http404 from None


def _send(request: HttpRequest, blob: Blob) -> HttpResponseBase:
    size = blobs.size_of(blob.name)
    try:
        part = _part(request, blob, size)
    except ranges.Unsatisfiable:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    sent = part or ranges.Part(0, size, size)
    answer: HttpResponseBase
    if request.method == "HEAD":
        answer = HttpResponse()
    else:
        answer = FileStream(blobs.open_blob(blob.name), sent)
    answer.headers["Content-Length"] = str(sent.length)
    if part:
        answer.status_code = 206
        answer.headers["Content-Range"] = part.header
    return answer


def _part(request: HttpRequest, blob: Blob, size: int) -> ranges.Part | None:
    """If-Range: a part of other bytes than the reader has would be worse than all of them."""
    condition = request.headers.get("If-Range")
    if condition is not None and condition.strip() != blob.etag:
        return None
    return ranges.wanted(request.headers.get("Range", ""), size)


def _marked(answer: HttpResponseBase, blob: Blob) -> HttpResponseBase:
    headers = {
        "ETag": blob.etag,
        "Cache-Control": _FOR_EVER,
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
    }
    if answer.status_code in (200, 206):
        headers |= {"Content-Type": blob.content_type, "Content-Disposition": blob.disposition}
    for name, value in headers.items():
        answer.headers[name] = value
    return answer


def _safe_type(mime_type: str) -> str:
    """Only types of our own table are named; a browser must never take a result for a page."""
    return mime_type if mime_type in EXTENSIONS else "application/octet-stream"


class PieceStream(StreamingHttpResponse):
    """An answer made of pieces, under WSGI and ASGI alike; `close` is called when it ends.

    Under ASGI Django would collect a plain iterator in memory before the first byte; here each
    piece is made in a thread when the reader is ready for it.
    """

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        super().__init__(pieces)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while piece := await asyncio.to_thread(next, self._pieces, b""):
            yield piece


class FileStream(PieceStream):
    """A part of an open file."""

    def __init__(self, file: "File[bytes]", part: ranges.Part) -> None:
        file.seek(part.start)
        super().__init__(_Pieces(file, part.length))


class _Pieces:
    """An iterator with a `close`, which Django calls at the end whatever that end is."""

    def __init__(self, file: "File[bytes]", length: int) -> None:
        self._file = file
        self._left = length

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = self._file.read(min(PIECE, self._left)) if self._left else b""
        if not piece:
            raise StopIteration
        self._left -= len(piece)
        return piece

    def close(self) -> None:
        self._file.close()
