"""The demo's limits, set by its owner at the end of the story: one that warns, one that refuses."""

from collections.abc import Mapping
from decimal import Decimal

from rivya_app.credits import limit_access, limit_actions, limits, usage
from rivya_app.credits.limit_actions import WantedLimit
from rivya_app.workspaces.models import Membership

USUAL = (50, 80, 100)
USED_SHARE = Decimal("0.62")  # of the month's limit, so that its first threshold is passed
LEAST, STEP = 200, 50  # credits
SELLERS = Decimal(400)  # far enough to try things out


def set_all(people: Mapping[str, Membership]) -> None:
    """Once: what the workspace uses in a month warns, what the seller uses is refused beyond."""
    owner = people["owner"]
    if limit_access.limits(owner).exists():
        return
    for wanted in (
        WantedLimit("month", _for_the_month(owner), is_hard=False, thresholds=USUAL),
        WantedLimit("month", SELLERS, is_hard=True, thresholds=USUAL, member=people["seller"]),
    ):
        limit_actions.make_limit(member=owner, wanted=wanted)


def _for_the_month(owner: Membership) -> Decimal:
    account = limits.account_of(owner)
    if account is None:
        return Decimal(LEAST)
    subject = (usage.Scope.WORKSPACE.value, account.pk)
    used = usage.use_of(account, [subject], usage.month_of(account.workspace))[subject].used
    return Decimal(max(LEAST, int(used / USED_SHARE) // STEP * STEP))
