"""A brief as a person sees it. Reads only, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.briefs import standing
from rivya_app.briefs.again import Offer
from rivya_app.briefs.chain import costs_of
from rivya_app.briefs.draft_words import numbers, said, words_for
from rivya_app.briefs.models import Brief, Draft
from rivya_app.briefs.standing import Standing
from rivya_app.credits.statement import Amounts
from rivya_app.gateway.refusals import Reader
from rivya_app.generations.cards import JobCard, cards_for
from rivya_app.generations.models import Generation
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import Membership


@dataclass(slots=True)
class DraftCard:
    """One position of a brief: its newest attempt, and the earlier ones."""

    position: int
    attempt: int
    label: str
    earlier_label: str
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
    icon: str
    needs_look: bool
    jobs: list[JobCard]

    @property
    def campaign_url(self) -> str:
        """The board of its campaign, "" where it has none."""
        campaign = self.brief.campaign
        return reverse("campaigns:show-campaign", args=[campaign.public_id]) if campaign else ""


def draft_cards(
    drafts: Iterable[Draft], *, again: Mapping[int, Offer], reader: Reader | None = None
) -> list[DraftCard]:
    """Newest attempts by position, with what `again` offers there for a further one."""
    rows = list(drafts)
    jobs = {card.job.pk: card for card in cards_for([draft.generation for draft in rows], reader)}
    by_position: dict[int, list[Draft]] = defaultdict(list)
    for draft in rows:
        by_position[draft.position].append(draft)
    number_at = numbers(rows)
    return [
        _draft_card(attempts, jobs, again.get(position), number_at[position])
        for position, attempts in sorted(by_position.items())
    ]


def _draft_card(
    attempts: list[Draft], jobs: dict[int, JobCard], offer: Offer | None, number: int
) -> DraftCard:
    newest = attempts[-1]
    job = jobs[newest.generation_id]
    words = words_for(job.job.media_kind)
    job.alt = said(words.alt, number=number, title=job.job.title)
    if offer:
        job.again, job.change = offer.same, offer.change
    return DraftCard(
        position=newest.position,
        attempt=newest.attempt,
        label=said(words.name, number=number),
        earlier_label=said(words.earlier, number=number),
        job=job,
        earlier=[jobs[draft.generation_id] for draft in reversed(attempts[:-1])],
    )


def brief_cards(briefs: Iterable[Brief], member: Membership | None = None) -> list[BriefCard]:
    """Cards for a page of briefs whose drafts and authors the caller has prefetched."""
    rows = list(briefs)
    latest = {brief.pk: newest_jobs(brief) for brief in rows}
    everything = [generation for drafts in latest.values() for generation in drafts]
    jobs = {card.job.pk: card for card in cards_for(everything)}
    costs = costs_of(draft for brief in rows for draft in brief.drafts.all())
    facts = standing.facts_for(rows)
    cards = []
    for brief in rows:
        mine = [jobs[row.pk] for row in latest[brief.pk]]
        is_paused = any(job.is_paused for job in mine)
        own = standing.own_facts(brief, latest[brief.pk], is_paused=is_paused)
        stands = standing.stand([*own, *facts.get(brief.pk, ())], member.pk if member else 0)
        cards.append(_brief_card(brief, mine, costs.get(brief.pk, Amounts()), stands))
    return cards


def newest_jobs(brief: Brief) -> list[Generation]:
    """The newest attempt at each draft, of a brief whose drafts were prefetched."""
    newest = {draft.position: draft.generation for draft in brief.drafts.all()}
    return [newest[position] for position in sorted(newest)]


def _brief_card(
    brief: Brief, jobs: list[JobCard], cost: Amounts, stands: Standing | None
) -> BriefCard:
    state = state_of(brief, jobs)
    word = _word(state, jobs)
    if stands and stands.code not in standing.OF_DRAFTS:
        state, word = stands.state, stands.word
    shown = [file for job in jobs for file in job.files if file.is_stored]
    return BriefCard(
        brief=brief,
        url=reverse("briefs:show-brief", args=[brief.public_id]),
        state=state,
        word=word,
        cover=shown[0] if shown else None,
        counts=_counts(jobs),
        cost=cost.spent,
        by=str(brief.created_by),
        icon=words_for(brief.media_kind).icon,
        needs_look=any(job.needs_look for job in jobs),
        jobs=jobs,
    )


STATE_WORDS = {
    "low_credits": lambda: _("Waiting for credits"),
    "over_budget": lambda: _("Waiting for budget"),
    "needs_yes": lambda: _("Waiting for the owner’s yes"),
    "paused": lambda: _("Paused"),
    "processing": lambda: _("Processing"),
    "queued": lambda: _("Queued"),
    "succeeded": lambda: _("Succeeded"),
    "failed": lambda: _("Failed"),
}


def _word(state: str, jobs: list[JobCard]) -> str:
    """What nobody can be sure of yet comes before how far the rest is."""
    unsure = [job for job in jobs if job.needs_look or job.is_uncertain]
    asking = sorted(unsure, key=lambda job: not job.needs_look)
    return asking[0].word if asking else STATE_WORDS[state]()


def state_of(brief: Brief, jobs: list[JobCard]) -> str:
    """One word for a whole brief: what still moves first, then what came out of it."""
    states = {job.shown_state for job in jobs}
    for moving in ("processing", "queued", "paused"):
        if moving in states:
            return moving
    if brief.state == Brief.State.NEEDS_BUDGET:
        return "over_budget"
    if brief.state == Brief.State.NEEDS_YES:
        return "needs_yes"
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
