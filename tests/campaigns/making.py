"""A campaign as a manager makes it, by the real act and by the form."""

from decimal import Decimal
from typing import Any

from rivya_app.reviews import checklist
from rivya_app.workspaces import campaigns
from rivya_app.workspaces.campaigns import WantedCampaign
from rivya_app.workspaces.models import Campaign, Membership


def wanted_campaign(**fields: Any) -> WantedCampaign:
    """A campaign without limits; `fields` change parts of it."""
    if isinstance(fields.get("budget"), int):
        fields["budget"] = Decimal(fields["budget"])
    return WantedCampaign(**{"name": "Festive table", **fields})


def made(member: Membership, **fields: Any) -> Campaign:
    return campaigns.make_campaign(member=member, wanted=wanted_campaign(**fields))


def changed(member: Membership, campaign: Campaign, **fields: Any) -> Campaign:
    """The same campaign with other words; what is not named goes back to the usual."""
    return campaigns.change_campaign(
        member=member, public_id=campaign.public_id, wanted=wanted_campaign(**fields)
    )


def typed_campaign(**fields: Any) -> dict[str, Any]:
    """As a browser would post it, with the usual checklist."""
    values: dict[str, Any] = {"name": "Festive table", "budget": "100"}
    for number, item in enumerate(checklist.USUAL):
        values[f"item-{number}-code"] = item.code
        if item.is_required:
            values[f"item-{number}-required"] = "on"
    return {**values, **fields}
