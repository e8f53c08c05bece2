"""Whether a page may be offered: what the guard would say of its view, asked beforehand.

Rooms that may not import one another link by name; the roles stay said once, at the view.
"""

from functools import cache

from django.urls import NoReverseMatch, resolve, reverse

from rivya_app.core.guard import HasRoles, Policy, Who, policy_of


def address_for(member: HasRoles | None, route_name: str) -> str:
    """The address of a page without arguments; "" where the member may not use it, or there is no
    such page."""
    try:
        address = reverse(route_name)
    except NoReverseMatch:
        return ""
    policy = _policy_at(address, route_name)
    if member is None or policy is None or policy.who != Who.MEMBERS:
        return ""
    return address if not policy.roles or member.has_role(*policy.roles) else ""


@cache
def _policy_at(address: str, route_name: str) -> Policy | None:
    return policy_of(resolve(address).func, route_name)
