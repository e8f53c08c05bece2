"""The one message about too little budget: the campaign, the need, who can raise it, and where."""

from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from rivya_app.core.buttons import Action
from rivya_app.credits import budgets
from rivya_app.workspaces.access import members_with
from rivya_app.workspaces.campaigns import MAY_CHANGE
from rivya_app.workspaces.models import Campaign, Membership


@dataclass(frozen=True, slots=True)
class OverBudget:
    """Amounts are credits. `left` is below zero where more was taken than the budget had; both it
    and `budget` are None once there is no limit any more."""

    campaign: Campaign
    budget: Decimal | None
    left: Decimal | None
    need: Decimal
    raisers: list[str]
    change_url: str  # "" for those who may not raise it
    again: Action | None

    @property
    def is_enough(self) -> bool:
        return self.left is None or self.left >= self.need

    @property
    def over(self) -> Decimal:
        """How far the campaign is beyond its budget, from Rivya's last word on what jobs cost."""
        return max(Decimal(0), -(self.left or Decimal(0)))


def over_budget(
    reader: Membership, campaign: Campaign, *, need: Decimal, again: Action | None
) -> OverBudget:
    """The message as this reader should see it. `again` starts what was refused."""
    may_raise = reader.has_role(*MAY_CHANGE)
    return OverBudget(
        campaign=campaign,
        budget=campaign.budget,
        left=budgets.left_of(campaign),
        need=need,
        raisers=[str(one) for one in members_with(reader.workspace, *MAY_CHANGE)],
        change_url=reverse("campaigns:change", args=[campaign.public_id]) if may_raise else "",
        again=again,
    )
