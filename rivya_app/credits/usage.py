"""What each scope holds and has spent, kept beside the ledger so that a limit is looked up, not
summed. Moved with every entry under the account's lock; the only writer of Usage.
"""

import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Q

from rivya_app.core import clock
from rivya_app.credits.models import CreditAccount, LedgerEntry, Usage
from rivya_app.gateway.models import ApiKey
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

    def __add__(self, other: "Use") -> "Use":
        return Use(self.spent + other.spent, self.held + other.held)


def month_of(workspace: Workspace, at: datetime | None = None) -> str:
    """The workspace's month ("2026-11") at a time, now where none is given."""
    return f"{(at or clock.now()).astimezone(zone_of(workspace)):%Y-%m}"


def zone_of(workspace: Workspace) -> zoneinfo.ZoneInfo:
    """The workspace's time zone."""
    return clock.zone_named(workspace.time_zone)


def local_day(workspace: Workspace, at: datetime) -> date:
    """The day of the calendar in the workspace at a time."""
    return at.astimezone(zone_of(workspace)).date()


def month_start(workspace: Workspace, at: datetime | None = None) -> datetime:
    """When the workspace's month of a time began, this month where none is given."""
    local = (at or clock.now()).astimezone(zone_of(workspace))
    return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)


def counting(
    entry: LedgerEntry, *, workspace: Workspace, held: Decimal
) -> tuple[list[str], list[object]]:
    """The statements, with their values, that count an entry: in all, and in its month where
    credits are gone for good. For the ledger to send along with it."""
    periods = [(ALL_TIME, held)] if held or entry.spent else []
    if entry.spent:
        periods.append((month_of(workspace, entry.created_at), ZERO))
    whose = (entry.account_id, entry.campaign_id, entry.member_id, entry.api_key_id)
    values: list[object] = []
    for period, more in periods:
        values += [*whose, period, more, entry.spent]
    return [_COUNT] * len(periods), values


# Its plan is kept in the database (migration 0011).
_COUNT = "SELECT credits_count(%s, %s, %s, %s, %s, %s, %s)"


def _are(subjects: Iterable[Subject]) -> Q:
    found = Q(pk__in=[])
    for scope, key in subjects:
        found |= Q(scope=scope, subject_id=key)
    return found


def use_of(account: CreditAccount, subjects: Iterable[Subject], month: str) -> dict[Subject, Use]:
    """What each subject spent in `month` (ALL_TIME: ever) and holds now. A key counts together with
    the others of its line. One query, two where a key is asked for.
    """
    wanted = list(subjects)
    stands_for = _lines(key for scope, key in wanted if scope == Scope.KEY)
    asked = [*wanted, *((Scope.KEY.value, key) for key in stands_for)]
    rows = Usage.objects.filter(_are(asked), account=account, period__in={month, ALL_TIME})
    found = dict.fromkeys(wanted, Use())
    for scope, key, period, held, spent in rows.values_list(
        "scope", "subject_id", "period", "held", "spent"
    ):
        moved = Use(spent if period == month else ZERO, held if period == ALL_TIME else ZERO)
        for named in stands_for[key] if scope == Scope.KEY else [key]:
            found[scope, named] += moved
    return found


def _lines(keys: Iterable[int]) -> dict[int, list[int]]:
    """Of every key of their lines, which of `keys` it counts for."""
    wanted = set(keys)
    if not wanted:
        return {}
    mine = ApiKey.objects.filter(pk__in=wanted)
    lines = dict(mine.values_list("pk", "line"))
    every = ApiKey.objects.filter(line__in=lines.values()).values_list("pk", "line")
    return {key: [one for one in wanted if lines[one] == line] for key, line in every}


# One statement, so that the ledger is read once however long it is.
_MOVED = """
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
"""
_RECOUNT = f"""
WITH moved AS ({_MOVED})
INSERT INTO credits_usage (account_id, scope, subject_id, period, held, spent)
SELECT %(account)s, scope, subject_id, period, held, spent FROM moved
 WHERE period = '' OR spent <> 0
"""  # noqa: S608  (nothing typed)
# A row of nothing but zeros says the same as no row.
_COMPARE = f"""
WITH moved AS ({_MOVED}),
     kept AS (SELECT * FROM credits_usage WHERE account_id = %(account)s)
SELECT coalesce(kept.scope, moved.scope), coalesce(kept.subject_id, moved.subject_id),
       coalesce(kept.period, moved.period),
       coalesce(kept.held, 0), coalesce(kept.spent, 0),
       coalesce(moved.held, 0), coalesce(moved.spent, 0)
  FROM kept FULL JOIN moved
    ON (kept.scope, kept.subject_id, kept.period) = (moved.scope, moved.subject_id, moved.period)
 WHERE (coalesce(kept.held, 0), coalesce(kept.spent, 0))
       <> (coalesce(moved.held, 0), coalesce(moved.spent, 0))
 ORDER BY 1, 2, 3
"""  # noqa: S608  (nothing typed)


@dataclass(frozen=True, slots=True)
class Astray:
    """A row that is not what the ledger says: as it is kept, and as it is counted."""

    scope: str
    subject_id: int
    period: str
    kept: Use
    counted: Use


def compare(account: CreditAccount) -> list[Astray]:
    """Every row that differs from the ledger. Under the account's lock, as both move together."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE, _asked(account))
        return [
            Astray(scope, key, period, Use(spent, held), Use(counted_spent, counted_held))
            for scope, key, period, held, spent, counted_held, counted_spent in cursor.fetchall()
        ]


def recount(account: CreditAccount) -> None:
    """Make every row anew from the ledger, as after a change of the workspace's time zone.

    Inside a transaction that holds the account's lock.
    """
    account.usages.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(_RECOUNT, _asked(account))


def _asked(account: CreditAccount) -> dict[str, str | int]:
    return {"account": account.pk, "zone": zone_of(account.workspace).key}
