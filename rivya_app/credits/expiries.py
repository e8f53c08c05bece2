"""When plans and packs end, as an owner typed it in, and what would be left of them unused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from rivya_app.core import clock
from rivya_app.core.text import date_words
from rivya_app.credits import access, ledger, usage
from rivya_app.credits.models import CreditAccount, CreditExpiry
from rivya_app.credits.pace import Pace
from rivya_app.workspaces import audit
from rivya_app.workspaces.models import Membership, Role

ZERO = Decimal(0)
SHOWN_AFTER = timedelta(days=30)  # how long one that has ended is still shown


@dataclass(frozen=True, slots=True)
class WantedExpiry:
    """As typed. `credits` None: whatever is left then."""

    kind: str
    name: str
    credits: Decimal | None
    ends_on: date


@dataclass(frozen=True, slots=True)
class Outlook:
    """An expiry as it stands today. `unused`: credits that would end unused at this pace, None
    where it cannot be told; `days_left` is below zero where it has ended."""

    expiry: CreditExpiry
    days_left: int
    unused: Decimal | None

    @property
    def is_over(self) -> bool:
        return self.days_left < 0

    @property
    def last_day(self) -> str:
        """In the reader's words."""
        return date_words(self.expiry.ends_on)

    @property
    def unused_shown(self) -> Decimal:
        """Whole credits: the pace is no exact number either."""
        return (self.unused or ZERO).quantize(Decimal(1))

    @property
    def wastes(self) -> bool:
        """Whether a whole credit or more would end unused."""
        return self.unused is not None and self.unused >= 1


def add(*, member: Membership, wanted: WantedExpiry) -> CreditExpiry:
    """Write one down. What is written down already is found again."""
    _require_owner(member)
    with transaction.atomic(durable=True):
        account = ledger.lock_account(member.workspace)
        same = {
            "kind": wanted.kind,
            "name": wanted.name,
            "credits": wanted.credits,
            "ends_on": wanted.ends_on,
        }
        known = CreditExpiry.objects.filter(account=account, removed_at=None, **same).first()
        if known is not None:
            return known
        made = CreditExpiry.objects.create(account=account, created_by=member, **same)
        _note(member, "credits.expiry_added", made)
    return made


def remove(*, member: Membership, public_id: UUID) -> None:
    """Take one away. Raises Http404 where it is not there (any more)."""
    _require_owner(member)
    with transaction.atomic(durable=True):
        row = access.expiry(member, public_id, lock=True)
        row.removed_at = clock.now()
        row.save(update_fields=["removed_at"])
        _note(member, "credits.expiry_removed", row)


def outlooks(account: CreditAccount, rows: Iterable[CreditExpiry], pace: Pace) -> list[Outlook]:
    """Each in its order, the next first. What ends first is taken to be used first, and no more
    ends than the account has."""
    today = usage.local_day(account.workspace, clock.now())
    left, used = account.available + account.held, ZERO
    found = []
    for row in rows:
        days = (row.ends_on - today).days
        if today - row.ends_on > SHOWN_AFTER:
            continue
        if days < 0:
            found.append(Outlook(row, days, None))
            continue
        ends = max(ZERO, left if row.credits is None else min(row.credits, left))
        can_use = pace.used_in(days)
        goes = None if can_use is None else min(ends, max(ZERO, can_use - used))
        found.append(Outlook(row, days, None if goes is None else ends - goes))
        left, used = left - ends, used + (goes or ZERO)
    return found


def _require_owner(member: Membership) -> None:
    if not member.has_role(Role.OWNER):
        raise PermissionDenied


def _note(member: Membership, act: str, row: CreditExpiry) -> None:
    facts = {
        "kind": row.kind,
        "ends_on": row.ends_on.isoformat(),
        "credits": None if row.credits is None else str(row.credits),
    }
    audit.note(member.workspace, act, member=member, subject=row.name or row.kind, facts=facts)
