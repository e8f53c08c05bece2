"""The one message about a limit or a budget that leaves too little: whose it is, how much is left,
the need, who can raise it, and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from rivya_app.core.buttons import Action
from rivya_app.credits import limit_access, limit_words
from rivya_app.credits.limits import Bound
from rivya_app.credits.models import Limit
from rivya_app.workspaces.access import members_with, owners_of
from rivya_app.workspaces.campaigns import MAY_CHANGE
from rivya_app.workspaces.models import Campaign, Membership, Workspace


@dataclass(frozen=True, slots=True)
class OverBudget:
    """Amounts are credits. `left` is below zero where more was taken than there was; it, `amount`
    and `whose` are empty once nothing is in the way any more.

    `starts_itself`: nobody needs to press anything; `risen_to` is the price now, where it is higher
    than the need that was said.
    """

    need: Decimal
    whose: str = ""  # within a sentence: "the monthly limit of Asha"
    is_budget: bool = False
    amount: Decimal | None = None
    left: Decimal | None = None
    raisers: tuple[str, ...] = ()
    change: Action | None = None  # for those who may raise it
    campaign: Campaign | None = None
    again: Action | None = None
    starts_itself: bool = False
    risen_to: Decimal | None = None

    @property
    def is_enough(self) -> bool:
        return self.left is None or self.left >= self.need

    @property
    def title(self) -> str:
        return capfirst(self.whose)

    @property
    def over(self) -> Decimal:
        """How far it is exceeded, from Rivya's last word on what jobs cost or a lower limit."""
        return max(Decimal(0), -(self.left or Decimal(0)))


def over_budget(
    reader: Membership,
    bound: Bound | None,
    *,
    need: Decimal,
    campaign: Campaign | None = None,
    again: Action | None = None,
    starts_itself: bool = False,
    risen_to: Decimal | None = None,
) -> OverBudget:
    """The message as this reader should see it. `bound` is what is in the way; `again` starts what
    was refused."""
    if bound is None:
        return OverBudget(
            need=need,
            campaign=campaign,
            again=again,
            starts_itself=starts_itself,
            risen_to=risen_to,
        )
    people = raisers_of(reader.workspace, bound)
    return OverBudget(
        need=need,
        whose=limit_words.whose(bound, reader),
        is_budget=bound.limit_id is None,
        amount=bound.amount,
        left=bound.left,
        raisers=tuple(str(one) for one in people),
        change=_change(reader, bound),
        campaign=campaign,
        again=again,
        starts_itself=starts_itself,
        risen_to=risen_to,
    )


def raisers_of(workspace: Workspace, bound: Bound) -> Sequence[Membership]:
    """Who can raise it: of a campaign's budget managers and owners, of a limit the owners."""
    if bound.limit_id is None:
        return members_with(workspace, *MAY_CHANGE)
    return owners_of(workspace)


def _change(reader: Membership, bound: Bound) -> Action | None:
    if bound.limit_id is None and reader.has_role(*MAY_CHANGE):
        campaign = Campaign.objects.get(pk=bound.subject_id)
        url = reverse("campaigns:change", args=[campaign.public_id])
        return Action(_("Change the budget"), f"{url}#id_budget")
    if bound.limit_id is not None and reader.has_role(*limit_access.MAY_CHANGE):
        limit = Limit.objects.get(pk=bound.limit_id)
        return Action(
            _("Change the limit"), reverse("credits:change-limit", args=[limit.public_id])
        )
    return None
