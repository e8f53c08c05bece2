"""The references behind a sum: what each had reserved, cost and gave back. Reads only."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from rivya_app.credits import subjects
from rivya_app.credits.models import CreditAccount, LedgerEntry
from rivya_app.credits.report import CLOSING, ZERO, Kind, Sums, closings, sums_of, within
from rivya_app.credits.report_choices import Choices, Pick
from rivya_app.credits.report_cut import Cut
from rivya_app.credits.subjects import Subject

PAGE_SIZE = 30
CHUNK = 4000  # entries read at once for a table that leaves
CSV_HEAD = (
    "time",
    "kind",
    "reference",
    "person",
    "campaign",
    "workflow",
    "model",
    "key_purpose",
    "key_last_four",
    "credits_spent",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One reference that ended. `subject` is None where no app knows it (any more)."""

    reference: str
    at: datetime
    subject: Subject | None
    reserved: Decimal
    settled: Decimal
    returned: Decimal
    person: Pick
    campaign: Pick
    workflow: Pick
    model: Pick
    key: Pick


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, the newest first; `older` names the last one where more follow."""

    lines: list[Line]
    older: str
    total: Sums


def page_of(
    account: CreditAccount | None,
    cut: Cut,
    choices: Choices,
    *,
    before: str,
    is_all: bool = False,
    size: int | None = None,
) -> Page:
    """One page of what the cut counts, as long as usual or `size`; with `is_all` what cost nothing
    as well.

    `before` is the reference that the page before ended with; an unknown one is the first page.
    """
    every = closings(account, cut)
    shown = every if is_all else every.exclude(spent=0)
    newest = _older_than(shown, before).order_by("-created_at", "-id")
    size = size or PAGE_SIZE
    rows = list(newest[: size + 1])
    lines = lines_of(rows[:size], choices)
    older = lines[-1].reference if len(rows) > size else ""
    return Page(lines, older, sums_of(shown))


def _older_than(rows: QuerySet[LedgerEntry], reference: str) -> QuerySet[LedgerEntry]:
    if (
        not reference or not reference.isprintable()
    ):  # typed into an address; a database takes no NUL
        return rows
    seen = rows.filter(reference=reference).values_list("created_at", "id").first()
    if seen is None:
        return rows
    at, key = seen
    # The first condition is what the index is read by, the second cuts within one moment.
    return rows.filter(created_at__lte=at).filter(Q(created_at__lt=at) | Q(id__lt=key))


def lines_of(rows: Sequence[LedgerEntry], choices: Choices) -> list[Line]:
    """These closing entries as lines, in their order; three queries however many they are."""
    references = [row.reference for row in rows]
    reserved, known = _reserved(references), subjects.describe(references)
    return [
        Line(
            reference=row.reference,
            at=row.created_at,
            subject=known.get(row.reference),
            reserved=reserved[row.reference],
            settled=row.spent,
            returned=row.amount,
            person=choices.of("person", row.member_id),
            campaign=choices.of("campaign", row.campaign_id),
            workflow=choices.of("workflow", row.workflow_id),
            model=choices.of("model", row.model_id),
            key=choices.of("key", row.api_key_id),
        )
        for row in rows
    ]


def _reserved(references: Sequence[str]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    rows = LedgerEntry.objects.filter(reference__in=references, kind__in=[Kind.HOLD, Kind.RESERVE])
    for reference, amount in rows.values_list("reference", "amount").order_by():
        found[reference] -= amount
    return found


def kept_lines(
    account: CreditAccount | None, choices: Choices, *, before: str
) -> tuple[list[Line], str]:
    """Jobs that failed and still cost something, and the reference after which more follow."""
    if account is None:
        return [], ""
    found = subjects.failed_but_paid(account.workspace, after=before, count=PAGE_SIZE + 1)
    here = found[:PAGE_SIZE]
    ended = LedgerEntry.objects.filter(account=account, reference__in=here, kind__in=CLOSING)
    by_reference = {row.reference: row for row in ended.exclude(spent=0)}
    rows = [by_reference[reference] for reference in here if reference in by_reference]
    return lines_of(rows, choices), here[-1] if len(found) > PAGE_SIZE else ""


# --- A table that leaves ------------------------------------------------------------------------


def csv_chunks(
    account: CreditAccount | None, cut: Cut, keys: dict[int, tuple[str, str]], choices: Choices
) -> Iterator[list[tuple[object, ...]]]:
    """Every entry that the cut counts, the oldest first, some thousands at a time.

    All of it is of the moment of the first call, though no transaction stays open: entries of one
    account are written one after the other under its lock, so that none of a lower number comes
    later.
    """
    yield [CSV_HEAD]
    last = LedgerEntry.objects.filter(account=account).order_by("-id").values_list("id").first()
    if last is None:
        return
    found = LedgerEntry.objects.filter(account=account, id__lte=last[0], **cut.where)
    rows = within(found.exclude(spent=0), cut.span).order_by("created_at", "id")
    following = rows
    while chunk := list(following.values_list(*_READ)[:CHUNK]):
        yield [_cells(row, cut, keys, choices) for row in chunk]
        key, at = chunk[-1][:2]
        following = rows.filter(created_at__gte=at).filter(Q(created_at__gt=at) | Q(id__gt=key))


_READ = (
    "id",
    "created_at",
    "kind",
    "reference",
    "member_id",
    "campaign_id",
    "workflow_id",
    "model_id",
    "api_key_id",
    "spent",
)


def _cells(
    row: tuple[Any, ...], cut: Cut, keys: dict[int, tuple[str, str]], choices: Choices
) -> tuple[object, ...]:
    _id, at, kind, reference, member, campaign, workflow, model, key, spent = row
    return (
        at.astimezone(cut.zone).isoformat(timespec="seconds"),
        kind,
        reference,
        choices.of("person", member).name,
        choices.of("campaign", campaign).name if campaign else "",
        choices.of("workflow", workflow).name,
        model,
        *keys.get(key, ("", "")),
        spent,
    )


def names_of_keys(keys: Iterable[Any]) -> dict[int, tuple[str, str]]:
    """By the ledger's key of a key: its purpose and its last four characters."""
    return {one.pk: (one.purpose, one.last_four) for one in keys}
