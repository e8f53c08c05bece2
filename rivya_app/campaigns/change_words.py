"""What changed in a campaign, in words: its trace as lines. Reads only."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from django.utils.translation import gettext as _

from rivya_app.briefs.models import Brief
from rivya_app.core.text import credit_words, reader_locale
from rivya_app.gateway import catalogue
from rivya_app.reviews import checklist
from rivya_app.workspaces.models import Campaign, CampaignChange

SHOWN = 50


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One act on a campaign, with the fields it changed: label, before, after."""

    at: datetime
    by: str
    words: str
    fields: list[tuple[str, str, str]]


def lines_of(campaign: Campaign) -> list[ChangeLine]:
    """The newest acts first."""
    rows = campaign.changes.select_related("member__user")[:SHOWN]
    return [_line(row) for row in rows]


def _line(row: CampaignChange) -> ChangeLine:
    words = {
        CampaignChange.Kind.MADE: _("made the campaign"),
        CampaignChange.Kind.CHANGED: _("changed it"),
        CampaignChange.Kind.ARCHIVED: _("archived it"),
        CampaignChange.Kind.UNARCHIVED: _("took it out of the archive"),
    }
    labels = _labels()
    fields = [
        (labels.get(name, name), _shown(name, before), _shown(name, after))
        for name, (before, after) in row.facts.items()
    ]
    kind = CampaignChange.Kind(row.kind)
    return ChangeLine(row.created_at, str(row.member), words[kind], fields)


def _labels() -> dict[str, str]:
    return {
        "name": _("Name"),
        "starts_on": _("Starts"),
        "ends_on": _("Ends"),
        "channels": _("Where its pictures are shown"),
        "brand_notes": _("Brand notes"),
        "checklist": _("Checklist"),
        "budget": _("Budget"),
        "submitters": _("Who may submit briefs"),
        "deciders": _("Who decides on drafts"),
        "makers_may_approve": _("People may approve what they made themselves"),
        "still_model_id": _("Model for pictures"),
        "video_model_id": _("Model for videos"),
        "video_formats": _("Video length and shape"),
    }


def _shown(name: str, value: Any) -> str:
    """A kept fact in the reader's language."""
    if name == "budget":
        return _("no limit") if value is None else credit_words(Decimal(value))
    if name in ("starts_on", "ends_on"):
        return day_words(date.fromisoformat(value)) if value else _("open")
    if name in ("submitters", "deciders"):
        return ", ".join(value) or _("everybody whose role allows it")
    if name == "makers_may_approve":
        return _("yes") if value else _("no")
    if name in ("still_model_id", "video_model_id"):
        return catalogue.name_of(value) if value else _("as the workflow says")
    make = _LISTS.get(name)
    return make(value) if make else str(value or _("nothing"))


def _channels(value: list[str]) -> str:
    return ", ".join(channel_words(value)) or _("nothing")


def _checklist(value: list[dict[str, Any]]) -> str:
    items = [checklist.Item(one["code"], one["text"], one["is_required"]) for one in value]
    return "; ".join(map(checklist.words_of, items)) or _("the usual")


def _formats(value: dict[str, dict[str, str]]) -> str:
    words = dict(Brief.Channel.choices)
    rows = (
        f"{words.get(channel, channel)}: {' '.join(parts.values())}"
        for channel, parts in value.items()
    )
    return "; ".join(rows) or _("nothing")


_LISTS: dict[str, Callable[[Any], str]] = {
    "channels": _channels,
    "checklist": _checklist,
    "video_formats": _formats,
}


def channel_words(channels: Iterable[str]) -> list[str]:
    """The names of these channels, in the reader's language."""
    words = dict(Brief.Channel.choices)
    return [str(words.get(channel, channel)) for channel in channels]


def day_words(day: date) -> str:
    """22 Nov 2026, in the reader's language."""
    return format_date(day, "d MMM y", locale=reader_locale())
