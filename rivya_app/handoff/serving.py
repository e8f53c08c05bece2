"""Hands a package out as one zip, whole or from where an earlier transfer was cut."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from rivya_app.handoff.models import Package
from rivya_app.handoff.names import slug
from rivya_app.handoff.zipping import Chunks, Zip
from rivya_app.library import ranges
from rivya_app.library.serving import PieceStream

TYPE = "application/zip"


def zip_answer(
    request: HttpRequest, package: Package, *, on_start: Callable[[], object]
) -> HttpResponseBase:
    """Answer a GET or HEAD for the zip. Raises Changed where bytes in storage are not the packed.

    `on_start` runs once a download: with the answer that carries the first byte, not with each
    part of it that is asked for later.
    """
    whole = Zip(package)
    unchanged = get_conditional_response(request, etag=whole.etag)
    if unchanged is not None:
        return _marked(unchanged, package, whole)
    try:
        part = _part(request, whole)
    except ranges.Unsatisfiable:
        size = {"Content-Range": f"bytes */{whole.length}"}
        return _marked(HttpResponse(status=416, headers=size), package, whole)
    whole.check()
    return _marked(_send(request, whole, part, on_start), package, whole)


def file_name(package: Package) -> str:
    """What the saved file is called, from the title, which may be in any script."""
    return f"{slug(package.title) or 'package'}.zip"


def _part(request: HttpRequest, whole: Zip) -> ranges.Part | None:
    """If-Range: a part of another zip than the reader has would be worse than all of it."""
    condition = request.headers.get("If-Range")
    if condition is not None and condition.strip() != whole.etag:
        return None
    return ranges.wanted(request.headers.get("Range", ""), whole.length)


def _send(
    request: HttpRequest, whole: Zip, part: ranges.Part | None, on_start: Callable[[], object]
) -> HttpResponseBase:
    sent = part or ranges.Part(0, whole.length, whole.length)
    answer: HttpResponseBase
    if request.method == "HEAD":
        answer = HttpResponse()
    else:
        if sent.start == 0:
            on_start()
        answer = PieceStream(Chunks(whole.chunks(sent.start, sent.stop)))
    answer.headers["Content-Length"] = str(sent.length)
    if part:
        answer.status_code = 206
        answer.headers["Content-Range"] = part.header
    return answer


def _marked(answer: HttpResponseBase, package: Package, whole: Zip) -> HttpResponseBase:
    headers = {
        "ETag": whole.etag,
        "Cache-Control": "private, no-store",
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
    }
    if answer.status_code in (200, 206):
        disposition = content_disposition_header(True, file_name(package)) or "attachment"
        headers |= {"Content-Type": TYPE, "Content-Disposition": disposition}
    for name, value in headers.items():
        answer.headers[name] = value
    return answer
