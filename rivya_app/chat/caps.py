"""What a member wants to spend on the assistant in a month at most. Alone writes OwnCap.

It bounds nobody but the one who set it; the owner's limits are in `credits` and count as well.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from rivya_app.chat.models import OwnCap, Turn
from rivya_app.core import clock
from rivya_app.credits import usage
from rivya_app.credits.own_share import Room
from rivya_app.workspaces.models import Membership

ZERO = Decimal(0)


class OverOwnCap(Exception):
    """The member's own cap cannot carry this. Amounts are credits."""

    def __init__(self, *, needed: Decimal, used: Decimal, amount: Decimal) -> None:
        super().__init__(f"{needed} credits needed, {amount - used} left of the cap")
        self.needed = needed
        self.used = used
        self.amount = amount

    @property
    def left(self) -> Decimal:
        return self.amount - self.used


@dataclass(frozen=True, slots=True)
class Use:
    """This month: what was spent and is held; `amount` is the cap, None where none is set."""

    used: Decimal
    amount: Decimal | None

    @property
    def left(self) -> Decimal:
        """Below zero where more was used than the cap, which is 0 where none is set."""
        return (self.amount or ZERO) - self.used

    @property
    def over(self) -> Decimal:
        return -self.left


def use_of(member: Membership) -> Use:
    """The month of the workspace, in two small queries."""
    cap = OwnCap.objects.filter(member=member).first()
    return Use(_used(member), cap.amount if cap else None)


def rooms_of(member: Membership) -> list[Room]:
    """For the page of the member's own share; none where no cap is set."""
    cap = OwnCap.objects.filter(member=member).first()
    if cap is None:
        return []
    name, month = _("Your own cap for the assistant"), _("Each month")
    return [Room(name, month, cap.amount, _used(member))]


def check(turn: Turn) -> None:
    """Raises OverOwnCap. Behind the account's lock, after the turn's own hold, so that two turns
    asked at once cannot both take the last of it."""
    cap = OwnCap.objects.filter(member=turn.member).first()
    if cap is None:
        return
    used = _used(turn.member, but=turn)
    if used + turn.estimated_credits > cap.amount:
        raise OverOwnCap(needed=turn.estimated_credits, used=used, amount=cap.amount)


@transaction.atomic(durable=True)
def set_cap(*, member: Membership, amount: Decimal | None) -> None:
    """From now on; None takes it away."""
    if amount is None:
        OwnCap.objects.filter(member=member).delete()
        return
    OwnCap.objects.update_or_create(
        member=member, defaults={"amount": amount, "changed_at": clock.now()}
    )


def _used(member: Membership, but: Turn | None = None) -> Decimal:
    """`but`: a turn that does not count yet."""
    since = usage.month_start(member.workspace)
    mine = Turn.objects.filter(member=member, created_at__gte=since).exclude(status="waiting")
    if but is not None:
        mine = mine.exclude(pk=but.pk)
    cost = Coalesce("final_credits", F("estimated_credits"))
    return mine.aggregate(sum=Sum(cost))["sum"] or ZERO
