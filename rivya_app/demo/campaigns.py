"""The demo's campaigns, made by the manager some days before their first brief."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from rivya_app.briefs.models import Brief
from rivya_app.core import clock
from rivya_app.reviews.checklist import USUAL, Item
from rivya_app.workspaces.campaigns import WantedCampaign, make_campaign
from rivya_app.workspaces.models import Campaign, Membership, Role

MADE_DAYS_AGO = 27
DIWALI, MONSOON, KITCHEN = "Diwali gifting", "Monsoon home", "Everyday kitchen"
_Channel = Brief.Channel
_FILM = "kling-2-6"


@dataclass(frozen=True, slots=True)
class Theme:
    """A campaign: `starts` and `ends` in days from the day the demo opens, people by role."""

    name: str
    starts: int
    ends: int
    channels: tuple[str, ...]
    brand_notes: str
    budget: int | None = None  # credits
    checklist: tuple[Item, ...] = ()
    deciders: tuple[str, ...] = ()
    submitters: tuple[str, ...] = ()
    still_model_id: str = "z-image"
    video_model_id: str = _FILM
    video_formats: dict[str, dict[str, str]] = field(default_factory=dict)


THEMES = (
    Theme(
        DIWALI,
        -21,
        12,
        (_Channel.SOCIAL, _Channel.STORY, _Channel.MARKETPLACE),
        "Warm light, brass, marigold and deep red. Lamps are lit, nothing burns near cloth.\n"
        "No gods, no religious marks, no prices in the picture.",
        budget=400,
        deciders=(Role.MANAGER,),
        video_formats={
            _Channel.STORY: {"duration": "5", "ratio": "9:16"},
            _Channel.SOCIAL: {"duration": "5", "ratio": "1:1"},
        },
    ),
    Theme(
        MONSOON,
        -20,
        30,
        (_Channel.SHOP, _Channel.MARKETPLACE),
        "Green, grey and terracotta. Rain behind glass is welcome, wet products are not.",
        budget=150,
        still_model_id="nano-banana-2",
        video_model_id="runway",
        video_formats={_Channel.SHOP: {"duration": "5", "ratio": "16:9"}},
    ),
    Theme(
        KITCHEN,
        -26,
        4,
        (_Channel.MARKETPLACE, _Channel.SOCIAL),
        "Daylight from the left, oak and linen, one product at a time.\n"
        "Food is real food. Hands are welcome, faces are not.",
        budget=120,  # too little is left of it for one more film
        checklist=(*USUAL, Item("own-f00d5afe", "Only what may touch food touches food")),
        deciders=(Role.MANAGER, Role.OWNER),
        submitters=(Role.SELLER, Role.MANAGER),
        video_formats={_Channel.MARKETPLACE: {"duration": "5", "ratio": "1:1"}},
    ),
)


def make_all(people: Mapping[str, Membership]) -> None:
    """Each of them, once."""
    opens = clock.now()
    for theme in THEMES:
        if Campaign.objects.filter(workspace=people["manager"].workspace, name=theme.name).exists():
            continue
        with clock.at(opens - timedelta(days=MADE_DAYS_AGO)):
            make_campaign(member=people["manager"], wanted=_wanted(theme, people, opens.date()))


def _wanted(theme: Theme, people: Mapping[str, Membership], opens: date) -> WantedCampaign:
    as_it_is: dict[str, Any] = {
        name: getattr(theme, name)
        for name in ("name", "brand_notes", "still_model_id", "video_model_id", "video_formats")
    }
    return WantedCampaign(
        starts_on=opens + timedelta(days=theme.starts),
        ends_on=opens + timedelta(days=theme.ends),
        channels=tuple(map(str, theme.channels)),
        checklist=tuple(item.as_data() for item in theme.checklist),
        budget=None if theme.budget is None else Decimal(theme.budget),
        deciders=tuple(people[role] for role in theme.deciders),
        submitters=tuple(people[role] for role in theme.submitters),
        **as_it_is,
    )
