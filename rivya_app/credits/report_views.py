"""The pages about where credits went. Parse, one call, render."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from rivya_app.core.csv_stream import CsvOfChunks
from rivya_app.core.guard import members
from rivya_app.credits import monthly, own_share, report_pages
from rivya_app.workspaces.models import Role
from rivya_app.workspaces.requests import MemberRequest

readers = members(Role.OWNER, Role.SUPPORT)


@require_safe
@readers
def where(request: MemberRequest) -> HttpResponse:
    """The chart and the table. An address without a zone gets the reader's, to be passed on."""
    if not request.GET.get("zone"):
        return redirect(f"{request.path}?{report_pages.with_zone(request.GET.dict())}")
    context = report_pages.where_page(request.member, request.GET.dict())
    return render(request, "credits/where.html", context)


@require_safe
@readers
def where_csv(request: MemberRequest) -> HttpResponseBase:
    chunks, name = report_pages.csv_of(request.member, request.GET.dict())
    return CsvOfChunks(chunks, name=name)


@require_safe
@readers
def entries(request: MemberRequest) -> HttpResponse:
    context = report_pages.entries_page(request.member, request.GET.dict())
    return render(request, "credits/entries.html", context)


@require_safe
@readers
def kept(request: MemberRequest) -> HttpResponse:
    context = report_pages.kept_page(request.member, request.GET.dict())
    return render(request, "credits/kept.html", context)


@require_safe
@members(Role.OWNER)
def statement(request: MemberRequest) -> HttpResponse:
    context = monthly.statement_page(request.member, request.GET.dict())
    return render(request, "credits/statement.html", context)


@require_safe
@members()
def mine(request: MemberRequest) -> HttpResponse:
    context = own_share.mine_page(request.member, request.GET.dict())
    return render(request, "credits/mine.html", context)
