"""Where the credits went, read from the ledger. Writes nothing.

What counts is `spent` of the entry that closed a reference, at the time of that entry.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Max, Min, Q, Sum
from django.db.models.query import QuerySet

from rivya_app.core import clock
from rivya_app.credits import usage
from rivya_app.credits.models import CreditAccount, LedgerEntry
from rivya_app.credits.report_choices import COLUMNS, NONE, Choices, Pick
from rivya_app.credits.report_cut import Cut
from rivya_app.credits.report_spans import DAY, Days, Span, parts_of
from rivya_app.workspaces.models import Workspace

ZERO = Decimal(0)
Kind = LedgerEntry.Kind
CLOSING = (Kind.SETTLE, Kind.RELEASE)
# What is kept beside the ledger for each alone; a key is counted there with those it replaced.
_SCOPES = {"person": usage.Scope.MEMBER, "campaign": usage.Scope.CAMPAIGN}


@dataclass(frozen=True, slots=True)
class Sums:
    """Credits gone and credits that came back, and how many references cost something."""

    spent: Decimal = ZERO
    returned: Decimal = ZERO
    count: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.spent + other.spent, self.returned + other.returned, self.count + other.count
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a report: what it is of, or which days, its sums, and the same by column."""

    pick: Pick | None
    days: Days
    sums: Sums
    parts: tuple[Decimal, ...]  # spent in each of the report's parts


@dataclass(frozen=True, slots=True)
class Report:
    """A cut with its rows, the dearest first (of days the newest), whose sums are its total."""

    cut: Cut
    days: Days
    parts: list[Days]
    rows: list[Row]

    @property
    def total(self) -> Sums:
        return sum((row.sums for row in self.rows), Sums())


def account_of(workspace: Workspace) -> CreditAccount | None:
    return CreditAccount.objects.filter(workspace=workspace).first()


def closings(account: CreditAccount | None, cut: Cut) -> QuerySet[LedgerEntry]:
    """The entries that closed what the cut asks for, costly or not; in no order."""
    found = LedgerEntry.objects.filter(account=account, kind__in=CLOSING, **cut.where)
    return within(found, cut.span).order_by()


def within(rows: QuerySet[LedgerEntry], span: Span) -> QuerySet[LedgerEntry]:
    """Those that were written in these days."""
    if span.begins_at:
        rows = rows.filter(created_at__gte=span.begins_at)
    if span.ends_at:
        rows = rows.filter(created_at__lt=span.ends_at)
    return rows


def report_of(account: CreditAccount | None, cut: Cut, choices: Choices) -> Report:
    """The cut's rows, each with its sums and its share of every column of the chart."""
    days = _drawn_days(closings(account, cut), cut)
    if cut.by == "day":
        return _by_day(account, cut, days)
    parts = parts_of(days, days.step)
    found: dict[Any, dict[int, Sums]] = defaultdict(dict)
    for key, place, sums in _grouped(account, cut, parts, COLUMNS[cut.by]):
        found[key][place] = sums
    made = [_row(choices.of(cut.by, key), days, mine, len(parts)) for key, mine in found.items()]
    made.sort(key=_dearest_first)
    return Report(cut, days, parts, made)


def _dearest_first(row: Row) -> tuple[Decimal, Decimal, str]:
    return -row.sums.spent, -row.sums.returned, row.pick.name if row.pick else ""


def _drawn_days(rows: QuerySet[LedgerEntry], cut: Cut) -> Days:
    """The cut's days; those of its entries where an end is open, or nothing could be drawn."""
    now = clock.now()
    if cut.span.is_short:
        return cut.span.around(now, now)
    # The two ends are looked up in the index; asked together, every entry would be read.
    oldest = rows.aggregate(at=Min("created_at"))["at"] or now
    newest = rows.aggregate(at=Max("created_at"))["at"] or oldest
    return cut.span.around(oldest, newest)


