"""The one door for money: only this module writes credit entries and moves a balance.

Every function here runs inside a transaction of its caller and takes the account's row lock, so
two callers never decide on the same balance. What may happen once is a unique constraint, not an
`if`: a second hold, reserve or close of one reference changes nothing.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import Sum

from rivya_app.core import clock
from rivya_app.credits import budgets
from rivya_app.credits.models import CreditAccount, LedgerEntry
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


class OverBudget(Exception):
    """The campaign's budget cannot carry this hold. Amounts are credits, at the refusal."""

    def __init__(self, campaign: Campaign, *, needed: Decimal, left: Decimal) -> None:
        super().__init__(f"{needed} credits needed, {left} left of the budget")
        self.campaign = campaign
        self.needed = needed
        self.left = left


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

    Raises OverBudget where the payer's campaign may not spend so much (unless an owner let it go
    beyond), and NotEnoughCredits where the balance is too small; nothing is written then.
    """
    account = lock_account(workspace)
    if LedgerEntry.objects.filter(reference=reference, kind=Kind.HOLD).exists():
        return False
    if payer.campaign is not None and not is_beyond_budget:
        _check_budget(payer.campaign, amount)
    if amount > account.available:
        raise NotEnoughCredits(needed=amount, available=account.available, held=account.held)
    _write(account, Kind.HOLD, -amount, reference=reference, payer=payer)
    _move(account, available=-amount, held=amount)
    return True


def confirm_reserved(reference: str, reserved: Decimal) -> bool:
    """Rivya accepted and reserved this much: correct the hold by the difference, once."""
    account, first = _account_of(reference)
    entries = _entries(reference)
    if Kind.RESERVE in entries or _is_closed(entries):
        return False
    difference = reserved + first.amount  # what we held is -first.amount
    _write(account, Kind.RESERVE, -difference, reference=reference, like=first)
    _move(account, available=-difference, held=difference)
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


def correct_to_wallet(account: CreditAccount, difference: Decimal, note: str) -> None:
    """Take over Rivya's balance: `difference` came about outside our jobs."""
    _require_transaction()
    _write(account, Kind.WALLET, difference, note=note)
    _move(account, available=difference)


def held_before_rivya(account: CreditAccount) -> Decimal:
    """Credits held for calls Rivya has not accepted yet, so its wallet does not show them."""
    held = LedgerEntry.objects.filter(account=account, kind=Kind.HOLD)
    later = LedgerEntry.objects.filter(
        account=account, kind__in=[Kind.RESERVE, Kind.SETTLE, Kind.RELEASE]
    )
    open_holds = held.exclude(reference__in=later.values("reference"))
    return -(open_holds.aggregate(total=Sum("amount"))["total"] or ZERO)


def _check_budget(campaign: Campaign, amount: Decimal) -> None:
    """Under the account's lock, which every hold of the workspace takes first. Budget read anew."""
    left = budgets.left_of(campaign)
    if left is not None and amount > left:
        raise OverBudget(campaign, needed=amount, left=left)


def _close(reference: str, kind: Kind, final: Decimal) -> bool:
    account, first = _account_of(reference)
    entries = _entries(reference)
    if _is_closed(entries):
        return False
    held = -sum((entry.amount for entry in entries.values()), ZERO)
    _write(account, kind, held - final, reference=reference, like=first, spent=final)
    _move(account, available=held - final, held=-held)
    return True


def _account_of(reference: str) -> tuple[CreditAccount, LedgerEntry]:
    _require_transaction()
    first = LedgerEntry.objects.filter(reference=reference, kind=Kind.HOLD).first()
    if first is None:
        raise HoldMissing(reference)
    return CreditAccount.objects.select_for_update().get(pk=first.account_id), first


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
) -> None:
    LedgerEntry.objects.create(
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


def _move(account: CreditAccount, *, available: Decimal = ZERO, held: Decimal = ZERO) -> None:
    account.available += available
    account.held += held
    account.changed_at = clock.now()
    account.save(update_fields=["available", "held", "changed_at"])


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Credits move only inside a transaction.")
