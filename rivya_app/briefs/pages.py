"""What the brief pages show, gathered for their templates."""

from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from rivya_app.briefs import access, cards, kind_words, listing
from rivya_app.briefs.actions import LOW_CREDITS_CODE, MAY_SUBMIT, refused_positions
from rivya_app.briefs.again import offers
from rivya_app.briefs.draft_words import words_for
from rivya_app.briefs.forms import BriefForm, first_values, values_of
from rivya_app.briefs.lost import lost_by
from rivya_app.briefs.models import Brief, Draft
from rivya_app.briefs.quote import quote
from rivya_app.core.buttons import Action
from rivya_app.credits import wallet
from rivya_app.credits.low import LowCredits, low_credits
from rivya_app.gateway import catalogue, kinds, param_words
from rivya_app.gateway.access import starting_model
from rivya_app.gateway.refusals import Reader
from rivya_app.generations.cards import JobCard, add_marks
from rivya_app.generations.live import live_for
from rivya_app.library import uses
from rivya_app.workspaces.models import Membership


def form_start(member: Membership, asked: QueryDict) -> dict[str, Any]:
    """What a new form starts from: an earlier brief, a model or a kind named in the URL.

    Raises Http404 for a brief that is not the workspace's.
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
    return first_values(named or starting_model(member.workspace, kind), kind) | files


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
        # Made where a template asks for them: most fragments need neither.
        "price": SimpleLazyObject(lambda: quote(member.workspace, form.model, count, params())),
        "suggestion": SimpleLazyObject(lambda: form.suggested_prompt(shown)),
    }


def _number(value: object) -> int:
    text = str(value)
    return int(text) if text in {"1", "2", "3", "4"} else 1


def show_page(member: Membership, public_id: UUID) -> dict[str, Any]:
    """A brief with its drafts, its cost and what happened."""
    brief = access.brief(member, public_id)
    drafts = access.drafts_of(brief)
    again = offers(brief, drafts) if member.has_role(*MAY_SUBMIT) else {}
    shown = cards.draft_cards(drafts, again=again, reader=Reader(member))
    held, spent = cards.cost_of(drafts)
    jobs = [card.job for card in shown]
    add_marks(member, [job for card in shown for job in (card.job, *card.earlier)])
    return {
        "brief": brief,
        "cards": shown,
        "is_several": sum(any(mark.pick for mark in job.marks) for job in jobs) > 1,
        "references": uses.files_of(brief.reference),
        "icon": words_for(brief.media_kind).icon,
        "timeline": cards.timeline(brief, drafts),
        "cost": {"held": held, "spent": spent},
        "low_credits": low_credits_of(member, brief, drafts, jobs),
        "live": live_for(jobs, reverse("briefs:show-live", args=[brief.public_id])),
        "model_name": catalogue.name_of(brief.model_id),
        "lost": lost_by(brief),
        "campaign_name": brief.campaign.name if brief.campaign else "",
        "prompt": brief.prompt,
        "settings": settings_of(brief),
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
    member: Membership, brief: Brief, drafts: list[Draft], jobs: list[JobCard]
) -> LowCredits | None:
    """One message for the whole brief, whoever refused it."""
    ours = brief.state == Brief.State.NEEDS_CREDITS
    refused = [job for job in jobs if job.job.error_code == LOW_CREDITS_CODE]
    if not ours and not refused:
        return None
    unit = refused[0].job.estimated_credits * len(refused) if refused else None
    standing = wallet.standing(brief.workspace)
    again = Action(
        _("Try again"), reverse("briefs:resume", args=[brief.public_id]), "post", primary=True
    )
    may_resume = member.has_role(*MAY_SUBMIT) and refused_positions(brief, drafts)
    return low_credits(
        member,
        need=brief.needed_credits if ours and brief.needed_credits else unit or standing.low_mark,
        balance=standing.available,
        refused_by="us" if ours else "rivya",
        again=again if may_resume else None,
    )


def index_page(member: Membership, asked: QueryDict) -> dict[str, Any]:
    """The list of briefs as filtered in the URL."""
    filters = listing.Filters.read(asked)
    is_narrowed = bool(filters.q or filters.state)
    rows = listing.find(member, filters)
    page = listing.page_of(rows, asked.get("page"), is_filtered=is_narrowed)
    page.object_list = cards.brief_cards(page.object_list)  # type: ignore[assignment]
    return {
        "page": page,
        "filters": filters,
        "is_filtered": filters.is_filtered,
        "query": filters.query,
        "state_choices": listing.STATES,
        "sort_choices": listing.SORTS,
    }
