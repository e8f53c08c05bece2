"""The job page. Parse, one call, render."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from rivya_app.core.guard import members
from rivya_app.core.htmx import live_answer
from rivya_app.generations import actions, pages, viewing
from rivya_app.workspaces.access import MAY_SUBMIT
from rivya_app.workspaces.models import Role
from rivya_app.workspaces.requests import MemberRequest


@require_safe
@members()
def show(request: MemberRequest, public_id: UUID) -> HttpResponse:
    return render(request, "generations/show.html", pages.show_page(request.member, public_id))


@require_GET
@members()
def show_live(request: MemberRequest, public_id: UUID) -> HttpResponse:
    context = pages.show_page(request.member, public_id)
    return live_answer(request, "generations/show.html", context)


@require_safe
@members()
def view_results(request: MemberRequest, public_id: UUID) -> HttpResponse:
    viewer = viewing.viewer(request.member, public_id, viewing.Wanted.of(request.GET.dict()))
    return render(request, "generations/view.html", {"viewer": viewer})


@require_POST
@members(*MAY_SUBMIT, Role.SUPPORT)
def look_now(request: MemberRequest, public_id: UUID) -> HttpResponse:
    actions.look_now(member=request.member, public_id=public_id)
    return redirect("generations:show-job", public_id)
