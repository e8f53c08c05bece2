"""What the campaign pages show, gathered for their templates."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from rivya_app.campaigns import board, change_words, listing, stages
from rivya_app.campaigns.change_words import channel_words, day_words
from rivya_app.campaigns.forms import CampaignForm
from rivya_app.campaigns.money import Money, money_of
from rivya_app.credits import budgets
from rivya_app.credits.budgets import Share
from rivya_app.gateway import catalogue
from rivya_app.workspaces import access
from rivya_app.workspaces.campaigns import MAY_CHANGE
from rivya_app.workspaces.models import Campaign, Membership

STAGE_PAGE = 24


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """One campaign in the list."""

    campaign: Campaign
    url: str
    dates: str
    money: Money
    stages: list[tuple[str | Promise, int, str]]  # words, count, where they are; none empty
    count: int


def dates_of(campaign: Campaign) -> str:
    """From when to when, as far as it is said."""
    starts = day_words(campaign.starts_on) if campaign.starts_on else ""
    ends = day_words(campaign.ends_on) if campaign.ends_on else ""
    if starts and ends:
        return f"{starts} – {ends}"
    if starts:
        return _("from %(day)s") % {"day": starts}
    return _("until %(day)s") % {"day": ends} if ends else ""


def index_page(member: Membership, asked: QueryDict) -> dict[str, Any]:
    """The list as filtered in the URL."""
    filters = listing.Filters.read(asked)
    page = listing.page_of(listing.find(member, filters), asked.get("page"))
    rows = list(page.object_list)
    money, counts = money_of(rows), stages.counts(rows)
    return {
        "page": page,
        "rows": [_row(one, money[one.pk], counts[one.pk]) for one in rows],
        "filters": filters,
        "query": filters.query,
        "is_filtered": filters.is_filtered,
        "shelves": listing.SHELVES,
        "sorts": listing.SORTS,
        "may_change": member.has_role(*MAY_CHANGE),
    }


def _row(campaign: Campaign, money: Money, counts: dict[str, int]) -> CampaignRow:
    url = reverse("campaigns:show-campaign", args=[campaign.public_id])
    return CampaignRow(
        campaign=campaign,
        url=url,
        dates=dates_of(campaign),
        money=money,
        stages=[
            (words, counts[stage], f"{url}?stage={stage}")
            for stage, words in stages.STAGES.items()
            if counts[stage]
        ],
        count=sum(counts.values()),
    )


def show_page(member: Membership, public_id: UUID, asked: QueryDict) -> dict[str, Any]:
    """The board, or with `stage` in the URL everything in that stage."""
    campaign = _campaign(member, public_id)
    stage = asked.get("stage", "")
    context = _about(member, campaign)
    if stage in stages.STAGES:
        return context | _stage(campaign, stage, asked.get("page"))
    people, found = board.People(campaign), stages.board(campaign)
    return context | {
        "columns": board.columns(campaign, found, people),
        "waits": board.waits(campaign, found, people),
        "count": found.count,
        "changes": change_words.lines_of(campaign),
        "model_names": _model_names(campaign),
    }


def _campaign(member: Membership, public_id: UUID) -> Campaign:
    found = access.campaign(member, public_id)
    found.workspace = member.workspace
    return found


def _about(member: Membership, campaign: Campaign) -> dict[str, Any]:
    may_submit = access.submits_to(member).filter(pk=campaign.pk).exists()
    new_brief = f"{reverse('briefs:new')}?campaign={campaign.public_id}"
    return {
        "campaign": campaign,
        "money": money_of([campaign])[campaign.pk],
        "dates": dates_of(campaign),
        "channels": ", ".join(channel_words(campaign.channels)),
        "may_change": member.has_role(*MAY_CHANGE),
        "new_brief_url": new_brief if may_submit else "",
    }


def _model_names(campaign: Campaign) -> list[tuple[str, str]]:
    chosen = [
        (_("Model for pictures"), campaign.still_model_id),
        (_("Model for videos"), campaign.video_model_id),
    ]
    return [(label, catalogue.name_of(model_id)) for label, model_id in chosen if model_id]


def _stage(campaign: Campaign, stage: str, number: str | None) -> dict[str, Any]:
    return {
        "stage": stage,
        "stage_title": stages.STAGES[stage],
        "page": _stage_page(campaign, stage, number or ""),
        "query": f"stage={stage}",
    }


def _stage_page(campaign: Campaign, stage: str, asked: str) -> Page[Any]:
    """One page of a stage. The database counts and cuts in one go; a page that is not there any
    more is the last one."""
    number = max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1
    total, places = _places(campaign, stage, number)
    pages = Paginator(range(total), STAGE_PAGE)
    if number > pages.num_pages:
        number = pages.num_pages
        total, places = _places(campaign, stage, number)
    return Page(board.cards_of(places, board.People(campaign)), number, pages)


def _places(campaign: Campaign, stage: str, number: int) -> tuple[int, list[stages.Place]]:
    first = (number - 1) * STAGE_PAGE
    return stages.places(campaign, stage, offset=first, limit=STAGE_PAGE)


def cost_page(member: Membership, public_id: UUID) -> dict[str, Any]:
    """Where the campaign's credits went, from the ledger."""
    campaign = _campaign(member, public_id)
    shares = budgets.shares_of(campaign)
    return {
        **_about(member, campaign),
        "shares": [(share, catalogue.name_of(share.model_id)) for share in shares],
        "sum": _sum(shares),
    }


def _sum(shares: list[Share]) -> Share:
    zero = Decimal(0)
    return Share(
        member="",
        model_id="",
        job_count=sum(share.job_count for share in shares),
        used=sum((share.used for share in shares), zero),
        spent=sum((share.spent for share in shares), zero),
    )


def form_page(form: CampaignForm) -> dict[str, Any]:
    """A campaign being made or changed, typed or not yet."""
    money = money_of([form.campaign])[form.campaign.pk] if form.campaign else None
    return {"form": form, "campaign": form.campaign, "money": money}
