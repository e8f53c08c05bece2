"""The pages of the pause. Parse, one call, render."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rivya_app.core.guard import members, staff
from rivya_app.workspaces import pause_pages, pauses
from rivya_app.workspaces.models import User
from rivya_app.workspaces.pause_forms import PauseForm
from rivya_app.workspaces.requests import MemberRequest

pausers = members(*pauses.MAY_PAUSE)
form_methods = require_http_methods(["GET", "HEAD", "POST"])
PAGE = "workspaces/pause.html"


@require_http_methods(["GET", "HEAD"])
@members(*pauses.MAY_READ)
def index(request: MemberRequest) -> HttpResponse:
    page = pause_pages.index_page(request.member, request.GET.get("page"))
    return render(request, PAGE, page)


@require_POST
@pausers
def begin(request: MemberRequest) -> HttpResponse:
    form = PauseForm(request.POST)
    if not form.is_valid():
        page = pause_pages.index_page(request.member, None, form)
        return render(request, PAGE, page, status=422)
    pauses.begin(member=request.member, reason=form.cleaned_data["reason"])
    messages.success(request, _("Paused. Nothing new is sent until it ends."))
    return redirect("pauses:index")


@require_POST
@pausers
def end(request: MemberRequest) -> HttpResponse:
    pauses.end(member=request.member)
    messages.success(request, _("The pause is over. What waited is sent in its order."))
    return redirect("pauses:index")


@form_methods
@staff
def everywhere(request: HttpRequest) -> HttpResponse:
    """The pause of the whole server, and its beginning."""
    form = PauseForm(request.POST) if request.method == "POST" else None
    if form is None or not form.is_valid():
        page = pause_pages.everywhere_page(request.GET.get("page"), form)
        return render(request, PAGE, page, status=422 if form else 200)
    user = cast(User, request.user)
    pauses.begin_for(None, user=user, reason=form.cleaned_data["reason"])
    messages.success(request, _("Paused everywhere. Nothing new is sent until it ends."))
    return redirect("pauses:everywhere")


@require_POST
@staff
def end_everywhere(request: HttpRequest) -> HttpResponse:
    pauses.end_for(None, user=cast(User, request.user))
    messages.success(request, _("The pause of the whole server is over."))
    return redirect("pauses:everywhere")
