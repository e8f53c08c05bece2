"""The one door for money: only this module writes credit entries and moves a balance.

Every function here runs inside a transaction of its caller and takes the account's row lock, so
two callers never decide on the same balance. What may happen once is a unique constraint, not an
`if`: a second hold, reserve or close of one reference changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Sum

from rivya_app.core import clock
from rivya_app.credits import limits, thresholds, usage
from rivya_app.credits.limits import Bound, Payers
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


class OverLimit(Exception):
    """A hard limit cannot carry this hold. Amounts are credits, at the moment of the refusal."""

    def __init__(self, bound: Bound, *, needed: Decimal) -> None:
        super().__init__(f"{needed} credits needed, {bound.left} left of the limit")
        self.bound = bound
        self.needed = needed
        self.left = bound.left


class OverBudget(OverLimit):
    """As OverLimit, for the budget that a campaign's own form names."""


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

    @property
    def keys(self) -> Payers:
        """Whose limits count."""
        campaign_id = self.campaign.pk if self.campaign else None
        return Payers(self.member.pk, campaign_id, self.api_key.pk)


_COLUMNS = [field.attname for field in CreditAccount._meta.concrete_fields]  # noqa: SLF001
# Statements are written out here, and sent together, because whoever holds credits keeps the
# account from everybody else of the workspace meanwhile (tests/bench/holds.py).
_LOCK = f"""
SELECT {", ".join(_COLUMNS)} FROM credits_creditaccount WHERE workspace_id = %(workspace)s
   FOR UPDATE
"""  # noqa: S608  (names of columns)
# The lock comes first: each statement sees what was committed before it began, so what follows is
# read as it is behind the lock.
_LOCK_AND_LOOK = f"{_LOCK};{limits.LOOK}"
_WRITE = """
INSERT INTO credits_ledgerentry (account_id, kind, amount, spent, reference, member_id, campaign_id,
                                 workflow_id, api_key_id, model_id, note, created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id;
UPDATE credits_creditaccount SET available = %s, held = %s, changed_at = %s, low_told_at = %s
 WHERE id = %s
"""


def lock_account(workspace: Workspace) -> CreditAccount:
    """The workspace's account under its row lock, made on first use."""
    _require_transaction()
    account = _locked(workspace)
    if account is None:
        CreditAccount.objects.get_or_create(workspace=workspace)
        account = _locked(workspace)
    if account is None:
        raise CreditAccount.DoesNotExist
    return account


def _locked(workspace: Workspace) -> CreditAccount | None:
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"workspace": workspace.pk})
        return _account(workspace, cursor.fetchone())


def _account(workspace: Workspace, row: Sequence[Any] | None) -> CreditAccount | None:
    account = CreditAccount.from_db(None, _COLUMNS, row) if row else None
    if account is not None:
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

    Raises OverBudget or OverLimit, whichever has the least left, where the payer's campaign or a
    hard limit that counts for the payer cannot carry it (unless an owner let it go beyond), and
    NotEnoughCredits where the balance is too small; nothing is written then.
    """
    _require_transaction()
    account, is_held, bounds = lock_and_look(workspace, payer.keys, reference)
    if is_held:
        return False
    short = None if is_beyond_budget else limits.tightest(bounds, amount)
    if short is not None:
        raise (OverLimit if short.limit_id else OverBudget)(short, needed=amount)
    if amount > account.available:
        raise NotEnoughCredits(needed=amount, available=account.available, held=account.held)
    _write(account, _entry(account, Kind.HOLD, -amount, reference, _of_payer(payer)), held=amount)
    thresholds.tell(account, [bound.after(amount) for bound in bounds])
    return True


def lock_and_look(
    workspace: Workspace, payers: Payers, reference: str
) -> tuple[CreditAccount, bool, list[Bound]]:
    """The account under its row lock, whether it holds for `reference`, and what bounds the payers;
    all as they are behind the lock. One journey."""
    month = usage.month_of(workspace)
    asked = limits.asked(workspace.pk, payers, month, reference)
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_AND_LOOK, asked)
        account = _account(workspace, cursor.fetchone())
        cursor.nextset()
        found = limits.answer(cursor)
    is_held, bounds = found["is_held"], limits.bounds_of(found, payers, month)
    if account is None:
        return lock_account(workspace), is_held, bounds  # a new one: nothing was held from it yet
    return account, is_held, bounds


def confirm_reserved(reference: str, reserved: Decimal) -> bool:
    """Rivya accepted and reserved this much: correct the hold by the difference, once."""
    account, first = _account_of(reference)
    entries = _entries(reference)
    if Kind.RESERVE in entries or _is_closed(entries):
        return False
    difference = reserved + first.amount  # what we held is -first.amount
    entry = _entry(account, Kind.RESERVE, -difference, reference, _of_entry(first))
    _write(account, entry, held=difference)
    _tell(account, entry)
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
    return _write(account, _entry(account, Kind.WALLET, difference, note=note))


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account keeps of the ledger, in credits."""

    available: Decimal
    held: Decimal


