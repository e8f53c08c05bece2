"""A brief's chain by itself: to be printed, and as a table. Parse, one call, render."""

from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rivya_app.briefs import chain_table, pages
from rivya_app.core.csv_stream import CsvStream
from rivya_app.core.guard import members
from rivya_app.workspaces.requests import MemberRequest


@require_safe
@members()
def show_chain(request: MemberRequest, public_id: UUID) -> HttpResponse:
    return render(request, "briefs/chain.html", pages.chain_page(request.member, public_id))


@require_safe
@members()
def chain_csv(request: MemberRequest, public_id: UUID) -> HttpResponseBase:
    page = pages.chain_page(request.member, public_id)
    origin = request.build_absolute_uri("/").rstrip("/")
    name = f"{page['brief'].product} {public_id.hex[:8]}"
    return CsvStream(chain_table.rows(page["chain"], origin), name=name)
