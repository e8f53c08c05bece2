"""What each role may do, in one line, for those who give and have them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from rivya_app.workspaces.models import Role

MEANINGS = {
    Role.SELLER: _("Sends briefs, sees the drafts, hands approved files over."),
    Role.MANAGER: _("Decides on drafts, makes campaigns, orders short videos."),
    Role.OWNER: _("Everything of the account: people, keys, limits and credits."),
    Role.RESEARCHER: _("Asks the assistant, and makes briefs of its answers."),
    Role.SUPPORT: _("Sees every job and puts failed ones right. Spends no credits."),
}


@dataclass(frozen=True, slots=True)
class RoleChoice:
    """One box to tick."""

    value: str
    label: str
    meaning: str
    is_ticked: bool


def choices(ticked: Iterable[str]) -> list[RoleChoice]:
    """Every role, in order."""
    wanted = set(ticked)
    return [
        RoleChoice(str(role), str(role.label), str(MEANINGS[role]), str(role) in wanted)
        for role in Role
    ]


def chosen(roles: Iterable[str]) -> list[RoleChoice]:
    """Those of `roles` alone, with what they mean."""
    return [one for one in choices(roles) if one.is_ticked]


def named(roles: Iterable[str]) -> str:
    """ "Seller, Support", in the order of the roles."""
    mine = set(roles)
    return ", ".join(str(role.label) for role in Role if role in mine)
