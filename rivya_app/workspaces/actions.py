"""What people do about people: make a workspace, add members, say how they like to read."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from rivya_app.workspaces.models import Membership, Role, User, Workspace


class AlreadyMember(Exception):
    """The person is in this workspace already."""


@dataclass(frozen=True)
class Preferences:
    """How a person is called and how they like to read. `language` may be empty: as the browser."""

    name: str
    language: str
    time_zone: str
    theme: str


def create_workspace(
    *, name: str, owner_email: str, owner_name: str
) -> tuple[Workspace, Membership]:
    """A workspace with its first owner, who has no password yet unless the person is known."""
    with transaction.atomic(durable=True):
        workspace = Workspace.objects.create(name=name)
        owner = _add(workspace, owner_email, owner_name, [Role.OWNER])
    return workspace, owner


def add_member(*, workspace: Workspace, email: str, name: str, roles: Iterable[str]) -> Membership:
    """Add a person, known or new, to a workspace. Raises AlreadyMember."""
    with transaction.atomic(durable=True):
        return _add(workspace, email, name, roles)


def _add(workspace: Workspace, email: str, name: str, roles: Iterable[str]) -> Membership:
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User.objects.create_user(email, name=name)
    try:
        with transaction.atomic():
            return Membership.objects.create(workspace=workspace, user=user, roles=list(roles))
    except IntegrityError as error:
        if "member_once" not in str(error):
            raise
        raise AlreadyMember(str(user)) from None


def set_preferences(*, user: User, preferences: Preferences) -> None:
    """Keep what a person chose on their profile."""
    User.objects.filter(pk=user.pk).update(
        name=preferences.name,
        language=preferences.language,
        time_zone=preferences.time_zone,
        theme=preferences.theme,
    )


def choose_language(*, user: User, language: str) -> None:
    """Keep the language alone; one that is not offered is left aside."""
    if language in User.Language.values:
        User.objects.filter(pk=user.pk).update(language=language)
