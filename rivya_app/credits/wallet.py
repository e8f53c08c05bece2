"""Reads Rivya's balance and takes it over into the ledger. HTTP outside, one transaction after."""

import logging
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from rivya_app.core import clock
from rivya_app.credits import ledger
from rivya_app.credits.models import CreditAccount, LedgerEntry, WalletSnapshot
from rivya_app.gateway.clients import client_for
from rivya_app.gateway.models import ApiKey
from rivya_app.rivya_api import errors
from rivya_app.workspaces.models import Workspace

logger = logging.getLogger(__name__)

SECOND_LOOK = "second look"
SECOND_LOOK_AFTER = (
    5  # seconds: longer than a submission is in flight, far below the visibility timeout
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a workspace can still spend, in credits, with the time Rivya was last asked."""

    available: Decimal
    held: Decimal
    wallet: Decimal | None
    wallet_read_at: datetime | None
    low_mark: Decimal
    spent_this_month: Decimal

    @property
    def is_low(self) -> bool:
        return self.available < self.low_mark

    @property
    def is_known(self) -> bool:
        """False until the balance was read once."""
        return self.wallet_read_at is not None


def standing(workspace: Workspace) -> Standing:
    """The account as it is now; asks nobody."""
    account, _made = CreditAccount.objects.get_or_create(workspace=workspace)
    month = clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    entries = LedgerEntry.objects.filter(account=account, created_at__gte=month)
    # Said although zeros add nothing: so the sum is read from an index of its own.
    spent = entries.exclude(spent=0).aggregate(total=Sum("spent"))["total"]
    return Standing(
        available=account.available,
        held=account.held,
        wallet=account.wallet,
        wallet_read_at=account.wallet_read_at,
        low_mark=account.low_mark,
        spent_this_month=spent or Decimal(0),
    )


def read(workspace: Workspace, *, cause: str) -> bool:
    """Ask Rivya for the balance and record it; False where it could not be read."""
    key = ApiKey.objects.filter(workspace=workspace, state=ApiKey.State.ACTIVE).first()
    if key is None:
        return False
    asked_at = clock.now()
    try:
        with client_for(key) as rivya:
            balance = rivya.credits.get().current
    except errors.RivyaError as error:
        logger.warning("wallet not read: %s", error)
        return False
    agrees = record(workspace, balance, asked_at=asked_at, cause=cause)
    if not agrees and cause != SECOND_LOOK:
        _look_again(workspace)
    return True


def _look_again(workspace: Workspace) -> None:
    from rivya_app.credits.tasks import read_wallet  # tasks import this module

    read_wallet.apply_async(
        kwargs={"workspace_id": workspace.pk, "cause": SECOND_LOOK}, countdown=SECOND_LOOK_AFTER
    )


@transaction.atomic(durable=True)
def record(workspace: Workspace, balance: Decimal, *, asked_at: datetime, cause: str) -> bool:
    """Keep a balance read at `asked_at` and correct the ledger by what it did not know.

    While jobs are open a difference may be one Rivya knows of and we do not yet (a reservation in
    flight, a return not polled), so it is taken over only when two readings in a row show it.
    Returns whether the ledger agrees with Rivya now.
    """
    account = ledger.lock_account(workspace)
    if account.wallet_read_at and account.wallet_read_at > asked_at:
        return True  # a younger answer is here already
    previous = account.snapshots.first()
    has_moved = account.entries.filter(created_at__gte=asked_at).exists()
    expected = None if has_moved else account.available + ledger.held_before_rivya(account)
    WalletSnapshot.objects.create(
        account=account, balance=balance, expected=expected, cause=cause, read_at=asked_at
    )
    account.wallet = balance
    account.wallet_read_at = asked_at
    account.save(update_fields=["wallet", "wallet_read_at"])
    if expected is None:
        return False
    difference = balance - expected
    is_certain = not account.held or difference > account.held  # more than any return explains
    if difference and (is_certain or _was_seen(previous, difference)):
        ledger.correct_to_wallet(account, difference, note=cause)
        difference = ledger.ZERO
    return not difference


def _was_seen(previous: WalletSnapshot | None, difference: Decimal) -> bool:
    if previous is None or previous.expected is None:
        return False
    return previous.balance - previous.expected == difference
