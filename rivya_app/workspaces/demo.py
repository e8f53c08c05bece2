"""The demo's people, and how they get in without a password. Does nothing unless DEMO is on."""

from dataclasses import dataclass

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import pgettext

from rivya_app.workspaces import access, actions, entering
from rivya_app.workspaces.models import Membership, Role, User, Workspace

# Addresses that can be nobody's (RFC 2606). They sign in only while DEMO is on.
DOMAIN = "demo.example"
PASSWORD = "rivya-demo-only"  # noqa: S105 - opens demo accounts only, and only while DEMO is on


@dataclass(frozen=True)
class DemoPerson:
    email: str
    name: str
    roles: tuple[Role, ...]


PEOPLE = (
    DemoPerson(f"seller@{DOMAIN}", "Asha Rao", (Role.SELLER,)),
    DemoPerson(f"manager@{DOMAIN}", "Meera Iyer", (Role.MANAGER,)),
    DemoPerson(f"owner@{DOMAIN}", "Vikram Shah", (Role.OWNER,)),
    DemoPerson(f"researcher@{DOMAIN}", "Kabir Das", (Role.RESEARCHER,)),
    DemoPerson(f"support@{DOMAIN}", "Leela Nair", (Role.SUPPORT,)),
)


@dataclass(frozen=True)
class DemoEntrance:
    """A button on the sign-in page."""

    email: str
    name: str
    role_word: str


def make_people(workspace: Workspace) -> dict[str, Membership]:
    """The demo's people as members of `workspace`, by role; known ones stay as they are."""
    return {person.roles[0].value: _make(workspace, person) for person in PEOPLE}


def _make(workspace: Workspace, person: DemoPerson) -> Membership:
    known = access.member_named(workspace, person.email)
    if known is not None:
        return known
    member = actions.add_member(
        workspace=workspace, email=person.email, name=person.name, roles=person.roles
    )
    member.user.set_password(PASSWORD)
    member.user.save(update_fields=["password"])
    return member


def is_demo_person(user: User) -> bool:
    return user.email.endswith(f"@{DOMAIN}")


def entrances() -> list[DemoEntrance]:
    """Who can sign in by a press; empty outside the demo."""
    if not settings.DEMO:
        return []
    return [
        DemoEntrance(member.user.email, member.user.name, str(Role(member.roles[0]).label))
        for member in access.members_at(DOMAIN)
    ]


def sign_in(request: HttpRequest, email: str) -> HttpResponseBase:
    """Sign the demo person in. Raises Http404 outside the demo and for anybody else's address."""
    person = next((entry for entry in entrances() if entry.email == email), None)
    if person is None:
        raise Http404(pgettext("sign-in", "There is no demo here."))
    user = User.objects.get(email=person.email)
    entering.enter(request, user)
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, None, require_https=request.is_secure()):
        return redirect(wanted)
    return redirect(settings.LOGIN_REDIRECT_URL)