def balance_of(account: CreditAccount) -> Balance:
    """As the ledger itself adds up, to be compared with what the account keeps. Under its lock."""
    entries = LedgerEntry.objects.filter(account=account)
    available = entries.aggregate(sum=Sum("amount"))["sum"] or ZERO
    of_jobs = entries.exclude(kind=Kind.WALLET).aggregate(sum=Sum(F("amount") + F("spent")))["sum"]
    return Balance(available, -(of_jobs or ZERO))


def mend(account: CreditAccount) -> None:
    """Make the account and its usage what the ledger says. Under the account's lock."""
    _require_transaction()
    counted = balance_of(account)
    account.available, account.held = counted.available, counted.held
    account.changed_at = clock.now()
    account.save(update_fields=["available", "held", "changed_at"])
    usage.recount(account)


def _close(reference: str, kind: Kind, final: Decimal) -> bool:
    account, first = _account_of(reference)
    entries = _entries(reference)
    if _is_closed(entries):
        return False
    held = -sum((entry.amount for entry in entries.values()), ZERO)
    entry = _entry(account, kind, held - final, reference, _of_entry(first), spent=final)
    _write(account, entry, held=-held)
    if final:
        _tell(account, entry)
    return True


def _tell(account: CreditAccount, entry: LedgerEntry) -> None:
    """Of what an entry that was just written took past a threshold."""
    payers = Payers(entry.member_id, entry.campaign_id, entry.api_key_id)
    thresholds.tell(account, limits.bounds_for(account, payers))


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


def _entry(
    account: CreditAccount,
    kind: Kind,
    amount: Decimal,
    reference: str = "",
    counted: dict[str, Any] | None = None,
    *,
    spent: Decimal = ZERO,
    note: str = "",
) -> LedgerEntry:
    return LedgerEntry(
        account=account,
        kind=kind,
        amount=amount,
        spent=spent,
        reference=reference,
        note=note,
        **counted or {},
    )


def _of_payer(payer: Payer) -> dict[str, Any]:
    return {
        "member_id": payer.member.pk,
        "campaign_id": payer.campaign.pk if payer.campaign else None,
        "workflow_id": payer.workflow.pk,
        "api_key_id": payer.api_key.pk,
        "model_id": payer.model_id,
    }


def _of_entry(like: LedgerEntry) -> dict[str, Any]:
    """By ids, so that closing a hold does not read again who it was for."""
    names = ("member_id", "campaign_id", "workflow_id", "api_key_id", "model_id")
    return {name: getattr(like, name) for name in names}


def _write(account: CreditAccount, entry: LedgerEntry, *, held: Decimal = ZERO) -> LedgerEntry:
    """Write an entry, and bring what caches the ledger to where it leaves it. One journey."""
    account.available += entry.amount
    account.held += held
    account.changed_at = entry.created_at
    thresholds.watch_balance(account)
    counting, counted = usage.counting(entry, workspace=account.workspace, held=held)
    values = [*_values(entry), *_values_of_account(account), *counted]
    with connection.cursor() as cursor:
        cursor.execute(";".join([_WRITE, *counting]), values)
        (entry.pk,) = cursor.fetchone()
    return entry


def _values(entry: LedgerEntry) -> list[Any]:
    """As _WRITE names them."""
    counted = _of_entry(entry).values()
    amounts = (entry.account_id, str(entry.kind), entry.amount, entry.spent, entry.reference)
    return [*amounts, *counted, entry.note, entry.created_at]


def _values_of_account(account: CreditAccount) -> list[Any]:
    moved = (account.available, account.held, account.changed_at, account.low_told_at)
    return [*moved, account.pk]


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("Credits move only inside a transaction.")
