"""One act for several things: what would be changed and what is left out, then what came of each.

What is confirmed are names and never a filter, so that nothing that came meanwhile is swept along.
Each thing is done by itself: what cannot be done holds up nothing, and the same confirmation sent
again does nothing twice. Asking Rivya is left to the sweep, so a press stays quick.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rivya_app.desk import access, actions, acts, listing, turn_acts
from rivya_app.desk.listing import Filters
from rivya_app.desk.sources import Source
from rivya_app.workspaces.models import Membership

MOST_AT_ONCE = 200

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Step:
    """An act as it is offered for several things of a list."""

    code: str
    label: Text
    about: Text
    icon: str
    needs_reason: bool = False


HANDLE = Step(
    "handle",
    _("Mark as handled"),
    _("They leave this list. Nothing else about them changes."),
    "check-check",
)
REOPEN = Step("reopen", _("Put back"), _("They stand in this list again."), "undo-2")
REPLAY = Step(
    "replay",
    _("Apply the message again"),
    _("Messages that still wait are looked at now. Doing so twice does nothing twice."),
    "rotate-cw",
)
_OTHERS = {step.code: step for step in (HANDLE, REOPEN, REPLAY)}


def step_of(code: str) -> Step | None:
    """An act by its code; None for what is none, or is never done for several."""
    act = acts.ACTS.get(code) or turn_acts.ACTS.get(code)
    if act is None:
        return _OTHERS.get(code)
    return Step(act.code, act.label, act.about, act.icon, act.needs_reason)


def steps_for(source: Source, filters: Filters) -> list[Step]:
    """What can be done for several things of this list."""
    steps = (step_of(code) for code in codes_for(source, filters))
    return [step for step in steps if step is not None]


def codes_for(source: Source, filters: Filters) -> list[str]:
    """The codes of the same."""
    marks = {"": ["handle"], "yes": ["reopen"], "all": ["handle", "reopen"]}
    return [*source.acts, *marks[filters.handled]]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing: what it is called, and in words why it is left out or what came of it."""

    reference: str
    title: str
    who: str
    url: str
    why: str = ""
    is_changed: bool = False

    @property
    def is_able(self) -> bool:
        return not self.why


def chosen(member: Membership, source: Source, filters: Filters, asked: QueryDict) -> list[str]:
    """The references that were ticked; with "all", those that the filters find. MOST_AT_ONCE at
    most, each once."""
    if not asked.get("all"):
        return list(dict.fromkeys(asked.getlist("ref")))[:MOST_AT_ONCE]
    rows = listing.find(member, source, filters)
    return list(dict.fromkeys(rows.values_list("ref", flat=True)[:MOST_AT_ONCE]))


def preview(
    member: Membership, source: Source, step: Step, references: Sequence[str]
) -> list[Line]:
    """What would become of each, in a constant number of queries. Raises PermissionDenied."""
    access.require(member)
    rows = _rows(member, source, references)
    items = {item.reference: item for item in source.items(member, list(rows.values()))}
    why_not = _why_not(member, source, step, references)
    return [
        Line(
            reference,
            items[reference].title if reference in items else str(_("No longer in this list")),
            items[reference].who if reference in items else "",
            items[reference].url if reference in items else "",
            why=str(acts.WHY_NOT[code]) if (code := why_not(reference)) else "",
        )
        for reference in references
    ]


def _rows(member: Membership, source: Source, references: Iterable[str]) -> dict[str, Any]:
    """The rows of the list by their names."""
    condition = listing.any_of(source, references)
    rows = listing.rows_of(member, source, "all").filter(condition)
    return {row.ref: row for row in rows[: 2 * MOST_AT_ONCE]}


def _why_not(
    member: Membership, source: Source, step: Step, references: Sequence[str]
) -> Callable[[str], str]:
    """By reference: a code of WHY_NOT, "" where the step helps."""
    if step.code in acts.ACTS:
        act = acts.ACTS[step.code]
        seen = access.seen(access.jobs_named(member, references).values())
        found = {one.job.reference: act.why_not(one) for one in seen}
        return lambda reference: found.get(reference, _no_job(reference))
    if step.code in turn_acts.ACTS:
        return _why_not_turn(member, turn_acts.ACTS[step.code], references)
    if step.code == REPLAY.code:
        waiting = {f"event:{name}" for name in access.waiting_events(member, references)}
        return lambda reference: "" if reference in waiting else "settled"
    marks = access.handled(member, references).filter(kind=source.kind)
    handled = set(marks.values_list("reference", flat=True))
    if step.code == REOPEN.code:
        return lambda reference: "" if reference in handled else "not_handled"
    here = set(_rows(member, source, references))
    return lambda reference: (
        "is_handled" if reference in handled else "" if reference in here else "not_yours"
    )


def _why_not_turn(
    member: Membership, act: acts.Act[turn_acts.SeenTurn], references: Sequence[str]
) -> Callable[[str], str]:
    seen = access.seen_turns(access.turns_named(member, references).values())
    found = {one.turn.reference: act.why_not(one) for one in seen}
    return lambda reference: found.get(
        reference, "not_yours" if reference.startswith("turn:") else "other_than_question"
    )


def _no_job(reference: str) -> str:
    return "not_yours" if reference.startswith("generation:") else "other"


def carry_out(
    member: Membership, source: Source, step: Step, lines: Sequence[Line], reason: str
) -> list[Line]:
    """Do it for each that is able, one after the other; the others come back as they are."""
    return [_one(member, source, step, line, reason) if line.is_able else line for line in lines]


def _one(member: Membership, source: Source, step: Step, line: Line, reason: str) -> Line:
    try:
        is_changed = _press(member, source, step, line.reference, reason)
    except actions.CannotHelp as refusal:
        return _said(line, str(acts.WHY_NOT[refusal.why]))
    except Http404:
        return _said(line, str(acts.WHY_NOT["not_yours"]))
    return _said(line, "", is_changed=is_changed)


def _said(line: Line, why: str, *, is_changed: bool = False) -> Line:
    return Line(line.reference, line.title, line.who, line.url, why, is_changed)


def _press(member: Membership, source: Source, step: Step, reference: str, reason: str) -> bool:
    name = reference.partition(":")[2]
    if step.code in acts.ACTS:
        return actions.repair(member=member, code=step.code, public_id=name, reason=reason)
    if step.code in turn_acts.ACTS:
        return actions.repair_turn(member=member, code=step.code, public_id=name, reason=reason)
    if step.code == REPLAY.code:
        return actions.replay_event(member=member, event_id=name)
    act = actions.put_back if step.code == REOPEN.code else actions.mark_handled
    return act(member=member, kind=source.kind, reference=reference)
