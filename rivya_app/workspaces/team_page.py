"""What the team's page shows. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rivya_app.core.models import Letter
from rivya_app.workspaces import access, invitations, role_words, second_step
from rivya_app.workspaces.models import Invitation, Membership, Role


@dataclass(frozen=True, slots=True)
class Person:
    """One member, as a reader sees them. What owners alone see is None for others."""

    member: Membership
    roles: str
    is_you: bool
    since: datetime
    seen_at: datetime | None = None
    has_two_steps: bool | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """An invitation that waits. `letter` is what became of its newest letter, "" while unknown."""

    invitation: Invitation
    roles: str
    is_over: bool
    letter: str
    may_send: bool


def team_page(member: Membership) -> dict[str, Any]:
    """Everybody, and for an owner the open invitations. A constant number of queries."""
    is_owner = member.has_role(Role.OWNER)
    members = list(access.team(member.workspace))
    steps = second_step.who_has_one(members) if is_owner else set()
    return {
        "people": [_person(one, member, steps, is_owner=is_owner) for one in members],
        "offers": _offers(access.invitations(member)) if is_owner else [],
        "is_owner": is_owner,
        "may_audit": member.has_role(Role.OWNER, Role.SUPPORT),
        "may_leave": len(members) > 1,
    }


def _person(one: Membership, reader: Membership, steps: set[int], *, is_owner: bool) -> Person:
    return Person(
        member=one,
        roles=role_words.named(one.roles),
        is_you=one.pk == reader.pk,
        since=one.created_at,
        seen_at=one.seen_at if is_owner else None,
        has_two_steps=one.user_id in steps if is_owner else None,
    )


def _offers(rows: Iterable[Invitation]) -> list[Offer]:
    found = list(rows)
    keys = {invitations.letter_key(row): row.pk for row in found}
    states = Letter.objects.filter(key__in=keys).values_list("key", "state")
    letters = {keys[key]: state for key, state in states}
    return [
        Offer(
            invitation=row,
            roles=role_words.named(row.roles),
            is_over=not invitations.is_open(row),
            letter=letters.get(row.pk, ""),
            may_send=row.sent_count < invitations.MOST_SENT,
        )
        for row in found
    ]
