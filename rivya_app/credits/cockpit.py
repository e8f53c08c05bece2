"""What the owner sees first: is there room to keep working? A constant number of queries, none of
them over the whole ledger."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from rivya_app.core import clock
from rivya_app.core.buttons import Action
from rivya_app.credits import (
    access,
    differences,
    expiries,
    holds,
    limit_words,
    limits,
    pace,
    since,
    usage,
    wallet,
)
from rivya_app.credits.limits import State
from rivya_app.credits.models import CreditAccount, Limit
from rivya_app.credits.pace import Pace
from rivya_app.credits.wallet import Standing, standing_of
from rivya_app.gateway.rivya_pages import PRICING, TOP_UP, rivya_page
from rivya_app.workspaces.models import Membership, Role, Workspace

MOST_LIMITS = 4  # shown; the rest are on their own page
MOST_HELD = 8000  # newest holds looked through for what runs now


@dataclass(frozen=True, slots=True)
class Room:
    """What can still be spent, and how long it lasts."""

    standing: Standing
    pace: Pace

    @property
    def days_left(self) -> int | None:
        return self.pace.days_left(self.standing.available)

    @property
    def is_long(self) -> bool:
        """Whether it lasts beyond what a number of days would honestly say."""
        return self.days_left is not None and self.days_left > pace.A_LONG_TIME


@dataclass(frozen=True, slots=True)
class Nearest:
    """A limit and what comes next in it: a threshold in percent, or None behind the last one."""

    name: str
    state: State
    threshold: int | None

    @property
    def is_over(self) -> bool:
        return self.state.left < 0

    @property
    def width(self) -> int:
        """Percent of its bar."""
        return min(100, self.state.percent)

    @property
    def until_next(self) -> Decimal:
        """Credits until the threshold, else until the limit itself."""
        share = Decimal(self.threshold if self.threshold is not None else 100) / 100
        return self.state.limit.amount * share - self.state.use.used


def room_of(workspace: Workspace) -> Room:
    """The short answer, in four queries."""
    return _room(wallet.account_of(workspace))


def _room(account: CreditAccount) -> Room:
    return Room(standing_of(account), pace.pace_of(account))


def cockpit_page(member: Membership) -> dict[str, Any]:
    """Everything the page shows."""
    account = wallet.account_of(member.workspace)
    room = _room(account)
    rows = access.expiries(member)
    return {
        "room": room,
        "standing": room.standing,
        **_running(account),
        "low_in": account.available - account.low_mark,
        "last_month": _last_month_until_now(account),
        "limits": nearest_limits(account),
        "expiries": expiries.outlooks(account, rows, room.pace),
        "change": since.since_yesterday(account),
        "unknown": differences.unknown_sum(account),
        "unknown_mark": account.unknown_mark,
        "may_act": member.has_role(Role.OWNER),
        "top_up": top_up_links(),
    }


def _running(account: CreditAccount) -> dict[str, Any]:
    """Holds, and of those that Rivya took up and those that wait: how many, of how many credits."""
    found = holds.open_holds(account, most=MOST_HELD)
    taken = [one.amount for one in found if one.is_at_rivya]
    waiting = [one.amount for one in found if not one.is_at_rivya]
    return {
        "running": found,
        "at_rivya": (len(taken), sum(taken, Decimal(0))),
        "waiting": (len(waiting), sum(waiting, Decimal(0))),
    }


def top_up_links() -> list[Action]:
    """Where credits are added: at Rivya."""
    return [
        Action(_("Top up at Rivya"), rivya_page(TOP_UP), primary=True),
        Action(_("Plans and prices"), rivya_page(PRICING)),
    ]


def _last_month_until_now(account: CreditAccount) -> Decimal:
    """What was spent last month until the same day and time, or all of it where it was shorter."""
    this = usage.month_start(account.workspace)
    last = usage.month_start(account.workspace, this - timedelta(days=1))
    return pace.spent_between(account, last, _same_point(account.workspace, last, this))


def _same_point(workspace: Workspace, last: datetime, this: datetime) -> datetime:
    local = clock.now().astimezone(usage.zone_of(workspace))
    if local.day > monthrange(last.year, last.month)[1]:
        return this
    return local.replace(year=last.year, month=last.month)


def nearest_limits(account: CreditAccount) -> list[Nearest]:
    """The limits that are used up most, the nearest first."""
    rows = Limit.objects.filter(account=account, ended_at=None)
    named = rows.select_related("campaign", "member__user", "api_key").defer("api_key__secret")
    states = limits.states_of(account, named)
    states.sort(key=lambda state: -state.percent)
    return [
        Nearest(limit_words.title(one.limit), one, _next_of(one)) for one in states[:MOST_LIMITS]
    ]


def _next_of(state: State) -> int | None:
    return next((one for one in sorted(state.limit.thresholds) if one > state.percent), None)