# Each part is a range of the index that holds all a report needs, so PostgreSQL compares no entry
# with a calendar, and knows how few groups a range makes. One statement, however many parts.
_GROUPED = """
SELECT sums.subject, part.place, sums.spent, sums.returned, sums.costly
  FROM unnest(%(begins)s::timestamptz[], %(ends)s::timestamptz[])
           WITH ORDINALITY AS part (begins_at, ends_at, place),
       LATERAL (SELECT {subject} AS subject, sum(spent) AS spent, sum(amount) AS returned,
                       count(*) FILTER (WHERE spent <> 0) AS costly
                  FROM credits_ledgerentry
                 WHERE account_id = %(account)s AND kind IN ('settle', 'release')
                   AND created_at >= part.begins_at AND created_at < part.ends_at {narrowed}
                 GROUP BY {subject} HAVING count(*) > 0) AS sums
"""


def _grouped(
    account: CreditAccount | None, cut: Cut, parts: list[Days], subject: str
) -> list[tuple[Any, int, Sums]]:
    """Whose (by a column of the ledger), in which part, and how much.

    The moments at which parts begin come from here: whatever a zone did, every entry falls into
    one part.
    """
    if account is None:
        return []
    narrowed, wanted = _conditions(cut)
    said: dict[str, Any] = {
        "account": account.pk,
        "begins": [part.begins_at for part in parts],
        "ends": [part.ends_at for part in parts],
    }
    statement = _GROUPED.format(subject=subject, narrowed=narrowed)  # of our own names alone
    with connection.cursor() as cursor:
        cursor.execute(statement, said | wanted)
        return [(key, place - 1, Sums(*sums)) for key, place, *sums in cursor.fetchall()]


def _conditions(cut: Cut) -> tuple[str, dict[str, Any]]:
    """The cut's filters as SQL, as `closings` has them."""
    said, wanted = "", {}
    for name, pick in cut.picks.items():
        column = COLUMNS[name]
        if pick.value == NONE and name != "model":
            said += f" AND {column} IS NULL"
        else:
            said += f" AND {column} = %({column})s"
            wanted[column] = pick.key or ""
    return said, wanted


def _row(pick: Pick, days: Days, sums: dict[int, Sums], count: int) -> Row:
    parts = tuple(sums[number].spent if number in sums else ZERO for number in range(count))
    return Row(pick, days, sum(sums.values(), Sums()), parts)


def _by_day(account: CreditAccount | None, cut: Cut, days: Days) -> Report:
    """A row for every day on which something ended; the chart adds them up to its own parts."""
    every, parts = parts_of(days, DAY), parts_of(days, days.step)
    made = []
    for _account, place, sums in _grouped(account, cut, every, "account_id"):
        shares = tuple(sums.spent if part.holds(every[place]) else ZERO for part in parts)
        made.append(Row(None, every[place], sums, shares))
    made.sort(key=lambda row: row.days.first, reverse=True)
    return Report(cut, days, parts, made)


def held_now(account: CreditAccount | None, cut: Cut) -> Decimal:
    """Credits set aside now for what the cut is narrowed to, whenever they were."""
    if account is None or not account.held:
        return ZERO
    if not cut.picks:
        return account.held
    subjects = [
        (_SCOPES[name].value, int(pick.key))
        for name, pick in cut.picks.items()
        if name in _SCOPES and pick.value != NONE and pick.key is not None
    ]
    kept = usage.use_of(account, subjects, usage.ALL_TIME)
    if len(subjects) == len(cut.picks) == 1:
        return kept[subjects[0]].held
    if any(not use.held for use in kept.values()):
        return ZERO
    return _held_by_entries(account, cut)


def _held_by_entries(account: CreditAccount, cut: Cut) -> Decimal:
    """Every credit taken out of the account for them that is not gone."""
    rows = LedgerEntry.objects.filter(account=account, **cut.where).exclude(kind=Kind.WALLET)
    sums = rows.order_by().aggregate(moved=Sum("amount"), gone=Sum("spent"))
    return -((sums["moved"] or ZERO) + (sums["gone"] or ZERO))


def sums_of(rows: QuerySet[LedgerEntry]) -> Sums:
    """Of these closing entries."""
    found = rows.aggregate(
        gone=Sum("spent"), back=Sum("amount"), costly=Count("spent", filter=~Q(spent=0))
    )
    return Sums(found["gone"] or ZERO, found["back"] or ZERO, found["costly"])
