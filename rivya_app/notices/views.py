"""The page of what happened while a member was away."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rivya_app.core.guard import members
from rivya_app.notices import access, actions
from rivya_app.workspaces.requests import MemberRequest

PAGE_SIZE = 30


@members()
@require_safe
def index(request: MemberRequest) -> HttpResponse:
    """Newest first; `?page=` pages on."""
    pages = Paginator(access.notices_of(request.member), PAGE_SIZE)
    page = pages.get_page(request.GET.get("page"))
    return render(request, "notices/index.html", {"page": page})


@members()
@require_http_methods(["GET", "POST"])
def open_notice(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Mark it read and go to what it is about."""
    notice = actions.mark_read(member=request.member, public_id=public_id)
    return redirect(notice.link or "notices:index")


@members()
@require_POST
def mark_all_read(request: MemberRequest) -> HttpResponse:
    """Everything the member has not opened counts as read."""
    actions.mark_all_read(member=request.member)
    return redirect("notices:index")
