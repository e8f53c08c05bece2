"""What each role's first page shows: what needs me now?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from rivya_app.briefs import access, cards, listing
from rivya_app.credits import cockpit, gate_pages, wallet
from rivya_app.gateway.access import keys_of
from rivya_app.generations import access as generations
from rivya_app.generations.cards import JobCard, cards_for
from rivya_app.generations.live import live_for
from rivya_app.generations.models import Generation, Status
from rivya_app.workspaces.models import Membership, Role

FIRST_ROLE = (Role.OWNER, Role.MANAGER, Role.SELLER, Role.SUPPORT, Role.RESEARCHER)
SHOWN = 12
_WITH = ("requested_by__user", "api_key")


@dataclass(frozen=True, slots=True)
class Part:
    """What a room puts first on a role's page: a template, what it needs, as `part`, and the
    style sheet it needs beside the page's own."""

    template: str
    shown: dict[str, Any]
    css: str = ""


Contributor = Callable[[Membership, Role], Part | None]
_contributors: dict[str, Contributor] = {}


def register(name: str, contributor: Contributor) -> None:
    """Higher apps say in `ready()` what of theirs needs a member now."""
    if _contributors.get(name, contributor) is not contributor:
        raise ImproperlyConfigured(f"'{name}' adds to the first page already.")
    _contributors[name] = contributor


def home_page(member: Membership) -> dict[str, Any]:
    """The page of the member's first role, in the order of FIRST_ROLE."""
    role = next(role for role in FIRST_ROLE if member.has_role(role))
    context: dict[str, Any] = {"role": str(role), **_PARTS[role](member)}
    if "standing" not in context:
        context["standing"] = wallet.standing(member.workspace)
    asked = (contributor(member, role) for contributor in _contributors.values())
    context["parts"] = [part for part in asked if part is not None]
    shown = [job for brief in context.get("briefs", []) for job in brief.jobs]
    shown += context.get("jobs", []) + context.get("waiting", [])
    return {**context, "live": live_for(shown, reverse("home-live"))}


def _seller(member: Membership) -> dict[str, Any]:
    mine = listing.with_drafts(access.briefs(member).filter(access.kept_by(member)))
    return {"briefs": cards.brief_cards(mine[:SHOWN], member)}


def _manager(member: Membership) -> dict[str, Any]:
    briefs = listing.with_drafts(access.briefs(member))
    return {"briefs": cards.brief_cards(briefs[:SHOWN], member)}


def _owner(member: Membership) -> dict[str, Any]:
    room = cockpit.room_of(member.workspace)
    return {
        "room": room,
        "standing": room.standing,
        "jobs": _recent(member),
        "keys": list(keys_of(member)),
        "top_up": cockpit.top_up_links(),
        "asks": gate_pages.home_asks(member),
    }


def _support(member: Membership) -> dict[str, Any]:
    rows = generations.jobs(member).select_related(*_WITH)
    failed = rows.filter(status=Status.FAILED).order_by("-finished_at")[:SHOWN]
    stuck = rows.filter(needs_look=True)[:SHOWN]
    return {"jobs": cards_for(failed), "waiting": cards_for(stuck)}


def _researcher(member: Membership) -> dict[str, Any]:
    return {"jobs": _recent(member, status=Status.SUCCEEDED)}


def _recent(member: Membership, **only: Any) -> list[JobCard]:
    rows = generations.jobs(member).filter(**only).select_related(*_WITH)
    newest: list[Generation] = list(rows.order_by("-created_at", "-id")[:SHOWN])
    return cards_for(newest)


_PARTS = {
    Role.SELLER: _seller,
    Role.MANAGER: _manager,
    Role.OWNER: _owner,
    Role.SUPPORT: _support,
    Role.RESEARCHER: _researcher,
}
