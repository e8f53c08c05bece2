"""The pages of packages. Parse, one call, render."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from rivya_app.core.guard import members
from rivya_app.core.htmx import live_answer
from rivya_app.handoff import access, actions, pages
from rivya_app.handoff.boxes import Box
from rivya_app.handoff.forms import AnswerForm, CropForm, ItemWordsForm
from rivya_app.library import serving
from rivya_app.library.uses import FileGone
from rivya_app.workspaces.requests import MemberRequest

packers = members(*actions.MAY_PACK)


@require_safe
@members()
def index(request: MemberRequest) -> HttpResponse:
    return render(request, "handoff/index.html", pages.index_page(request.member, request.GET))


@packers
def new_package(request: MemberRequest) -> HttpResponse:
    """The form for what was ticked, and its sending. A refusal keeps everything that was typed."""
    form = pages.package_form(request.member, request.GET, request.POST or None)
    if form is None:
        messages.warning(request, _("Tick at least one approved file to pack it."))
        return redirect("handoff:index")
    if form.is_bound and form.is_valid():
        try:
            package = actions.make_package(member=request.member, wanted=form.wanted())
        except (actions.NotApproved, FileGone):
            messages.error(request, _("One of the files is not approved any more, or is gone."))
            return redirect("handoff:index")
        return redirect("handoff:show-package", package.public_id)
    page = pages.new_page(form)
    return render(request, "handoff/new.html", page, status=422 if form.is_bound else 200)


@require_safe
@members()
def show_package(request: MemberRequest, public_id: UUID) -> HttpResponse:
    return render(request, "handoff/show.html", pages.show_page(request.member, public_id))


@require_GET
@members()
def show_live(request: MemberRequest, public_id: UUID) -> HttpResponse:
    return live_answer(request, "handoff/show.html", pages.show_page(request.member, public_id))


@require_POST
@packers
def try_again(request: MemberRequest, public_id: UUID) -> HttpResponse:
    actions.try_again(member=request.member, public_id=public_id)
    return redirect("handoff:show-package", public_id)


@packers
def change_words(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Alt texts and captions of every item on one page."""
    package = access.package(request.member, public_id)
    form = ItemWordsForm(access.items_of(package), request.POST or None)
    if request.method == "POST" and form.is_valid():
        actions.change_words(member=request.member, public_id=public_id, words=form.words())
        messages.success(request, _("Saved."))
        return redirect("handoff:show-package", public_id)
    page = {"package": package, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "handoff/words.html", page, status=status)


@require_safe
@members()
def packed_file(request: MemberRequest, public_id: UUID, packed_id: UUID) -> HttpResponseBase:
    """One packed file; with `?download=1` to be saved."""
    packed = access.packed_file(request.member, public_id, packed_id)
    if not packed.is_packed:
        raise Http404
    is_download = request.GET.get("download") == "1"
    return serving.respond(request, pages.blob_of(packed, is_download=is_download))


@packers
def adjust_crop(request: MemberRequest, public_id: UUID, packed_id: UUID) -> HttpResponse:
    """A frame over the approved picture; without a script, its numbers as fields."""
    packed = access.packed_file(request.member, public_id, packed_id)
    form = CropForm(packed, request.POST or None)
    is_automatic = "automatic" in request.POST
    if request.method == "POST" and (is_automatic or form.is_valid()):
        box = None if is_automatic else form.box()
        return _cut(request, public_id, packed_id, box)
    page = pages.crop_page(packed, form)
    status = 422 if request.method == "POST" else 200
    return render(request, "handoff/crop.html", page, status=status)


def _cut(request: MemberRequest, public_id: UUID, packed_id: UUID, box: Box | None) -> HttpResponse:
    try:
        actions.adjust_crop(
            member=request.member, package_id=public_id, packed_id=packed_id, box=box
        )
    except actions.NotNow:
        messages.error(request, _("The package is being packed. Try it again in a moment."))
    return redirect("handoff:show-package", public_id)


@require_POST
@members(*actions.MAY_ANSWER)
def override_check(request: MemberRequest, public_id: UUID, packed_id: UUID) -> HttpResponse:
    """A named answer for one failed check. A missing reason keeps what was typed."""
    form = AnswerForm(request.POST, auto_id=f"answer-{packed_id}-%s")
    if not form.is_valid():
        page = pages.show_page(request.member, public_id, refused=(packed_id, form))
        return render(request, "handoff/show.html", page, status=422)
    given = form.cleaned_data
    try:
        actions.override(
            member=request.member,
            package_id=public_id,
            packed_id=packed_id,
            check_code=given["check"],
            sha256=given["sha256"],
            reason=given["reason"],
        )
    except actions.NotNow:
        messages.error(request, _("The file has changed since. Look at its checks again."))
    return redirect("handoff:show-package", public_id)
