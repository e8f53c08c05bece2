"""The way of a brief from its submission to what left the house, as steps in time, with its cost.

Rooms above register what they add. A step names the ledger references it was paid under; amounts
are read from the ledger alone, each reference counted once: what is held at the first step that
names it, what is spent at the last. So the sum over the steps is the sum in the ledger.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from django.core.exceptions import ImproperlyConfigured

from rivya_app.briefs.models import Brief, Draft
from rivya_app.credits.statement import Amounts, spent_and_held, total
from rivya_app.workspaces.models import Membership


def _anybody(_member: Membership) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened. Words are in the reader's language; `kind` picks the icon."""

    at: datetime
    kind: str  # brief, attempt, result, failure, review, decision, video or handoff
    words: str
    by: str = ""
    note: str = ""  # as a person typed it
    url: str = ""
    reference: str = ""  # in the ledger; "" where the step costs nothing
    also_paid: tuple[str, ...] = ()  # further references
    lines: tuple[str, ...] = ()  # what belongs to it, a line each
    may_open: Callable[[Membership], bool] = _anybody  # who may follow `url`

    @property
    def references(self) -> tuple[str, ...]:
        return (self.reference, *self.also_paid) if self.reference else self.also_paid


Contributor = Callable[[Brief], Iterable[Step]]
_contributors: dict[str, Contributor] = {}


def register(name: str, contributor: Contributor) -> None:
    """Higher apps say in `ready()` which steps they add to a brief."""
    if _contributors.get(name, contributor) is not contributor:
        raise ImproperlyConfigured(f"'{name}' adds steps already.")
    _contributors[name] = contributor


def added_steps(brief: Brief) -> list[Step]:
    """What the rooms above add, in no order; a constant number of queries."""
    return [step for contributor in _contributors.values() for step in contributor(brief)]


@dataclass(frozen=True, slots=True)
class Line:
    """A step with its credits and all that was used up to it. `amounts` None: it costs nothing."""

    number: int
    step: Step
    url: str  # "" where the reader may not follow it
    amounts: Amounts | None
    so_far: Decimal

    @property
    def is_quiet(self) -> bool:
        """Nobody's words, no decision and nothing paid, so a long chain may fold it away."""
        step = self.step
        return step.kind in QUIET_KINDS and not (self.amounts or step.note or step.lines)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines in a row, shown or folded away together."""

    lines: list[Line]
    is_folded: bool


QUIET_KINDS = ("attempt", "review", "handoff")
LONG = 16  # lines; a shorter chain is shown whole
FEWEST_FOLDED = 3
SHOWN_LAST = 6  # the newest lines are never folded


@dataclass(frozen=True)
class Chain:
    """Every step of a brief, oldest first, and what they cost together."""

    lines: Sequence[Line]

    @property
    def amounts(self) -> Amounts:
        return total(line.amounts for line in self.lines if line.amounts)

    @cached_property
    def blocks(self) -> list[Block]:
        """The lines, quiet ones of a long chain folded away. Money never is."""
        if len(self.lines) <= LONG:
            return [Block(list(self.lines), is_folded=False)] if self.lines else []
        blocks: list[Block] = []
        for index, line in enumerate(self.lines):
            is_quiet = line.is_quiet and 0 < index < len(self.lines) - SHOWN_LAST
            if not blocks or blocks[-1].is_folded != is_quiet:
                blocks.append(Block([], is_quiet))
            blocks[-1].lines.append(line)
        return _without_short_folds(blocks)


def _without_short_folds(blocks: Iterable[Block]) -> list[Block]:
    kept: list[Block] = []
    for block in blocks:
        is_folded = block.is_folded and len(block.lines) >= FEWEST_FOLDED
        if kept and not is_folded and not kept[-1].is_folded:
            kept[-1].lines.extend(block.lines)
        else:
            kept.append(Block(list(block.lines), is_folded))
    return kept


def chain_of(member: Membership, brief: Brief, own: Iterable[Step]) -> Chain:
    """`own` are the steps of the brief and its drafts (`chain_steps.own_steps`)."""
    steps = sorted([*own, *added_steps(brief)], key=lambda step: step.at)
    ledger = spent_and_held(reference for step in steps for reference in step.references)
    amounts = _placed(steps, ledger)
    lines, so_far = [], Decimal(0)
    for number, (step, amount) in enumerate(zip(steps, amounts, strict=True), start=1):
        so_far += amount.all if amount else 0
        url = step.url if step.url and step.may_open(member) else ""
        lines.append(Line(number, step, url, amount, so_far))
    return Chain(lines)


def _placed(steps: Sequence[Step], ledger: dict[str, Amounts]) -> list[Amounts | None]:
    """What each step shows: what is held where a reference is named first, what is spent last."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    for index, step in enumerate(steps):
        for reference in step.references:
            first.setdefault(reference, index)
            last[reference] = index
    found: list[list[Amounts]] = [[] for _step in steps]
    for reference, amounts in ledger.items():
        if amounts.held:
            found[first[reference]].append(Amounts(held=amounts.held))
        if amounts.spent or not amounts.held:
            found[last[reference]].append(Amounts(spent=amounts.spent))
    return [total(rows) if rows else None for rows in found]


def costs_of(drafts: Iterable[Draft]) -> dict[int, Amounts]:
    """By brief, what its drafts cost so far; one query, for lists of briefs."""
    references = [(draft.brief_id, draft.generation.reference) for draft in drafts]
    ledger = spent_and_held(reference for _brief, reference in references)
    found: dict[int, list[Amounts]] = {}
    for brief_id, reference in references:
        found.setdefault(brief_id, []).append(ledger.get(reference, Amounts()))
    return {brief_id: total(rows) for brief_id, rows in found.items()}
