"""The demo's campaigns, as its manager made them."""

from datetime import timedelta
from decimal import Decimal

from rivya_app.core import clock
from rivya_app.workspaces.campaigns import WantedCampaign

FIRST_DAY = 28  # days ago: before the first brief
NAMES = DIWALI, MONSOON, KITCHEN = ("Diwali gifting", "Monsoon home", "Everyday kitchen")


def wanted() -> tuple[WantedCampaign, ...]:
    """Each with its dates around the present day."""
    today = clock.now().date()
    return (
        WantedCampaign(
            DIWALI,
            starts_on=today - timedelta(days=30),
            ends_on=today + timedelta(days=12),
            channels=("social", "story"),
            brand_notes="Warm lamp light, marigold and deep red.\nBrass and clay, no plastic.",
            budget=Decimal(120),
            video_model_id="kling-2-6",
            video_formats={"story": {"duration": "5", "ratio": "9:16"}},
        ),
        WantedCampaign(MONSOON, ends_on=today + timedelta(days=3), budget=Decimal(40)),
        WantedCampaign(
            KITCHEN,
            channels=("marketplace", "shop"),
            brand_notes="Morning light, clean tables, hands at work.",
        ),
    )
