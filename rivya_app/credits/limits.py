"""What limits say: which ones count for an ask, how much of each is used, which is in the way."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from rivya_app.credits import usage
from rivya_app.credits.models import CreditAccount, Limit
from rivya_app.credits.usage import Scope, Use

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class State:
    """A limit as it stands in its period now. Amounts are credits; `left` may be below zero."""

    limit: Limit
    use: Use

    @property
    def left(self) -> Decimal:
        return self.limit.amount - self.use.used

    @property
    def percent(self) -> int:
        """How much of it is used, in whole percent, cut off; a limit of nothing is used up."""
        if not self.limit.amount:
            return 100
        return int(self.use.used * 100 / self.limit.amount)


def limits_for(
    account: CreditAccount, *, member_id: int, campaign_id: int | None, api_key_id: int | None
) -> list[Limit]:
    """Every limit that counts for an ask of this person, for this campaign, on this key."""
    mine = Q(scope=Scope.WORKSPACE) | Q(member=member_id)
    if campaign_id:
        mine |= Q(campaign=campaign_id)
    if api_key_id:
        mine |= Q(api_key=api_key_id)
    return list(Limit.objects.filter(mine, account=account, ended_at=None))


def states_of(account: CreditAccount, limits: Iterable[Limit]) -> list[State]:
    """How much of each is used now, in their order. One query a period, none without limits."""
    rows = list(limits)
    month = usage.month_of(account.workspace)
    used: dict[str, dict[usage.Subject, Use]] = {}
    for period, name in ((Limit.Period.MONTH, month), (Limit.Period.TOTAL, usage.ALL_TIME)):
        subjects = {(row.scope, row.subject_id) for row in rows if row.period == period}
        used[period] = usage.use_of(account, subjects, name) if subjects else {}
    return [State(row, used[row.period][row.scope, row.subject_id]) for row in rows]


def tightest(states: Iterable[State], amount: Decimal) -> State | None:
    """The hard limit with the least left of those that cannot carry `amount`; None: all can."""
    short = [one for one in states if one.limit.is_hard and amount > one.left]
    return min(short, key=lambda one: one.left, default=None)
