"""How a page with open jobs learns that something changed, in one request for all of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from rivya_app.generations.cards import JobCard


@dataclass(frozen=True, slots=True)
class Live:
    """Where to ask, and what the page shows now. The version is opaque to the page."""

    url: str
    version: str


def live_for(cards: Iterable[JobCard], url: str, *, also: str = "") -> Live | None:
    """None where nothing on the page can change by itself, so that it stops asking."""
    shown = list(cards)
    if not any(card.is_moving for card in shown):
        return None
    return Live(url, version_of(shown, also=also))


def version_of(cards: Iterable[JobCard], *, also: str = "") -> str:
    """Changes whenever a card does; lateness and a pause count, which come without a write."""
    shown = list(cards)
    newest = max((card.changed_at for card in shown), default=None)
    late = sum(card.is_late for card in shown)
    if any(card.is_paused for card in shown):
        also = f"{also}-paused"
    moment = f"{newest.timestamp():.6f}" if newest else "0"
    return f"{len(shown)}-{moment}-{late}{also}"
