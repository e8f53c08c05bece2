"""Where a page asks for a ticket to the live stream."""

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from rivya_app.chat import access, tickets
from rivya_app.core.guard import members
from rivya_app.workspaces.requests import MemberRequest


@members()
@require_safe
@never_cache
def stream_ticket(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """A ticket for whoever may read the turn, as a cookie of that stream alone."""
    turn = access.readable_turn(request.member, public_id)
    response = HttpResponse(status=204)
    tickets.give(response, request.member, turn)
    return response
