"""What the brief pages show, gathered for their templates."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from rivya_app.briefs import (
    access,
    campaign_starts,
    cards,
    from_talk,
    kind_words,
    listing,
    standing,
    waiting,
)
from rivya_app.briefs.actions import LOW_CREDITS_CODE, refused_positions
from rivya_app.briefs.again import offers
from rivya_app.briefs.chain import Chain, chain_of
from rivya_app.briefs.chain_steps import own_steps
from rivya_app.briefs.draft_words import words_for
from rivya_app.briefs.forms import BriefForm, first_values, values_of
from rivya_app.briefs.lost import lost_by
from rivya_app.briefs.models import Brief, Draft
from rivya_app.briefs.needs_yes import needs_yes_of
from rivya_app.briefs.over_budget import OverBudget, over_budget
from rivya_app.briefs.quote import quote
from rivya_app.chat.access import conversations_about
from rivya_app.chat.models import Conversation
from rivya_app.core import clock
from rivya_app.core.buttons import Action
from rivya_app.credits import wallet
from rivya_app.credits.low import LowCredits, low_credits
from rivya_app.gateway import catalogue, kinds, param_words
from rivya_app.gateway.access import starting_model, workflow_for
from rivya_app.gateway.refusals import Reader
from rivya_app.generations.cards import JobCard, add_marks
from rivya_app.generations.live import Live, live_for, version_of
from rivya_app.generations.models import Generation
from rivya_app.library import uses
from rivya_app.workspaces import access as workspaces
from rivya_app.workspaces.models import Membership

MOST_TALKS = 3  # conversations named on a brief's page


def form_start(member: Membership, asked: QueryDict) -> dict[str, Any]:
    """What a new form starts from: an earlier brief, a model or a kind named in the URL.

    Raises Http404 for a brief or a campaign that is not the workspace's.
    """
    named = asked.get("model_id", "")
    if earlier := asked.get("from"):
        start = values_of(access.brief(member, earlier))
        return {**start, "model_id": named or start["model_id"]}
    card = catalogue.find(named)
    # Files that somebody looked at in the library.
    files = {"references": asked.getlist("references")}
    kind = asked.get("kind") or (card.media_kind if card else kinds.IMAGE)
    kind = kind if kind in kinds.KINDS else kinds.IMAGE
    start = first_values(named or starting_model(member.workspace, kind), kind) | files
    start |= _campaign_values(member, asked.get("campaign", ""), kind, named)
    return start | _talk_values(member, asked, start["model_id"])


def _talk_values(member: Membership, asked: QueryDict, model_id: str) -> dict[str, Any]:
    """What an answer of the assistant that is named in the URL says."""
    turn_id = asked.get("from_turn", "")
    if not turn_id:
        return {}
    wanted_as = asked.get("as", "")
    found = from_talk.taken(member, turn_id, model_id, wanted_as=wanted_as)
    return {**found.values, "from_turn": turn_id, "taken": found}


def _campaign_values(member: Membership, asked: str, kind: str, named: str) -> dict[str, Any]:
    """What a campaign named in the URL suggests; nothing where it is not open to the member."""
    if not asked:
        return {}
    found = workspaces.campaign(member, asked)
    if not workspaces.submits_to(member).filter(pk=found.pk).exists():
        return {}
    flow = workflow_for(member.workspace, kind)
    return campaign_starts.first_values(found, flow, kind, named)


def form_page(member: Membership, form: BriefForm) -> dict[str, Any]:
    """A new brief, typed or not yet."""
    count = _number(form["draft_count"].value())
    shown = {name: form[name].value() for name in form.fields}
    params = form.controls.wire_params_so_far
    return {
        "form": form,
        "kind_words": kind_words.WORDS,
        "words": kind_words.WORDS[form.kind],
        "model": form.model,
        "models": form.models,
        "controls": form.controls,
        "follows_channel": bool(
            form.kind == kinds.VIDEO and form.chosen_campaign and form.chosen_campaign.video_formats
        ),
        # Made where a template asks for them: most fragments need none.
        "taken": SimpleLazyObject(lambda: _taken(member, form)),
        "price": SimpleLazyObject(
            lambda: quote(member, form.model, count, params(), form.chosen_campaign, form.flow)
        ),
        "suggestion": SimpleLazyObject(lambda: form.suggested_prompt(shown)),
    }


def _taken(member: Membership, form: BriefForm) -> from_talk.Taken | None:
    """The answer that the form begins with; for a form that was sent, to lead back to it alone."""
    turn_id = str(form["from_turn"].value() or "")
    turn = from_talk.readable(member, turn_id) if form.is_bound and turn_id else None
    return from_talk.Taken(turn, "") if turn else form.initial.get("taken")


def _number(value: object) -> int:
    text = str(value)
    return int(text) if text in {"1", "2", "3", "4"} else 1


def show_page(member: Membership, public_id: UUID, known: str = "") -> dict[str, Any]:
    """A brief with its drafts, its cost and what happened; `known` is the version a page has."""
    brief = access.brief(member, public_id)
    drafts = access.drafts_of(brief)
    may_ask = access.may_ask(member, brief)
    again = offers(brief, drafts, member) if may_ask else {}
    shown = cards.draft_cards(drafts, again=again, reader=Reader(member))
    chain = chain_of(member, brief, own_steps(brief, drafts))
    jobs = [card.job for card in shown]
    add_marks(member, [job for card in shown for job in (card.job, *card.earlier)])
    is_paused = any(job.is_paused for job in jobs)
    stands = standing_of(member, brief, [job.job for job in jobs], is_paused=is_paused)
    low = low_credits_of(member, brief, drafts, jobs, may_ask=may_ask)
    over = over_budget_of(member, brief, may_ask=may_ask)
    waits = needs_yes_of(member, brief, may_ask=may_ask)
    starts_soon = bool(waits and waits.is_starting) or any(
        card and card.starts_itself and card.is_enough for card in (low, over)
    )
    return {
        "brief": brief,
        "cards": shown,
        "is_several": sum(any(mark.pick for mark in job.marks) for job in jobs) > 1,
        "references": uses.files_of(brief.reference),
        "from_talk": from_talk.link_of(member, brief),
        "talked_about": talked_about(member, brief, drafts),
        "icon": words_for(brief.media_kind).icon,
        "has_players": any(job.job.media_kind != kinds.IMAGE for job in jobs),
        "chain": chain,
        "cost": chain.amounts,
        "standing": stands,
        "has_other_cards": bool(known) and not known.startswith(f"{len(jobs)}-"),
        "low_credits": low,
        "over_budget": over,
        "needs_yes": waits,
        "live": _live(brief, jobs, chain, stands, starts_soon=starts_soon),
        "model_name": catalogue.name_of(brief.model_id),
        "lost": lost_by(brief, drafts),
        "prompt": brief.prompt,
        "settings": settings_of(brief),
    }


def talked_about(member: Membership, brief: Brief, drafts: Sequence[Draft]) -> list[Conversation]:
    """The newest conversations about the brief or its results that the member may read."""
    jobs = [draft.generation.reference for draft in drafts]
    return list(conversations_about(member, [brief.reference, *jobs])[:MOST_TALKS])


def standing_of(
    member: Membership, brief: Brief, newest: Sequence[Generation], *, is_paused: bool = False
) -> standing.Standing | None:
    """Where the brief stands, said to the member; `newest` are the newest jobs by position."""
    facts = standing.facts_for([brief]).get(brief.pk, [])
    own = standing.own_facts(brief, newest, is_paused=is_paused)
    return standing.stand([*own, *facts], member.pk)


def _live(
    brief: Brief,
    jobs: list[JobCard],
    chain: Chain,
    stands: standing.Standing | None,
    *,
    starts_soon: bool,
) -> Live | None:
    """As for every page with jobs; what is to start soon by itself is waited for as well."""
    url = reverse("briefs:show-live", args=[brief.public_id])
    also = f"-{len(chain.lines)}-{chain.amounts.all}"
    if starts_soon or (stands and stands.code == standing.VIDEO_SOON):
        return Live(url, version_of(jobs, also=also))
    return live_for(jobs, url, also=also)


def chain_page(member: Membership, public_id: UUID) -> dict[str, Any]:
    """A brief's whole chain, to be printed."""
    brief = access.brief(member, public_id)
    chain = chain_of(member, brief, own_steps(brief, access.drafts_of(brief)))
    return {
        "brief": brief,
        "chain": chain,
        "cost": chain.amounts,
        "campaign_name": brief.campaign.name if brief.campaign else "",
        "read_at": clock.now(),
    }


