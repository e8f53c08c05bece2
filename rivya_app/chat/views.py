"""The conversation pages."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render

from rivya_app.chat import access
from rivya_app.core.guard import members
from rivya_app.workspaces.requests import MemberRequest

chatters = members(*access.MAY_CHAT)


@chatters
def index(request: MemberRequest) -> HttpResponse:
    """The member's conversations."""
    return render(request, "chat/index.html", {})


@members()
def show(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """One conversation."""
    conversation = access.readable_conversation(request.member, public_id)
    return render(request, "chat/show.html", {"conversation": conversation})
