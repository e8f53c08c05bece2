"""The request as views see it behind the access guard."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from rivya_app.workspaces.models import Membership, User


class MemberRequest(HttpRequest):
    """A request of a member. Behind `members(...)` both are set."""

    user: User
    member: Membership
    htmx: HtmxDetails
