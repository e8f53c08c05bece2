"""The one door for money: only this module writes credit entries and moves a balance.

Every function here runs inside a transaction of its caller and takes the account's row lock, so
two callers never decide on the same balance. What may happen once is a unique constraint, not an
`if`: a second hold, reserve or close of one reference changes nothing.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from rivya_app.core import clock
from rivya_app.credits import budgets, limits, usage
from rivya_app.credits.models import CreditAccount, LedgerEntry, Limit
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.workspaces.models import Campaign, Membership, Workspace

ZERO = Decimal(0)
Kind = LedgerEntry.Kind


class NotEnoughCredits(Exception):
    """The account cannot carry this hold. Amounts are credits, at the moment of the refusal."""

    def __init__(self, *, needed: Decimal, available: Decimal, held: Decimal) -> None:
        super().__init__(f"{needed} credits needed, {available} available")
        self.needed = needed
        self.available = available
        self.held = held


class OverLimit(Exception):
    """A hard limit cannot carry this hold. Amounts are credits, at the moment of the refusal."""

    def __init__(self, *, needed: Decimal, left: Decimal, limit: Limit | None = None) -> None:
        super().__init__(f"{needed} credits needed, {left} left of the limit")
        self.limit = limit
        self.needed = needed
        self.left = left


class OverBudget(OverLimit):
    """As OverLimit, for the budget that a campaign's own form names."""

    def __init__(self, campaign: Campaign, *, needed: Decimal, left: Decimal) -> None:
        super().__init__(needed=needed, left=left)
        self.campaign = campaign


class HoldMissing(LookupError):
    """A reference was to be closed that was never held: a fault of ours, not of the person."""


@dataclass(frozen=True, slots=True)
class Payer:
    """Who and what an amount is counted for. Reports cut the ledger by these."""

    member: Membership
    workflow: Workflow
    api_key: ApiKey
    campaign: Campaign | None = None
    model_id: str = ""


def lock_account(workspace: Workspace) -> CreditAccount:
    """The workspace's account under its row lock, made on first use."""
    _require_transaction()
    locked = CreditAccount.objects.select_for_update()
    account = locked.filter(workspace=workspace).first()
    if account is None:
        CreditAccount.objects.get_or_create(workspace=workspace)
        account = locked.get(workspace=workspace)
    account.workspace = workspace
    return account


def hold(
    workspace: Workspace,
    amount: Decimal,
    *,
    reference: str,
    payer: Payer,
    is_beyond_budget: bool = False,
) -> bool:
    """Set `amount` aside for `reference`; False where it is set aside already.

    Raises OverBudget or OverLimit where the payer's campaign, or a hard limit that counts for the
    payer, cannot carry it (unless an owner let it go beyond), and NotEnoughCredits where the
    balance is too small; nothing is written then.
    """
    account = lock_account(workspace)
    if LedgerEntry.objects.filter(reference=reference, kind=Kind.HOLD).exists():
        return False
    if not is_beyond_budget:
        _check_limits(account, payer, amount)
    if amount > account.available:
        raise NotEnoughCredits(needed=amount, available=account.available, held=account.held)
    entry = _write(account, Kind.HOLD, -amount, reference=reference, payer=payer)
    _move(account, entry, available=-amount, held=amount)
    return True


def confirm_reserved(reference: str, reserved: Decimal) -> bool:
    """Rivya accepted and reserved this much: correct the hold by the difference, once."""
    account, first = _account_of(reference)
    entries = _entries(reference)
    if Kind.RESERVE in entries or _is_closed(entries):
        return False
    difference = reserved + first.amount  # what we held is -first.amount
    entry = _write(account, Kind.RESERVE, -difference, reference=reference, like=first)
    _move(account, entry, available=-difference, held=difference)
    return True


def settle(reference: str, final: Decimal) -> bool:
    """The job ended and `final` credits are gone; the rest of the hold comes back. Once."""
    return _close(reference, Kind.SETTLE, final)


