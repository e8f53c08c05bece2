"""What owners do with limits. Each act is one durable transaction under the account's lock, so that
no hold is judged by half of it.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from rivya_app.core import clock
from rivya_app.credits import ledger, limit_access, limits, thresholds
from rivya_app.credits.limits import Bound, Payers
from rivya_app.credits.models import CreditAccount, Limit
from rivya_app.gateway.models import ApiKey
from rivya_app.workspaces import audit
from rivya_app.workspaces.models import Campaign, Membership

MADE, CHANGED, ENDED = "limit.made", "limit.changed", "limit.ended"


class LimitTaken(Exception):
    """There is such a limit already: the same for whom, for how long and how strict."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(str(limit))
        self.limit = limit


@dataclass(frozen=True, slots=True)
class WantedLimit:
    """A limit as typed and checked by the form. Whose it is, is the one that is named of the three;
    none: the whole workspace. `amount` is credits, `thresholds` percent, rising."""

    period: str
    amount: Decimal
    is_hard: bool
    thresholds: tuple[int, ...]
    campaign: Campaign | None = None
    member: Membership | None = None
    api_key: ApiKey | None = None

    @property
    def scope(self) -> str:
        if self.campaign:
            return Limit.Scope.CAMPAIGN
        if self.member:
            return Limit.Scope.MEMBER
        return Limit.Scope.KEY if self.api_key else Limit.Scope.WORKSPACE

    def of(self, account: CreditAccount) -> Limit:
        """As a row that is not written."""
        return Limit(
            account=account,
            scope=self.scope,
            campaign=self.campaign,
            member=self.member,
            api_key=self.api_key,
            period=self.period,
            amount=self.amount,
        )


@transaction.atomic(durable=True)
def make_limit(*, member: Membership, wanted: WantedLimit) -> Limit:
    """A new limit; where it is past a threshold already, that is told at once.

    Raises PermissionDenied, LimitTaken.
    """
    _require_owner(member)
    named = (wanted.campaign, wanted.member, wanted.api_key)
    if any(one and one.workspace_id != member.workspace_id for one in named):
        raise PermissionDenied
    account = ledger.lock_account(member.workspace)
    limit = wanted.of(account)
    limit.created_by = member
    _write(limit, wanted)
    audit.note(member.workspace, MADE, member=member, subject=limit.name, facts=_facts(limit))
    thresholds.tell(account, [bound_of(account, limit)])
    return limit


@transaction.atomic(durable=True)
def change_limit(*, member: Membership, public_id: UUID | str, wanted: WantedLimit) -> Limit:
    """Change how much, for how long and how strict; whose it is stays. An amount below what is used
    is allowed: nothing more starts then. Raises Http404, PermissionDenied, LimitTaken."""
    _require_owner(member)
    account = ledger.lock_account(member.workspace)
    limit = limit_access.limit(member, public_id, lock=True)
    before = _facts(limit)
    _write(limit, wanted)
    after = _facts(limit)
    differences = {
        name: [before[name], after[name]] for name in after if before[name] != after[name]
    }
    if differences:
        audit.note(member.workspace, CHANGED, member=member, subject=limit.name, facts=differences)
    bound = bound_of(account, limit)
    thresholds.forget_above(limit, bound)
    thresholds.tell(account, [bound])
    return limit


@transaction.atomic(durable=True)
def end_limit(*, member: Membership, public_id: UUID | str) -> None:
    """It counts no more; what it told stays known. Raises Http404, PermissionDenied."""
    _require_owner(member)
    ledger.lock_account(member.workspace)
    limit = limit_access.limit(member, public_id, lock=True)
    limit.ended_at = limit.changed_at = clock.now()
    limit.save(update_fields=["ended_at", "changed_at"])
    audit.note(member.workspace, ENDED, member=member, subject=limit.name, facts=_facts(limit))


def bound_of(account: CreditAccount, limit: Limit) -> Bound:
    """The limit as it stands now, as a hold would be judged by it."""
    payers = Payers(limit.member_id, limit.campaign_id, limit.api_key_id)
    return next(one for one in limits.bounds_for(account, payers) if one.limit_id == limit.pk)


def _write(limit: Limit, wanted: WantedLimit) -> None:
    """Under the account's lock, so that of two alike the second one is seen; the unique constraint
    stands behind it."""
    alike = Limit.objects.filter(
        account=limit.account,
        scope=limit.scope,
        campaign=limit.campaign_id,
        member=limit.member_id,
        api_key=limit.api_key_id,
        period=wanted.period,
        is_hard=wanted.is_hard,
        ended_at=None,
    )
    if other := alike.exclude(pk=limit.pk).select_related("account__workspace").first():
        raise LimitTaken(other)
    limit.period, limit.amount = wanted.period, wanted.amount
    limit.is_hard, limit.thresholds = wanted.is_hard, list(wanted.thresholds)
    limit.changed_at = clock.now()
    limit.save()


def _facts(limit: Limit) -> dict[str, Any]:
    return {
        "amount": f"{limit.amount:.2f}",
        "period": str(limit.period),
        "is_hard": limit.is_hard,
        "thresholds": list(limit.thresholds),
    }


def _require_owner(member: Membership) -> None:
    if not member.has_role(*limit_access.MAY_CHANGE):
        raise PermissionDenied


def follow_key(old: ApiKey, new: ApiKey) -> None:
    """A key's limits go over to the one that replaces it, in the rotation's own transaction. What
    was used of them goes on counting: a line of keys is one subject (limits.bounds_for)."""
    Limit.objects.filter(api_key=old, ended_at=None).update(api_key=new)
