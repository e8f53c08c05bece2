"""A brief as a person sees it. Reads only, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.briefs.models import Brief, Draft
from rivya_app.core.text import credit_words
from rivya_app.gateway.refusals import Reader
from rivya_app.generations.cards import Again, JobCard, cards_for
from rivya_app.generations.models import Generation
from rivya_app.library.models import StoredFile


@dataclass(slots=True)
class DraftCard:
    """One position of a brief: its newest attempt, and the earlier ones."""

    position: int
    attempt: int
    job: JobCard
    earlier: list[JobCard] = field(default_factory=list)


@dataclass(slots=True)
class BriefCard:
    """One brief in a list."""

    brief: Brief
    url: str
    state: str
    word: str
    cover: StoredFile | None
    counts: dict[str, int]
    cost: Decimal
    by: str
    jobs: list[JobCard]


def draft_cards(
    drafts: Iterable[Draft], *, can_ask_again: bool, reader: Reader | None = None
) -> list[DraftCard]:
    """Newest attempts by position; closed ones offer a further attempt at its price."""
    rows = list(drafts)
    jobs = {card.job.pk: card for card in cards_for([draft.generation for draft in rows], reader)}
    by_position: dict[int, list[Draft]] = defaultdict(list)
    for draft in rows:
        by_position[draft.position].append(draft)
    return [
        _draft_card(attempts, jobs, can_ask_again)
        for _position, attempts in sorted(by_position.items())
    ]


def _draft_card(attempts: list[Draft], jobs: dict[int, JobCard], can_ask_again: bool) -> DraftCard:
    newest = attempts[-1]
    job = jobs[newest.generation_id]
    job.alt = _("Draft %(number)d of %(title)s") % {
        "number": newest.position,
        "title": job.job.title,
    }
    if can_ask_again and not job.job.is_open:
        job.again = again_for(newest)
    earlier = [jobs[draft.generation_id] for draft in reversed(attempts[:-1])]
    return DraftCard(newest.position, newest.attempt, job, earlier)


def again_for(draft: Draft) -> Again:
    """The button for one more attempt; its number makes a double press one attempt."""
    price = credit_words(draft.generation.estimated_credits)
    return Again(
        url=reverse("briefs:new-attempt", args=[draft.brief.public_id, draft.position]),
        words=_("New attempt, %(price)s") % {"price": price},
        name="attempt",
        value=str(draft.attempt + 1),
    )


def brief_cards(briefs: Iterable[Brief]) -> list[BriefCard]:
    """Cards for a page of briefs whose drafts and authors the caller has prefetched."""
    rows = list(briefs)
    latest = {brief.pk: _latest(brief) for brief in rows}
    everything = [generation for drafts in latest.values() for generation in drafts]
    jobs = {card.job.pk: card for card in cards_for(everything)}
    return [_brief_card(brief, [jobs[row.pk] for row in latest[brief.pk]]) for brief in rows]


def _latest(brief: Brief) -> list[Generation]:
    newest = {draft.position: draft.generation for draft in brief.drafts.all()}
    return [newest[position] for position in sorted(newest)]


def _brief_card(brief: Brief, jobs: list[JobCard]) -> BriefCard:
    state = state_of(brief, jobs)
    shown = [file for job in jobs for file in job.files if file.is_stored]
    return BriefCard(
        brief=brief,
        url=reverse("briefs:show-brief", args=[brief.public_id]),
        state=state,
        word=STATE_WORDS[state](),
        cover=shown[0] if shown else None,
        counts=_counts(jobs),
        cost=sum((job.job.final_credits or Decimal(0) for job in jobs), Decimal(0)),
        by=str(brief.created_by),
        jobs=jobs,
    )


STATE_WORDS = {
    "low_credits": lambda: _("Waiting for credits"),
    "processing": lambda: _("Processing"),
    "queued": lambda: _("Queued"),
    "succeeded": lambda: _("Succeeded"),
    "failed": lambda: _("Failed"),
}


def state_of(brief: Brief, jobs: list[JobCard]) -> str:
    """One word for a whole brief: what still moves first, then what came out of it."""
    states = {job.state for job in jobs}
    for moving in ("processing", "queued"):
        if moving in states:
            return moving
    if brief.state == Brief.State.NEEDS_CREDITS or any(
        job.job.error_code == "insufficient_credits" for job in jobs
    ):
        return "low_credits"
    return "succeeded" if "succeeded" in states else "failed"


def _counts(jobs: list[JobCard]) -> dict[str, int]:
    counts = dict.fromkeys(("queued", "processing", "succeeded", "failed"), 0)
    for job in jobs:
        counts[job.state] += 1
    return {**counts, "total": len(jobs)}


def cost_of(drafts: Iterable[Draft]) -> tuple[Decimal, Decimal]:
    """Credits held by running jobs and credits spent, over every attempt."""
    held = spent = Decimal(0)
    for draft in drafts:
        job = draft.generation
        if job.is_open:
            held += job.reserved_credits or job.estimated_credits
        else:
            spent += job.final_credits or Decimal(0)
    return held, spent


def timeline(brief: Brief, drafts: Iterable[Draft]) -> list[tuple[datetime, str, str]]:
    """What happened to a brief: time, sentence, person; oldest first."""
    rows = [(brief.created_at, _("Brief submitted"), str(brief.created_by))]
    for draft in drafts:
        job = draft.generation
        facts = {"number": draft.position, "attempt": draft.attempt}
        person = str(job.requested_by)
        if draft.attempt > 1:
            words = _("Draft %(number)d: attempt %(attempt)d asked for") % facts
            rows.append((job.created_at, words, person))
        if job.finished_at:
            rows.append((job.finished_at, _ending(job) % facts, ""))
    return sorted(rows)


def _ending(job: Generation) -> str:
    if job.status == "succeeded":
        return _("Draft %(number)d is ready")
    return _("Draft %(number)d failed")
