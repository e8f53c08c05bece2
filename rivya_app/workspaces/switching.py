"""Going from one of a person's workspaces to another."""

from django.http import Http404
from django.middleware.csrf import rotate_token

from rivya_app.workspaces import access, entering
from rivya_app.workspaces.models import Membership
from rivya_app.workspaces.requests import MemberRequest


def chosen(request: MemberRequest) -> Membership | None:
    """The membership the session names, else the person's first one."""
    mine = request.memberships
    named = access.membership_in(mine, request.session.get(entering.CHOSEN))
    return named or next(iter(mine), None)


def switch(request: MemberRequest, workspace_id: str) -> Membership:
    """Open one of the person's own workspaces. Raises Http404 for any other."""
    member = access.membership_in(request.memberships, workspace_id)
    if member is None:
        raise Http404
    open_workspace(request, member)
    return member


def open_workspace(request: MemberRequest, member: Membership) -> None:
    """Open the workspace of a membership of the person's own.

    Forms that other windows still show were made for the workspace that was open before: with a
    new token they are refused, so that nothing typed for one team is spent by another.
    """
    before = chosen(request)
    entering.choose(request, member.workspace)
    if before != member:
        rotate_token(request)
