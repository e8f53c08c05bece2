"""The one message about too few credits: the balance, the need, who can top up, and where."""

from dataclasses import dataclass
from decimal import Decimal

from rivya_app.core.buttons import Action
from rivya_app.gateway.rivya_pages import PRICING, TOP_UP, rivya_page
from rivya_app.workspaces.access import owners_of
from rivya_app.workspaces.models import Membership, Role


@dataclass(frozen=True, slots=True)
class LowCredits:
    """Amounts are credits. `refused_by` is "us" (before any call) or "rivya" (after one).

    `again` starts what was refused; where it cannot be pressed here, `elsewhere` leads to it.
    `starts_itself`: nobody needs to press anything; `risen_to` is the price now, where it is higher
    than the need that was said.
    """

    need: Decimal
    balance: Decimal
    owners: list[str]
    is_owner: bool
    top_up_url: str
    pricing_url: str
    refused_by: str
    again: Action | None = None
    elsewhere: Action | None = None
    starts_itself: bool = False
    risen_to: Decimal | None = None

    @property
    def is_enough(self) -> bool:
        return self.balance >= self.need


def low_credits(
    reader: Membership,
    *,
    need: Decimal,
    balance: Decimal,
    refused_by: str,
    again: Action | None = None,
    elsewhere: Action | None = None,
    starts_itself: bool = False,
    risen_to: Decimal | None = None,
) -> LowCredits:
    """The message as this reader should see it."""
    return LowCredits(
        need=need,
        balance=balance,
        owners=[str(owner) for owner in owners_of(reader.workspace)],
        is_owner=reader.has_role(Role.OWNER),
        top_up_url=rivya_page(TOP_UP),
        pricing_url=rivya_page(PRICING),
        refused_by=refused_by,
        again=again,
        elsewhere=elsewhere,
        starts_itself=starts_itself,
        risen_to=risen_to,
    )
