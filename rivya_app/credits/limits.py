"""What bounds spending: the limits that count for somebody, a campaign's own budget, and how much
is used of each. Only reads.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import connection

from rivya_app.credits import usage
from rivya_app.credits.models import CreditAccount, Limit
from rivya_app.credits.usage import Scope, Subject, Use
from rivya_app.gateway.models import ApiKey
from rivya_app.workspaces.models import Campaign, Membership

ZERO = Decimal(0)
BUDGET_THRESHOLDS = (80, 100)  # percent, of every campaign's budget


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
        return percent_of(self.use.used, self.limit.amount)


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit, or (without `limit_id`) the budget of a campaign's own form, as it stands now.

    `period` is the month counted in ("2026-11"), "" for all time. `left` may be below zero.
    """

    limit_id: int | None
    scope: str
    subject_id: int
    period: str
    amount: Decimal
    is_hard: bool
    thresholds: tuple[int, ...]
    use: Use

    @property
    def left(self) -> Decimal:
        return self.amount - self.use.used

    @property
    def percent(self) -> int:
        return percent_of(self.use.used, self.amount)

    def after(self, held: Decimal) -> "Bound":
        """As it stands once so many more credits are held."""
        return replace(self, use=Use(self.use.spent, self.use.held + held))


@dataclass(frozen=True, slots=True)
class Payers:
    """Whose limits count, by their keys."""

    member_id: int | None = None
    campaign_id: int | None = None
    api_key_id: int | None = None


def percent_of(used: Decimal, amount: Decimal) -> int:
    """Whole percent, cut off; of nothing everything is used."""
    return int(used * 100 / amount) if amount else 100


# Its plans are kept in the database (migration 0011), which is what makes a hold quick. Behind the
# account's lock it sees everything that was committed before the lock was had.
LOOK = """
SELECT credits_bounds(%(workspace)s, %(member)s, %(campaign)s, %(key)s, %(month)s, %(reference)s)
"""


def asked(
    workspace_id: int, payers: Payers, month: str, reference: str | None = None
) -> dict[str, Any]:
    """What LOOK is asked with; of a reference it also says whether credits were held for it."""
    return {
        "workspace": workspace_id,
        "reference": reference,
        "month": month,
        "member": payers.member_id,
        "campaign": payers.campaign_id,
        "key": payers.api_key_id,
    }


def bounds_for(account: CreditAccount, payers: Payers) -> list[Bound]:
    """Every limit that counts for them, and the campaign's budget. One journey."""
    month = usage.month_of(account.workspace)
    with connection.cursor() as cursor:
        cursor.execute(LOOK, asked(account.workspace_id, payers, month))
        return bounds_of(answer(cursor), payers, month)


def answer(cursor: Any) -> dict[str, Any]:
    """What a cursor that stands at the answer to LOOK was told; amounts are Decimals."""
    found: dict[str, Any] = json.loads(cursor.fetchone()[0], parse_float=Decimal)
    return found


def bounds_of(found: dict[str, Any], payers: Payers, month: str) -> list[Bound]:
    """The bounds in an answer."""
    use = _Uses(found["usage"] or ())
    bounds = []
    for limit_id, scope, subject_id, period, amount, is_hard, thresholds in found["limits"] or ():
        when = month if period == Limit.Period.MONTH else usage.ALL_TIME
        args = (limit_id, scope, subject_id, when, Decimal(amount), is_hard, tuple(thresholds))
        bounds.append(Bound(*args, use.of(scope, subject_id, when)))
    if found["budget"] is not None and payers.campaign_id:
        now = use.of(Scope.CAMPAIGN, payers.campaign_id, usage.ALL_TIME)
        bounds.append(_budget(payers.campaign_id, Decimal(found["budget"]), now))
    return bounds


def _budget(campaign_id: int, amount: Decimal, now: Use) -> Bound:
    return Bound(
        limit_id=None,
        scope=Scope.CAMPAIGN.value,
        subject_id=campaign_id,
        period=usage.ALL_TIME,
        amount=amount,
        is_hard=True,
        thresholds=BUDGET_THRESHOLDS,
        use=now,
    )


class _Uses:
    """What was used, by subject and period, as LOOK tells it."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._rows: dict[tuple[str, int, str], Use] = {}
        for scope, subject_id, period, held, spent in rows:
            place = (scope, _counted_as(scope, subject_id), period)
            more = Use(Decimal(spent), Decimal(held))
            self._rows[place] = self._rows[place] + more if place in self._rows else more

    def of(self, scope: str, subject_id: int, period: str) -> Use:
        """Spent in the period and held now, whenever it was held."""
        subject_id = _counted_as(scope, subject_id)
        ever = self._rows.get((scope, subject_id, usage.ALL_TIME), Use())
        if not period:
            return ever
        return Use(self._rows.get((scope, subject_id, period), Use()).spent, ever.held)


def _counted_as(scope: str, subject_id: int) -> int:
    """All keys of a line are one subject; LOOK tells of the keys of no other line."""
    return 0 if scope == Scope.KEY else subject_id


def tightest(bounds: Iterable[Bound], amount: Decimal) -> Bound | None:
    """The hard one with the least left of those that cannot carry `amount`; None: all can."""
    short = [one for one in bounds if one.is_hard and amount > one.left]
    return min(short, key=lambda one: one.left, default=None)


def room_for(
    member: Membership, campaign: Campaign | None = None, api_key: ApiKey | None = None
) -> Bound | None:
    """The hard bound with the least left for what this person would ask: a limit, or the
    campaign's budget. None: only the balance counts."""
    return min(_hard(member, campaign, api_key), key=lambda one: one.left, default=None)


def hard_limits_for(
    member: Membership, campaign: Campaign | None, api_key: ApiKey | None
) -> list[Bound]:
    """The same without the campaign's budget, all of them, the one with the least left first."""
    found = [one for one in _hard(member, campaign, api_key) if one.limit_id is not None]
    return sorted(found, key=lambda one: one.left)


def _hard(member: Membership, campaign: Campaign | None, api_key: ApiKey | None) -> list[Bound]:
    account = account_of(member)
    if account is None:
        return []
    payers = Payers(member.pk, campaign.pk if campaign else None, api_key.pk if api_key else None)
    return [one for one in bounds_for(account, payers) if one.is_hard]


def account_of(member: Membership) -> CreditAccount | None:
    """The account of the member's workspace; None until anything was read or held."""
    rows = CreditAccount.objects.filter(workspace=member.workspace_id)
    return rows.select_related("workspace").first()


def states_of(account: CreditAccount, limits: Iterable[Limit]) -> list[State]:
    """How much of each is used now, in their order. One query a period, none without limits."""
    rows = list(limits)
    month = usage.month_of(account.workspace)
    used: dict[str, dict[Subject, Use]] = {}
    for period, name in ((Limit.Period.MONTH, month), (Limit.Period.TOTAL, usage.ALL_TIME)):
        subjects = {(row.scope, row.subject_id) for row in rows if row.period == period}
        used[period] = usage.use_of(account, subjects, name) if subjects else {}
    return [State(row, used[row.period][row.scope, row.subject_id]) for row in rows]