def release(reference: str) -> bool:
    """The job ended and cost nothing: the whole hold comes back. Once."""
    return _close(reference, Kind.RELEASE, ZERO)


def is_held(reference: str) -> bool:
    """Whether credits are set aside for this reference now."""
    entries = _entries(reference)
    return Kind.HOLD in entries and not _is_closed(entries)


def correct_to_wallet(account: CreditAccount, difference: Decimal, note: str) -> LedgerEntry:
    """Take over Rivya's balance: `difference` came about outside our jobs."""
    _require_transaction()
    entry = _write(account, Kind.WALLET, difference, note=note)
    _move(account, entry, available=difference)
    return entry


def _check_limits(account: CreditAccount, payer: Payer, amount: Decimal) -> None:
    """Under the account's lock, which every hold of the workspace takes first. All read anew."""
    if payer.campaign is not None:
        left = budgets.left_of(payer.campaign)
        if left is not None and amount > left:
            raise OverBudget(payer.campaign, needed=amount, left=left)
    counted = limits.limits_for(
        account,
        member_id=payer.member.pk,
        campaign_id=payer.campaign.pk if payer.campaign else None,
        api_key_id=payer.api_key.pk,
    )
    short = limits.tightest(limits.states_of(account, counted), amount) if counted else None
    if short is not None:
        raise OverLimit(needed=amount, left=short.left, limit=short.limit)


def _close(reference: str, kind: Kind, final: Decimal) -> bool:
    account, first = _account_of(reference)
    entries = _entries(reference)
    if _is_closed(entries):
        return False
    held = -sum((entry.amount for entry in entries.values()), ZERO)
    closing = _write(account, kind, held - final, reference=reference, like=first, spent=final)
    _move(account, closing, available=held - final, held=-held)
    return True


def _account_of(reference: str) -> tuple[CreditAccount, LedgerEntry]:
    _require_transaction()
    first = LedgerEntry.objects.filter(reference=reference, kind=Kind.HOLD).first()
    if first is None:
        raise HoldMissing(reference)
    locked = CreditAccount.objects.select_for_update(of=("self",)).select_related("workspace")
    return locked.get(pk=first.account_id), first


def _entries(reference: str) -> dict[str, LedgerEntry]:
    """Read after the lock, so a close that won the race is seen."""
    return {entry.kind: entry for entry in LedgerEntry.objects.filter(reference=reference)}


def _is_closed(entries: dict[str, LedgerEntry]) -> bool:
    return Kind.SETTLE in entries or Kind.RELEASE in entries


def _write(
    account: CreditAccount,
    kind: Kind,
    amount: Decimal,
    *,
    reference: str = "",
    payer: Payer | None = None,
    like: LedgerEntry | None = None,
    spent: Decimal = ZERO,
    note: str = "",
) -> LedgerEntry:
    return LedgerEntry.objects.create(
        account=account,
        kind=kind,
        amount=amount,
        spent=spent,
        reference=reference,
        note=note,
        **_counted_for(payer, like),
    )


def _counted_for(payer: Payer | None, like: LedgerEntry | None) -> dict[str, Any]:
    """By ids, so that closing a hold does not read again who it was for."""
    if payer is not None:
        return {
            "member": payer.member,
            "campaign": payer.campaign,
            "workflow": payer.workflow,
            "api_key": payer.api_key,
            "model_id": payer.model_id,
        }
    if like is not None:
        return {
            "member_id": like.member_id,
            "campaign_id": like.campaign_id,
            "workflow_id": like.workflow_id,
            "api_key_id": like.api_key_id,
            "model_id": like.model_id,
        }
    return {}


def _move(
    account: CreditAccount, entry: LedgerEntry, *, available: Decimal, held: Decimal = ZERO
) -> None:
    """Bring what caches the ledger to where `entry` leaves it."""
    account.available += available
    account.held += held
    account.changed_at = clock.now()
    account.save(update_fields=["available", "held", "changed_at"])
    usage.move(entry, workspace=account.workspace, held=held)


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Credits move only inside a transaction.")
