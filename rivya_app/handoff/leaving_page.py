"""What pages show of the ways out: of one package, and of the other systems. Reads only."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.handoff import destinations, gate, links, outgoing
from rivya_app.handoff.leaving_forms import LinkForm
from rivya_app.handoff.leaving_words import trouble_words
from rivya_app.handoff.models import Package, ShareLink
from rivya_app.handoff.outgoing_models import DeliveryTry, Destination, OutgoingEvent
from rivya_app.handoff.zipping import Zip
from rivya_app.workspaces.models import Membership, Role

LINKS_SHOWN = 100
EVENTS_A_PAGE = 20
_TONES = {"waiting": "processing", "delivered": "succeeded", "given_up": "failed"}


@dataclass(frozen=True, slots=True)
class LinkLine:
    """One link of a package, whether it opens it now, and whether a signed event carried it."""

    row: ShareLink
    is_working: bool
    is_for_a_system: bool


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event with its tries, newest last, in words."""

    row: OutgoingEvent
    tone: str
    tries: list["TryLine"]

    @property
    def last(self) -> "TryLine | None":
        return self.tries[-1] if self.tries else None


@dataclass(frozen=True, slots=True)
class TryLine:
    """One try and why it failed; no words where it did not."""

    row: DeliveryTry
    words: Any


@dataclass(frozen=True, slots=True)
class Way:
    """A destination as a package's page offers it, with the last sending of this package there."""

    row: Destination
    newest: EventLine | None

    @property
    def is_open(self) -> bool:
        return self.row.state == Destination.State.ACTIVE and not (
            self.newest and self.newest.row.state == OutgoingEvent.State.WAITING
        )


def leaving_of(member: Membership, package: Package) -> dict[str, Any]:
    """Everything `handoff/_leaving.html` asks for, under one name: `leaving`."""
    may_leave = gate.may_leave(package)
    return {
        "leaving": {
            "package": package,
            "may_leave": may_leave,
            "size": Zip(package).length if may_leave else None,
            "may_share": member.has_role(*links.MAY_SHARE),
            "is_owner": member.has_role(Role.OWNER),
            "links": _link_lines(package),
            "link_form": LinkForm(auto_id="link_%s"),
            "ways": _ways(member, package),
        }
    }


def destinations_of(member: Membership) -> dict[str, Any]:
    """The owner's list of other systems."""
    counts = outgoing.counts_of(member)
    rows = destinations.destinations(member).select_related("created_by__user")
    return {
        "destinations": [(row, tone_of(row), counts[row.pk]) for row in rows],
        "is_full": len(counts) >= destinations.MOST,
        "most": destinations.MOST,
    }


def destination_of(member: Membership, public_id: UUID, page: str | None) -> dict[str, Any]:
    """One of them with its deliveries, newest first."""
    row = destinations.destination(member, public_id)
    events = row.events.select_related("package", "sent_by__user").defer("body")
    found = Paginator(events.prefetch_related("tries"), EVENTS_A_PAGE).get_page(page)
    return {
        "destination": row,
        "tone": tone_of(row),
        "is_both_signing": row.former_until is not None and row.former_until > clock.now(),
        "events": [_event_line(event) for event in found],
        "page": found,
        "most_tries": len(outgoing.PAUSES),
        "is_private_allowed": settings.HANDOFF_ALLOW_PRIVATE_DESTINATIONS,
    }


def tone_of(row: Destination) -> str:
    """How its state is coloured."""
    if row.state == Destination.State.PAUSED:
        return "low_credits"
    return "warning" if row.failure_count else "succeeded"


def url_of(package: Package) -> str:
    """The page of a package, at its ways out."""
    return reverse("handoff:show-package", args=[package.public_id]) + "#leaving"


def _link_lines(package: Package) -> list[LinkLine]:
    """Those that work first, and among them those for people."""
    rows = package.links.select_related("made_by__user").annotate(event_count=Count("events"))
    now = clock.now()
    lines = [
        LinkLine(row, row.revoked_at is None and row.expires_at > now, row.event_count > 0)
        for row in rows[:LINKS_SHOWN]
    ]
    return sorted(lines, key=lambda line: (not line.is_working, line.is_for_a_system))


def _ways(member: Membership, package: Package) -> list[Way]:
    newest = outgoing.newest_of(package)
    rows = destinations.destinations(member)
    return [Way(row, _event_line(newest[row.pk]) if row.pk in newest else None) for row in rows]


def _event_line(event: OutgoingEvent) -> EventLine:
    tries = [
        TryLine(row, trouble_words(row.trouble) if row.trouble else "")
        for row in sorted(event.tries.all(), key=lambda each: each.pk)
    ]
    return EventLine(event, _TONES[event.state], tries)