def settings_of(brief: Brief) -> list[tuple[str, str]]:
    """The brief's own words and the model's settings, as rows."""
    rows = [
        (_("Audience"), brief.audience),
        (_("Channel"), brief.get_channel_display()),
        (_("Style"), brief.get_style_display()),
        (_("Language"), brief.get_language_display()),
        *((param_words.label(k), param_words.shown(k, v)) for k, v in brief.params.items()),
    ]
    return [(str(label), str(value)) for label, value in rows if value]


def low_credits_of(
    member: Membership, brief: Brief, drafts: list[Draft], jobs: list[JobCard], *, may_ask: bool
) -> LowCredits | None:
    """One message for the whole brief, whoever refused it; none while what it waits for is room in
    a limit, or a yes: those have messages of their own."""
    if brief.state == Brief.State.NEEDS_YES:
        return None
    ahead = waiting.outlook(brief) if brief.state in waiting.WAITING else None
    if ahead and waits_for_room(brief, ahead):
        return None
    ours = ahead is not None
    refused = [job for job in jobs if job.job.error_code == LOW_CREDITS_CODE]
    if not ours and not refused:
        return None
    unit = refused[0].job.estimated_credits * len(refused) if refused else None
    standing = wallet.standing(brief.workspace)
    may_resume = may_ask and refused_positions(brief, drafts)
    return low_credits(
        member,
        need=brief.needed_credits if ours and brief.needed_credits else unit or standing.low_mark,
        balance=standing.available,
        refused_by="us" if ours else "rivya",
        again=try_again(brief) if may_resume else None,
        starts_itself=bool(ahead and ahead.starts_itself),
        risen_to=ahead.risen_to if ahead else None,
    )


