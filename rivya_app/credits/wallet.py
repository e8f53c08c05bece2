"""Reads Rivya's balance and takes it over into the ledger. HTTP outside, one transaction after.

When it is read: every ten minutes; within a minute of a job's end (`read_soon`); before a job that
follows a quiet hour (`read_if_old`); when an owner asks; and once more where it did not agree.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import partial

import redis
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction

from rivya_app.core import clock
from rivya_app.credits import differences, holds, ledger, usage
from rivya_app.credits.models import CreditAccount, WalletSnapshot
from rivya_app.credits.usage import Scope
from rivya_app.gateway.clients import client_for
from rivya_app.gateway.models import ApiKey
from rivya_app.rivya_api import errors
from rivya_app.workspaces import audit
from rivya_app.workspaces.models import Membership, Role, Workspace

logger = logging.getLogger(__name__)

SECOND_LOOK = "second look"
SECOND_LOOK_AFTER = (
    5  # seconds: longer than a submission is in flight, far below the visibility timeout
)
SOON = 60  # seconds after the first job that ended: one reading for all that end meanwhile
QUIET = timedelta(hours=1)
PRESS_PAUSE = 10  # seconds in which a second press asks nobody


class Asked(Enum):
    """What became of an owner's wish to read the balance now."""

    READ = "read"
    JUST_READ = "just read"
    UNREACHABLE = "Rivya gave no answer"
    NO_KEY = "no key to ask with"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a workspace can still spend, in credits, with the time Rivya was last asked.

    `spent_this_month` counts from the first of the month in the workspace's time zone.
    """

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


def account_of(workspace: Workspace) -> CreditAccount:
    """The workspace's account, made on first use."""
    account, _made = CreditAccount.objects.get_or_create(workspace=workspace)
    account.workspace = workspace
    return account


def standing(workspace: Workspace) -> Standing:
    """The account as it is now; asks nobody."""
    return standing_of(account_of(workspace))


def standing_of(account: CreditAccount) -> Standing:
    """The same for an account that was read already, with its workspace."""
    subject = (Scope.WORKSPACE.value, account.pk)
    month = usage.month_of(account.workspace)
    return Standing(
        available=account.available,
        held=account.held,
        wallet=account.wallet,
        wallet_read_at=account.wallet_read_at,
        low_mark=account.low_mark,
        spent_this_month=usage.use_of(account, [subject], month)[subject].spent,
    )


def change_marks(*, member: Membership, low_mark: Decimal, unknown_mark: Decimal) -> CreditAccount:
    """An owner says below which balance, and above which unknown sum, owners are told."""
    if not member.has_role(Role.OWNER):
        raise PermissionDenied
    with transaction.atomic(durable=True):
        account = ledger.lock_account(member.workspace)
        before = (account.low_mark, account.unknown_mark)
        if before != (low_mark, unknown_mark):
            account.low_mark, account.unknown_mark = low_mark, unknown_mark
            account.save(update_fields=["low_mark", "unknown_mark"])
            facts = {
                "low_mark": [str(before[0]), str(low_mark)],
                "unknown_mark": [str(before[1]), str(unknown_mark)],
            }
            audit.note(member.workspace, "credits.marks_changed", member=member, facts=facts)
    return account


def ask_now(*, member: Membership) -> Asked:
    """Read the balance for an owner who waits for it. A second press meanwhile asks nobody."""
    if not member.has_role(Role.OWNER):
        raise PermissionDenied
    home = member.workspace
    if _key_of(home) is None:
        return Asked.NO_KEY
    pressed = f"wallet-asked:{home.public_id}"
    if not _is_first(pressed, PRESS_PAUSE):
        return Asked.JUST_READ
    if read(home, cause="an owner asked"):
        return Asked.READ
    with suppress(redis.RedisError):
        cache.delete(pressed)  # nothing was read, so another press is worth trying
    return Asked.UNREACHABLE


def _is_first(name: str, seconds: int) -> bool:
    """Whether nobody came under this name in the last `seconds`; without Redis, everybody is."""
    try:
        return bool(cache.add(name, 1, timeout=seconds))
    except redis.RedisError:
        return True


def read_soon(workspace: Workspace) -> None:
    """A job of this workspace ended: have the balance read once it is committed, within SOON.

    At most one reading a minute: the first end waits for the others, and none is left out.
    """
    publish = partial(_publish_soon, str(workspace.public_id), workspace.pk)
    transaction.on_commit(publish, robust=True)


def _publish_soon(public_id: str, workspace_id: int) -> None:
    from rivya_app.credits.tasks import read_wallet  # tasks import this module

    if _is_first(f"wallet-soon:{public_id}", SOON):
        read_wallet.apply_async(
            kwargs={"workspace_id": workspace_id, "cause": "after a job"}, countdown=SOON
        )


def read_if_old(workspace: Workspace, read_at: datetime | None) -> None:
    """Read the balance before a job is sent, where the last reading is older than an hour.

    With the schedule running it never is, so sending stays as quick as it was: the reading of the
    last ten minutes is the one before the job. After an outage of ours this is that reading. While
    Rivya gives no answer either, it is tried once a minute and not before every send.
    """
    is_old = read_at is None or clock.now() - read_at > QUIET
    after = int(read_at.timestamp()) if read_at else 0
    if is_old and _is_first(f"wallet-before:{workspace.public_id}:{after}", SOON):
        read(workspace, cause="before a job")


def read(workspace: Workspace, *, cause: str) -> bool:
    """Ask Rivya for the balance and record it; False where it could not be read."""
    key = _key_of(workspace)
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


def _key_of(workspace: Workspace) -> ApiKey | None:
    return ApiKey.objects.filter(workspace=workspace, state=ApiKey.State.ACTIVE).first()


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
    holding = [] if has_moved else holds.open_holds(account)
    expected = None if has_moved else account.available + holds.before_rivya(holding)
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
    # What nobody can know yet explains this much: a question's reservation is told at its end.
    is_explained = abs(difference) <= holds.in_doubt(holding)
    is_seen = not is_explained and _was_seen(previous, difference)
    if difference and (is_certain or is_seen):
        entry = ledger.correct_to_wallet(account, difference, note=cause)
        differences.explain(account, entry, is_first=previous is None)
        difference = ledger.ZERO
    return not difference


def _was_seen(previous: WalletSnapshot | None, difference: Decimal) -> bool:
    if previous is None or previous.expected is None:
        return False
    return previous.balance - previous.expected == difference
