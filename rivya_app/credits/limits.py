"""What bounds spending: the limits that count for somebody, a campaign's own budget, and how much
is used of each. Only reads.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q

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

    def subjects(self, account_id: int) -> list[Subject]:
        return usage.subjects(account_id, self.campaign_id, self.member_id, self.api_key_id)


def percent_of(used: Decimal, amount: Decimal) -> int:
    """Whole percent, cut off; of nothing everything is used."""
    return int(used * 100 / amount) if amount else 100


# A key is counted together with those it replaced: a new secret is no new budget.
# As an array, which is planned quicker than a join.
_LINE = """ARRAY(
    SELECT id FROM gateway_apikey
     WHERE line = (SELECT line FROM gateway_apikey WHERE id = %(key)s))"""
# Three looks in one journey. Each statement sees what was committed before it began.
_BOUNDS = """
SELECT scope, subject_id, period, held, spent FROM credits_usage
 WHERE account_id = {account} AND period IN ('', %(month)s)
   AND (scope = 'workspace'
        OR (scope = 'campaign' AND subject_id = %(campaign)s)
        OR (scope = 'member' AND subject_id = %(member)s)
        OR (scope = 'key' AND subject_id = ANY ({line})));
SELECT id, scope, coalesce(campaign_id, member_id, api_key_id, account_id),
       period, amount, is_hard, thresholds
  FROM credits_limit
 WHERE account_id = {account} AND ended_at IS NULL
   AND (scope = 'workspace' OR campaign_id = %(campaign)s OR member_id = %(member)s
        OR api_key_id = ANY ({line}));
SELECT budget FROM workspaces_campaign WHERE id = %(campaign)s AND budget IS NOT NULL
"""
BY_ACCOUNT = _BOUNDS.format(account="%(account)s", line=_LINE)
# For a hold, which asks in the journey that takes the lock, before it knows the account.
BY_WORKSPACE = _BOUNDS.format(
    account="(SELECT id FROM credits_creditaccount WHERE workspace_id = %(workspace)s)", line=_LINE
)


def asked(payers: Payers, month: str) -> dict[str, Any]:
    """What both are asked with, beside the account or the workspace."""
    return {
        "month": month,
        "member": payers.member_id,
        "campaign": payers.campaign_id,
        "key": payers.api_key_id,
    }


def bounds_for(account: CreditAccount, payers: Payers) -> list[Bound]:
    """Every limit that counts for them, and the campaign's budget. One journey."""
    month = usage.month_of(account.workspace)
    with connection.cursor() as cursor:
        cursor.execute(BY_ACCOUNT, {**asked(payers, month), "account": account.pk})
        return read_bounds(cursor, payers, month)


def read_bounds(cursor: Any, payers: Payers, month: str) -> list[Bound]:
    """From a cursor that stands at the first of the three answers."""
    used: dict[tuple[str, int, str], Use] = {}
    for scope, subject_id, period, held, spent in cursor.fetchall():
        place = (scope, _counted_as(scope, subject_id), period)
        used[place] = used.get(place, Use()) + Use(spent, held)
    cursor.nextset()
    limits = cursor.fetchall()
    cursor.nextset()
    budget = cursor.fetchone()

    def use(scope: str, subject_id: int, period: str) -> Use:
        subject_id = _counted_as(scope, subject_id)
        ever = used.get((scope, subject_id, usage.ALL_TIME), Use())
        spent = used.get((scope, subject_id, period), Use()).spent if period else ever.spent
        return Use(spent, ever.held)

    found = []
    for limit_id, scope, subject_id, period, amount, is_hard, thresholds in limits:
        when = month if period == Limit.Period.MONTH else usage.ALL_TIME
        now = use(scope, subject_id, when)
        args = (limit_id, scope, subject_id, when, amount, is_hard)
        found.append(Bound(*args, tuple(thresholds), now))
    if budget and payers.campaign_id:
        now = use(Scope.CAMPAIGN, payers.campaign_id, usage.ALL_TIME)
        args = (None, Scope.CAMPAIGN.value, payers.campaign_id, usage.ALL_TIME, budget[0], True)
        found.append(Bound(*args, BUDGET_THRESHOLDS, now))
    return found


def _counted_as(scope: str, subject_id: int) -> int:
    """All keys of a line are one subject; _BOUNDS asks for the keys of no other line."""
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
    used: dict[str, dict[Subject, Use]] = {}
    for period, name in ((Limit.Period.MONTH, month), (Limit.Period.TOTAL, usage.ALL_TIME)):
        subjects = {(row.scope, row.subject_id) for row in rows if row.period == period}
        used[period] = usage.use_of(account, subjects, name) if subjects else {}
    return [State(row, used[row.period][row.scope, row.subject_id]) for row in rows]
