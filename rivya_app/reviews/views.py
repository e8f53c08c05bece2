"""The review pages. Parse, one call, render."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rivya_app.core.guard import members
from rivya_app.reviews import access
from rivya_app.workspaces.requests import MemberRequest


@require_safe
@members()
def show(request: MemberRequest, public_id: UUID) -> HttpResponse:
    review = access.review(request.member, public_id)
    return render(request, "reviews/show.html", {"review": review})
