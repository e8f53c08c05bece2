"""Where a brief stands now and whose turn it is, in one line.

Rooms say what they know as facts; what moves or waits comes first, in a fixed order, and after
that what happened last. Pure but for `facts_for`, which asks the rooms above.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rivya_app.briefs.models import Brief
from rivya_app.generations.models import Generation, Status
from rivya_app.workspaces.models import Membership

LOW_CREDITS_CODE = "insufficient_credits"  # Rivya's, of a job it refused

# What moves or waits, the most pressing first.
NEEDS_LOOK, NEEDS_CREDITS, NEEDS_BUDGET = "needs_look", "needs_credits", "needs_budget"
VIDEO_MAKING, MAKING = "video_making", "making"
VIDEO_LOOK, VIDEO_CREDITS, VIDEO_BUDGET = "video_look", "video_credits", "video_budget"
VIDEO_SOON, DECIDING = "video_soon", "deciding"
NEEDS_YES, VIDEO_YES, PAUSED = "needs_yes", "video_yes", "paused"
YES_REFUSED, YES_EXPIRED = "yes_refused", "yes_expired"
PRESSING = (
    NEEDS_LOOK,
    VIDEO_MAKING,
    MAKING,
    PAUSED,
    NEEDS_CREDITS,
    NEEDS_BUDGET,
    NEEDS_YES,
    YES_REFUSED,
    YES_EXPIRED,
    VIDEO_LOOK,
    VIDEO_CREDITS,
    VIDEO_BUDGET,
    VIDEO_YES,
    VIDEO_SOON,
    DECIDING,
)
# What came of it; the newest counts.
CHANGES, APPROVED, REJECTED, HANDED_OVER = "changes", "approved", "rejected", "handed_over"
READY, FAILED = "ready", "failed"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose turn it may be."""

    key: int  # of the membership
    name: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that holds of a brief since `at`. `people` are those whose turn it is."""

    code: str
    at: datetime
    people: tuple[Person, ...] = ()
    count: int = 1


# What the drafts themselves say; lists have finer words for it.
OF_DRAFTS = (NEEDS_LOOK, NEEDS_CREDITS, NEEDS_BUDGET, MAKING, PAUSED, READY, FAILED)


@dataclass(frozen=True, slots=True)
class Standing:
    """`state` colours it as in `_state.html`; `word` is its short form for lists."""

    code: str
    state: str
    word: str
    words: str
    since: datetime
    is_yours: bool = False


_STATES = {
    NEEDS_LOOK: "warning",
    NEEDS_CREDITS: "low_credits",
    NEEDS_BUDGET: "low_credits",
    VIDEO_MAKING: "processing",
    MAKING: "processing",
    VIDEO_LOOK: "warning",
    VIDEO_CREDITS: "low_credits",
    VIDEO_BUDGET: "low_credits",
    PAUSED: "paused",
    NEEDS_YES: "needs_yes",
    YES_REFUSED: "warning",
    YES_EXPIRED: "warning",
    VIDEO_YES: "needs_yes",
    VIDEO_SOON: "queued",
    DECIDING: "queued",
    CHANGES: "warning",
    APPROVED: "succeeded",
    REJECTED: "failed",
    HANDED_OVER: "succeeded",
    READY: "succeeded",
    FAILED: "failed",
}
_WORDS: dict[str, str | Promise] = {
    NEEDS_LOOK: gettext_lazy("Needs a look"),
    NEEDS_CREDITS: gettext_lazy("Waiting for credits"),
    NEEDS_BUDGET: gettext_lazy("Waiting for room in a limit"),
    VIDEO_MAKING: gettext_lazy("Video being made"),
    MAKING: gettext_lazy("Being made"),
    VIDEO_LOOK: gettext_lazy("Needs a look"),
    VIDEO_CREDITS: gettext_lazy("Waiting for credits"),
    VIDEO_BUDGET: gettext_lazy("Waiting for the owner’s yes"),
    PAUSED: gettext_lazy("Paused"),
    NEEDS_YES: gettext_lazy("Waiting for the owner’s yes"),
    YES_REFUSED: gettext_lazy("The owner said no"),
    YES_EXPIRED: gettext_lazy("Nobody answered in time"),
    VIDEO_YES: gettext_lazy("Waiting for the owner’s yes"),
    VIDEO_SOON: gettext_lazy("Video starts soon"),
    DECIDING: gettext_lazy("Waiting for a decision"),
    CHANGES: gettext_lazy("Changes wanted"),
    APPROVED: gettext_lazy("Approved"),
    REJECTED: gettext_lazy("Rejected"),
    HANDED_OVER: gettext_lazy("Handed over"),
    READY: gettext_lazy("Ready"),
    FAILED: gettext_lazy("Failed"),
}
_LINES: dict[str, str | Promise] = {
    NEEDS_LOOK: gettext_lazy("A draft needs a look; support can see it"),
    NEEDS_CREDITS: gettext_lazy("Waiting for credits"),
    NEEDS_BUDGET: gettext_lazy("Waiting: a limit or the campaign’s budget leaves too little"),
    VIDEO_MAKING: gettext_lazy("Approved; the video is being made"),
    VIDEO_LOOK: gettext_lazy("Approved; the video could not start and needs a look"),
    VIDEO_CREDITS: gettext_lazy("Approved; the video waits for credits"),
    VIDEO_BUDGET: gettext_lazy("Approved; the video waits for the owner’s yes"),
    PAUSED: gettext_lazy("Sending is paused; the drafts keep their place"),
    VIDEO_YES: gettext_lazy("Approved; the video waits for the owner’s yes"),
    VIDEO_SOON: gettext_lazy("Approved; the video starts in a moment"),
    APPROVED: gettext_lazy("Approved, ready to be handed over"),
    REJECTED: gettext_lazy("Rejected"),
    HANDED_OVER: gettext_lazy("Handed over"),
    FAILED: gettext_lazy("No draft succeeded"),
}


def stand(facts: Iterable[Fact], reader: int) -> Standing | None:
    """The one fact that counts, said to the member with this key; None where nothing is known."""
    rows = list(facts)
    if not rows:
        return None
    fact = first(rows)
    is_yours = any(person.key == reader for person in fact.people)
    return Standing(
        code=fact.code,
        state=_STATES[fact.code],
        word=str(_WORDS[fact.code]),
        words=_line(fact, is_yours=is_yours),
        since=fact.at,
        is_yours=is_yours,
    )


def first(facts: Sequence[Fact]) -> Fact:
    """The one that counts among at least one."""
    return min(facts, key=_weight)


def _weight(fact: Fact) -> tuple[int, float]:
    """What presses by its place and then the longest; what is over, the newest first."""
    if fact.code in PRESSING:
        return PRESSING.index(fact.code), fact.at.timestamp()
    return len(PRESSING), -fact.at.timestamp()


def _line(fact: Fact, *, is_yours: bool) -> str:
    if fact.code == MAKING:
        words = ngettext(
            "%(count)d draft is being made", "%(count)d drafts are being made", fact.count
        )
        return words % {"count": fact.count}
    if fact.code == DECIDING:
        return _deciding(fact.people, is_yours=is_yours)
    if fact.code == NEEDS_YES:
        return _("Waits for your yes") if is_yours else str(_WORDS[fact.code])
    if fact.code in (YES_REFUSED, YES_EXPIRED):
        return _turn(str(_WORDS[fact.code]), fact.people, is_yours=is_yours)
    if fact.code == CHANGES:
        return _turn(_("Changes wanted"), fact.people, is_yours=is_yours)
    if fact.code == READY:
        words = ngettext("A draft is ready", "%(count)d drafts are ready", fact.count)
        return _turn(words % {"count": fact.count}, fact.people, is_yours=is_yours)
    return str(_LINES[fact.code])


def _deciding(people: Sequence[Person], *, is_yours: bool) -> str:
    if is_yours:
        return _("Waits for your decision")
    names = [person.name for person in people]
    if len(names) == 1:
        return _("Waits for %(name)s’s decision") % {"name": names[0]}
    if len(names) == 2:
        return _("Waits for a decision by %(one)s or %(other)s") % dict(
            zip(("one", "other"), names, strict=True)
        )
    return _("Waits for a decision")


def _turn(words: str, people: Sequence[Person], *, is_yours: bool) -> str:
    if is_yours:
        return _("%(words)s: your turn") % {"words": words}
    if not people:
        return capfirst(words)
    return _("%(words)s: %(name)s’s turn") % {"words": words, "name": people[0].name}


def own_facts(brief: Brief, newest: Sequence[Generation], *, is_paused: bool = False) -> list[Fact]:
    """What the brief and the newest attempt at each draft say. `brief` with its keeper's user.

    `is_paused`: a pause holds back what was not sent yet. What waits for a yes tells `gating`.
    """
    found = [Fact(NEEDS_LOOK, job.changed_at) for job in newest if job.needs_look]
    if brief.state in (Brief.State.NEEDS_CREDITS, Brief.State.NEEDS_BUDGET):
        found.append(Fact(brief.state, brief.changed_at))
    refused = [one for one in newest if one.error_code == LOW_CREDITS_CODE and one.finished_at]
    found += [Fact(NEEDS_CREDITS, job.finished_at) for job in refused if job.finished_at]
    held = [job for job in newest if is_paused and job.status == Status.QUEUED]
    if moving := [job.created_at for job in newest if job.is_open and job not in held]:
        found.append(Fact(MAKING, min(moving), count=len(moving)))
    if held:
        found.append(Fact(PAUSED, min(job.created_at for job in held)))
    made = [job.finished_at for job in newest if job.status == Status.SUCCEEDED and job.finished_at]
    ended = [job.finished_at for job in newest if job.finished_at]
    if made:
        found.append(Fact(READY, max(made), (person(brief.keeper),), len(made)))
    elif ended:
        found.append(Fact(FAILED, max(ended)))
    return found


def person(member: Membership) -> Person:
    """`member` with their user loaded."""
    return Person(member.pk, str(member))


# By the briefs' keys; a constant number of queries, however many briefs.
Teller = Callable[[Sequence[Brief]], Mapping[int, Sequence[Fact]]]
_tellers: dict[str, Teller] = {}


def register(name: str, teller: Teller) -> None:
    """Higher apps say in `ready()` that they know where briefs stand."""
    if _tellers.get(name, teller) is not teller:
        raise ImproperlyConfigured(f"'{name}' tells where briefs stand already.")
    _tellers[name] = teller


def facts_for(briefs: Sequence[Brief]) -> dict[int, list[Fact]]:
    """What the rooms above know of these briefs, by their keys."""
    found: dict[int, list[Fact]] = {}
    if briefs:
        for teller in _tellers.values():
            for key, facts in teller(briefs).items():
                found.setdefault(key, []).extend(facts)
    return found
