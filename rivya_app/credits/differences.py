"""Why Rivya's balance moved beside our jobs: one Difference for each WALLET entry, guessed from
facts in the same transaction, and named by an owner afterwards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Abs
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.core.text import credit_number
from rivya_app.credits import access, usage
from rivya_app.credits.models import CreditAccount, CreditExpiry, Difference, LedgerEntry
from rivya_app.notices.actions import tell
from rivya_app.notices.models import Notice
from rivya_app.workspaces import audit
from rivya_app.workspaces.access import owners_of
from rivya_app.workspaces.models import Membership, Role, Workspace

ZERO = Decimal(0)
Kind = Difference.Kind
RETURN_DAYS = 30  # how long after a job its credits may still come back
UNKNOWN_DAYS = 30  # differences nobody explained are added up over so many days
# Rivya's day need not be ours, and the balance is read some time after credits expired.
BEFORE_EXPIRY, AFTER_EXPIRY = timedelta(days=1), timedelta(days=3)

# What failed jobs of a workspace kept since a time, in credits, newest first.
Kept = Callable[[Workspace, datetime], Sequence[Decimal]]
_kept: dict[str, Kept] = {}


def register_kept(name: str, kept: Kept) -> None:
    """Rooms above say in `ready()` what their failed jobs cost, so that a return is known again."""
    if _kept.get(name, kept) is not kept:
        raise ImproperlyConfigured(f"'{name}' says already what failed jobs kept.")
    _kept[name] = kept


def explain(account: CreditAccount, entry: LedgerEntry, *, is_first: bool) -> Difference:
    """Say why a WALLET entry came about, beside it. The caller holds the account's lock.

    Where nothing explains it, and such differences come to more than the owners want to bear with,
    they are told, once for each difference.
    """
    kind = Kind.FIRST_READING if is_first else _kind_of(account, entry.amount)
    made = Difference.objects.create(
        account=account, entry=entry, kind=kind, amount=entry.amount, found_at=entry.created_at
    )
    if kind == Kind.UNKNOWN:
        _tell_owners(account, made)
    return made


def _kind_of(account: CreditAccount, amount: Decimal) -> Kind:
    if amount < 0:
        return Kind.EXPIRED if _is_expiry(account, -amount) else Kind.UNKNOWN
    if _was_taken_before(account, amount) or _was_kept(account, amount):
        return Kind.RETURNED
    return Kind.TOP_UP


def _was_taken_before(account: CreditAccount, amount: Decimal) -> bool:
    """Whether just this much was missing without a reason: then both are one late return."""
    since = clock.now() - timedelta(days=RETURN_DAYS)
    taken = account.differences.filter(
        kind=Kind.UNKNOWN, amount=-amount, named_by=None, found_at__gte=since
    ).first()
    if taken is None:
        return False
    taken.kind = Kind.RETURNED
    taken.save(update_fields=["kind"])
    return True


def _was_kept(account: CreditAccount, amount: Decimal) -> bool:
    """Whether failed jobs kept this much, one or all together, that has not come back already."""
    since = clock.now() - timedelta(days=RETURN_DAYS)
    kept = [one for ask in _kept.values() for one in ask(account.workspace, since)]
    returned = account.differences.filter(
        kind=Kind.RETURNED, amount__gt=0, found_at__gte=since
    ).aggregate(total=Sum("amount"))["total"]
    left = sum(kept, ZERO) - (returned or ZERO)
    return amount <= left and (amount in kept or amount == left)


def _is_expiry(account: CreditAccount, amount: Decimal) -> bool:
    """Whether an owner said that credits end about now, and not fewer than are missing."""
    now = clock.now()
    first = usage.local_day(account.workspace, now - AFTER_EXPIRY)
    last = usage.local_day(account.workspace, now + BEFORE_EXPIRY)
    near = CreditExpiry.objects.filter(
        account=account, removed_at=None, ends_on__gte=first, ends_on__lte=last
    )
    may_go = list(near.values_list("credits", flat=True))
    if None in may_go:
        return True
    gone = account.differences.filter(
        kind=Kind.EXPIRED, found_at__gte=now - BEFORE_EXPIRY - AFTER_EXPIRY
    ).aggregate(total=Sum("amount"))["total"]
    return bool(may_go) and amount - (gone or ZERO) <= sum(filter(None, may_go), ZERO)


def unknown_sum(account: CreditAccount) -> Decimal:
    """What nobody explained in the last UNKNOWN_DAYS, in either direction, added up."""
    since = clock.now() - timedelta(days=UNKNOWN_DAYS)
    rows = account.differences.filter(kind=Kind.UNKNOWN, found_at__gte=since)
    return rows.aggregate(total=Sum(Abs("amount")))["total"] or ZERO


def _tell_owners(account: CreditAccount, made: Difference) -> None:
    if unknown_sum(account) <= account.unknown_mark:
        return
    tell(
        owners_of(account.workspace),
        kind=Notice.Kind.WALLET_DIFFERENCE,
        facts={"credits": credit_number(made.amount)},
        link=reverse("credits:wallet"),
        event_key=f"wallet-difference:{made.public_id}",
    )


@dataclass(frozen=True, slots=True)
class Named:
    """What an owner says of a difference. `kind` is one of `kinds_for` it."""

    kind: str
    note: str = ""


def kinds_for(difference: Difference) -> tuple[Kind, ...]:
    """What a difference can be called: credits that came did not expire."""
    if difference.kind == Kind.FIRST_READING:
        return (Kind.FIRST_READING,)
    if difference.amount > 0:
        return (Kind.TOP_UP, Kind.RETURNED, Kind.UNKNOWN)
    return (Kind.OUTSIDE, Kind.EXPIRED, Kind.RETURNED, Kind.UNKNOWN)


def name(*, member: Membership, public_id: UUID, named: Named) -> Difference:
    """An owner says what a difference was. Saying the same again changes nothing.

    Raises Http404, PermissionDenied, and ValueError for a kind it cannot be.
    """
    if not member.has_role(Role.OWNER):
        raise PermissionDenied
    with transaction.atomic(durable=True):
        row = access.difference(member, public_id, lock=True)
        if named.kind not in kinds_for(row):
            raise ValueError(f"A difference of {row.amount} is no '{named.kind}'.")
        if (row.kind, row.note) != (named.kind, named.note) or row.named_by_id is None:
            _keep(row, member, named)
    return row


def _keep(row: Difference, member: Membership, named: Named) -> None:
    before = row.kind
    row.kind, row.note = named.kind, named.note
    row.named_by, row.named_at = member, clock.now()
    row.save(update_fields=["kind", "note", "named_by", "named_at"])
    audit.note(
        member.workspace,
        "credits.difference_named",
        member=member,
        subject=credit_number(row.amount),
        facts={"before": before, "after": row.kind, "note": row.note},
    )
