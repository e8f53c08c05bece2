"""Whether a workspace asks for a second step of signing in that a person has not set up."""

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled

from rivya_app.workspaces.models import Membership, User


def is_missing(member: Membership) -> bool:
    """One small query, and only where the workspace asks for it."""
    return member.workspace.requires_two_steps and not has_one(member.user)


def has_one(user: User) -> bool:
    return bool(is_mfa_enabled(user))


def who_has_one(members: Iterable[Membership]) -> set[int]:
    """The keys of the users among these members who have a second step. One query."""
    rows = Authenticator.objects.filter(
        user__in=[member.user_id for member in members], type=Authenticator.Type.TOTP
    )
    return set(rows.values_list("user_id", flat=True))