def waits_for_room(brief: Brief, ahead: waiting.Outlook) -> bool:
    """Of the two that may be too little, what is now; what refused it first may be put right."""
    if ahead.is_short and ahead.bound is None:
        return False
    if ahead.bound is not None and not ahead.is_short:
        return True
    return brief.state == Brief.State.NEEDS_BUDGET


def try_again(brief: Brief) -> Action:
    """Starts what was refused, and only that."""
    url = reverse("briefs:resume", args=[brief.public_id])
    return Action(_("Try again"), url, "post", primary=True)


def over_budget_of(member: Membership, brief: Brief, *, may_ask: bool) -> OverBudget | None:
    """Why the brief waits, where it waits for a limit or for its campaign's budget."""
    ahead = waiting.outlook(brief) if brief.state in waiting.WAITING else None
    if ahead is None or not waits_for_room(brief, ahead):
        return None
    return over_budget(
        member,
        ahead.bound,
        need=brief.needed_credits or Decimal(0),
        campaign=brief.campaign,
        again=try_again(brief) if may_ask else None,
        starts_itself=ahead.starts_itself,
        risen_to=ahead.risen_to,
    )


def index_page(member: Membership, asked: QueryDict) -> dict[str, Any]:
    """The list of briefs as filtered in the URL."""
    filters = listing.Filters.read(asked)
    is_narrowed = bool(filters.q or filters.state or filters.campaign)
    rows = listing.find(member, filters)
    page = listing.page_of(rows, asked.get("page"), is_filtered=is_narrowed)
    page.object_list = cards.brief_cards(page.object_list, member)  # type: ignore[assignment]
    return {
        "page": page,
        "filters": filters,
        "is_filtered": filters.is_filtered,
        "query": filters.query,
        "state_choices": listing.STATES,
        "campaign_choices": [
            (str(one.public_id), one.name) for one in workspaces.campaigns(member)
        ],
        "sort_choices": listing.SORTS,
    }
