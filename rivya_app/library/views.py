"""Files of the workspace, to be looked at and taken away by its members."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rivya_app.core.guard import members
from rivya_app.library import access, actions, pages, serving
from rivya_app.library.forms import SettingsForm, UploadForm
from rivya_app.library.models import StoredFile
from rivya_app.library.uploads import UploadRefused
from rivya_app.workspaces.requests import MemberRequest

uploaders = members(*actions.MAY_UPLOAD)


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


@members()
@require_safe
def index(request: MemberRequest) -> HttpResponse:
    return render(request, "library/index.html", pages.index_page(request.member, request.GET))


@members()
@require_safe
def show_file(request: MemberRequest, public_id: UUID) -> HttpResponse:
    return render(request, "library/show.html", pages.show_page(request.member, public_id))


@members()
def remove_file(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Asks once, naming what loses the file; then removes it."""
    page = pages.show_page(request.member, public_id)
    if request.method != "POST":
        return render(request, "library/remove.html", page)
    try:
        actions.remove_file(member=request.member, public_id=public_id)
    except actions.FileNeeded:
        page = pages.show_page(request.member, public_id)
        return render(request, "library/remove.html", page, status=422)
    messages.success(request, _("The file is removed."))
    return redirect("library:show-file", public_id)


@require_POST
@members(*actions.MAY_DECIDE)
def change_settings(request: MemberRequest) -> HttpResponse:
    form = SettingsForm(request.POST)
    if not form.is_valid():
        page = pages.settings_part(request.member, form)
        return render(request, "library/settings.html", page, status=422)
    actions.change_settings(member=request.member, values=form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("library:index")


@require_POST
@uploaders
def upload(request: MemberRequest) -> HttpResponse:
    """One file for a brief's form; answers with its tile, or 422 with the rule that it breaks."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return HttpResponse(status=400)
    model = pages.model_named(form.cleaned_data["model_id"])
    sent, token = form.cleaned_data["file"], form.cleaned_data["token"]
    try:
        file = actions.upload(member=request.member, sent=sent, token=token, model=model)
    except UploadRefused as refusal:
        return render(request, "library/refusal.html", {"refusal": refusal}, status=422)
    return render(request, "components/_reference_tile.html", pages.tile(file, model))


@uploaders
@require_safe
def choose(request: MemberRequest) -> HttpResponse:
    page = pages.choose_page(request.member, request.GET)
    return render(request, "components/_reference_shelf.html", page)


@uploaders
@require_safe
def judge(request: MemberRequest) -> JsonResponse:
    return JsonResponse(pages.judgement(request.member, request.GET))


def _stored(request: MemberRequest, public_id: UUID) -> StoredFile:
    file = access.file(request.member, public_id)
    if not file.is_stored:
        raise Http404
    return file
