"""The request as views see it behind the access guard."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from rivya_app.workspaces.models import Membership, User, Workspace


class MemberRequest(HttpRequest):
    """A request of a member. Behind `members(...)` all of it is set."""

    user: User
    member: Membership
    memberships: list[Membership]  # every active one of the person's
    held_back_by: Workspace | None  # asks for a second step that the person has not set up
    htmx: HtmxDetails
