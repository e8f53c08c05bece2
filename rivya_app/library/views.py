"""Files of the workspace, to be looked at and taken away by its members."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from rivya_app.core.guard import members
from rivya_app.library import access, actions, serving
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.requests import MemberRequest


@members()
@require_safe
def serve_file(request: MemberRequest, public_id: UUID) -> HttpResponseBase:
    """The file itself; with `?download=1` to be saved under a name of its own."""
    file = _stored(request, public_id)
    is_download = request.GET.get("download") == "1"
    return serving.respond(request, serving.original(file, is_download=is_download))


@members()
@require_safe
def serve_thumbnail(request: MemberRequest, public_id: UUID) -> HttpResponseBase:
    """The file's small picture."""
    return serving.respond(request, serving.thumbnail(_stored(request, public_id)))


@members()
@require_safe
def serve_derivative(request: MemberRequest, public_id: UUID, kind: str) -> HttpResponseBase:
    """A picture made of the file: a film's poster, a picture in the size of a screen."""
    file = _stored(request, public_id)
    return serving.respond(request, serving.derived(file, access.derivative(file, kind)))


@members()
@require_POST
def retry_copy(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Try to copy a result again, and go back to the page it was asked on."""
    actions.retry_copy(member=request.member, public_id=public_id)
    page = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    return redirect(page if is_ours else "home")


def _stored(request: MemberRequest, public_id: UUID) -> StoredFile:
    file = access.file(request.member, public_id)
    if not file.is_stored:
        raise Http404
    return file
