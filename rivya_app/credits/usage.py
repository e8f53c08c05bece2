"""What each scope holds and has spent, kept beside the ledger so that a limit is looked up, not
summed. Moved with every entry under the account's lock; the only writer of Usage.
"""

import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from django.db.models import F, Q

from rivya_app.core import clock
from rivya_app.credits.models import CreditAccount, LedgerEntry, Usage
from rivya_app.workspaces.models import Workspace

ZERO = Decimal(0)
ALL_TIME = ""
Scope = Usage.Scope
Subject = tuple[str, int]  # a scope and the key of its row


@dataclass(frozen=True, slots=True)
class Use:
    """Credits of one scope: gone in a period, and held now whichever month they were held in."""

    spent: Decimal = ZERO
    held: Decimal = ZERO

    @property
    def used(self) -> Decimal:
        return self.spent + self.held


def subjects_of(entry: LedgerEntry) -> list[Subject]:
    """Every scope that an entry counts for."""
    named = (
        (Scope.WORKSPACE, entry.account_id),
        (Scope.CAMPAIGN, entry.campaign_id),
        (Scope.MEMBER, entry.member_id),
        (Scope.KEY, entry.api_key_id),
    )
    return [(scope.value, key) for scope, key in named if key is not None]


def month_of(workspace: Workspace, at: datetime | None = None) -> str:
    """The workspace's month ("2026-11") at a time, now where none is given."""
    return f"{(at or clock.now()).astimezone(zone_of(workspace)):%Y-%m}"


def zone_of(workspace: Workspace) -> zoneinfo.ZoneInfo:
    """The workspace's time zone; UTC where its name is not known on this machine."""
    try:
        return zoneinfo.ZoneInfo(workspace.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


def local_day(workspace: Workspace, at: datetime) -> date:
    """The day of the calendar in the workspace at a time."""
    return at.astimezone(zone_of(workspace)).date()


def month_start(workspace: Workspace, at: datetime | None = None) -> datetime:
    """When the workspace's month of a time began, this month where none is given."""
    local = (at or clock.now()).astimezone(zone_of(workspace))
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)


def move(entry: LedgerEntry, *, workspace: Workspace, held: Decimal) -> None:
    """Count an entry that was just written. The caller holds the account's lock."""
    subjects = subjects_of(entry)
    if held or entry.spent:
        _add(entry.account_id, subjects, ALL_TIME, held=held, spent=entry.spent)
    if entry.spent:
        month = month_of(workspace, entry.created_at)
        _add(entry.account_id, subjects, month, held=ZERO, spent=entry.spent)


def _add(
    account_id: int, subjects: list[Subject], period: str, *, held: Decimal, spent: Decimal
) -> None:
    rows = Usage.objects.filter(_are(subjects), account_id=account_id, period=period)
    if rows.update(held=F("held") + held, spent=F("spent") + spent) == len(subjects):
        return
    known = set(rows.values_list("scope", "subject_id"))
    Usage.objects.bulk_create(
        Usage(
            account_id=account_id,
            scope=scope,
            subject_id=key,
            period=period,
            held=held,
            spent=spent,
        )
        for scope, key in subjects
        if (scope, key) not in known
    )


def _are(subjects: Iterable[Subject]) -> Q:
    found = Q(pk__in=[])
    for scope, key in subjects:
        found |= Q(scope=scope, subject_id=key)
    return found


def use_of(account: CreditAccount, subjects: Iterable[Subject], month: str) -> dict[Subject, Use]:
    """What each subject spent in `month` (ALL_TIME: ever) and holds now. One query."""
    wanted = list(subjects)
    rows = Usage.objects.filter(_are(wanted), account=account, period__in={month, ALL_TIME})
    found = dict.fromkeys(wanted, Use())
    for scope, key, period, held, spent in rows.values_list(
        "scope", "subject_id", "period", "held", "spent"
    ):
        before = found[scope, key]
        found[scope, key] = Use(
            spent=spent if period == month else before.spent,
            held=held if period == ALL_TIME else before.held,
        )
    return found


# One statement, so that the ledger is read once however long it is.
_RECOUNT = """
WITH moved AS (
    SELECT scope, subject_id, period, sum(held) AS held, sum(spent) AS spent
      FROM credits_ledgerentry AS entry,
           LATERAL (VALUES ('workspace', entry.account_id), ('campaign', entry.campaign_id),
                           ('member', entry.member_id), ('key', entry.api_key_id))
                   AS subject (scope, subject_id),
           LATERAL (VALUES ('', -entry.amount - entry.spent),
                           (to_char(entry.created_at AT TIME ZONE %(zone)s, 'YYYY-MM'), 0))
                   AS part (period, held)
     WHERE entry.account_id = %(account)s AND entry.kind <> 'wallet' AND subject_id IS NOT NULL
     GROUP BY scope, subject_id, period
)
INSERT INTO credits_usage (account_id, scope, subject_id, period, held, spent)
SELECT %(account)s, scope, subject_id, period, held, spent FROM moved
 WHERE period = '' OR spent <> 0
"""


def recount(account: CreditAccount) -> None:
    """Make every row anew from the ledger, as after a change of the workspace's time zone.

    Inside a transaction that holds the account's lock.
    """
    account.usages.all().delete()
    zone = zone_of(account.workspace).key
    with connection.cursor() as cursor:
        cursor.execute(_RECOUNT, {"account": account.pk, "zone": zone})
