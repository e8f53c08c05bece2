"""The people of the tests: one workspace with every role, and the owner of another one."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.internal.userkit import user_id_to_str
from django.test import Client
from django.utils import timezone

from rivya_app.workspaces.models import Membership, Role, User, Workspace

PASSWORD = "a long enough pass phrase"


def make_member(workspace: Workspace, *roles: str, name: str = "", **user: Any) -> Membership:
    """A person with a password, as a member holding `roles`."""
    name = name or " and ".join(roles).title()
    email = user.pop("email", f"{'-'.join(roles)}-{workspace.pk}@team.example")
    person = User.objects.create_user(email, PASSWORD, name=name, **user)
    return Membership.objects.create(
        workspace=workspace,
        user=person,
        roles=list(roles),
        seen_at=timezone.now(),  # noting it is a write in a while, which no page counts as its own
    )


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Argon2 is slow by design; one test asks for it by name."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def workspace(db: None) -> Workspace:
    return Workspace.objects.create(name="Asha Crafts")


@pytest.fixture
def seller(workspace: Workspace) -> Membership:
    return make_member(workspace, Role.SELLER, name="Asha Seller")


@pytest.fixture
def manager(workspace: Workspace) -> Membership:
    return make_member(workspace, Role.MANAGER, name="Meera Manager")


@pytest.fixture
def owner(workspace: Workspace) -> Membership:
    return make_member(workspace, Role.OWNER, name="Vikram Owner")


@pytest.fixture
def researcher(workspace: Workspace) -> Membership:
    return make_member(workspace, Role.RESEARCHER, name="Kabir Researcher")


@pytest.fixture
def support(workspace: Workspace) -> Membership:
    return make_member(workspace, Role.SUPPORT, name="Leela Support")


@pytest.fixture
def stranger(db: None) -> Membership:
    """The owner of another workspace, who may do everything there and nothing here."""
    elsewhere = Workspace.objects.create(name="Another House")
    return make_member(elsewhere, Role.OWNER, name="Sana Stranger")


def _as_if_by_password(browser: Client, user: User) -> None:
    """What allauth notes at a sign-in, so that acts which ask for a recent one go through."""
    session = browser.session
    session["account_authentication_methods_user"] = user_id_to_str(user)
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()


@pytest.fixture
def client_of() -> Callable[[Membership | None], Client]:
    """`client_of(member)`: a browser of theirs, signed in; `client_of(None)`: nobody's."""

    def client_for(member: Membership | None) -> Client:
        browser = Client()
        if member is not None:
            browser.force_login(member.user)
            _as_if_by_password(browser, member.user)
        return browser

    return client_for
