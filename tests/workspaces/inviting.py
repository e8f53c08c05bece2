"""Invitations of the tests, with the links that stand in their letters."""

import re

from rivya_app.core.models import Letter
from rivya_app.workspaces import invitations
from rivya_app.workspaces.invitations import Wanted
from rivya_app.workspaces.models import Invitation, Membership

EMAIL = "nila@new.example"


def invited(owner: Membership, email: str = EMAIL, *roles: str, **more: str) -> Invitation:
    wanted = Wanted(email=email, roles=roles or ("seller",), **more)
    return invitations.invite(member=owner, wanted=wanted)


def link_of(invitation: Invitation) -> str:
    """The path in its newest letter."""
    letter = Letter.objects.get(key=invitations.letter_key(invitation))
    found = re.search(r"https?://[^/]+(/invitations/[\w-]{43}/)", letter.text.reveal())
    assert found, letter.text.reveal()
    return found[1]


def token_of(invitation: Invitation) -> str:
    return link_of(invitation).split("/")[2]
