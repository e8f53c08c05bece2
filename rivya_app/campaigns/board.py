"""The board of a campaign: its briefs as cards in columns, and what waits for whom. Reads only,
in a constant number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rivya_app.briefs.models import Brief, Draft
from rivya_app.campaigns import stages
from rivya_app.campaigns.stages import Board, Place, Wait
from rivya_app.credits.statement import spent_and_held
from rivya_app.library import access as library
from rivya_app.library.models import StoredFile
from rivya_app.reviews.models import VideoConcept
from rivya_app.workspaces import access as workspaces
from rivya_app.workspaces.campaigns import MAY_CHANGE
from rivya_app.workspaces.models import Campaign, Membership, Role

ZERO = Decimal(0)
MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class BoardCard:
    """One brief on the board. Amounts are credits."""

    brief: Brief
    url: str
    cover_url: str  # a small picture of the newest result; "" where there is none
    seller: str
    spent: Decimal
    held: Decimal
    since: datetime
    stage: str
    step: str
    waits: str  # for whom, and for what

    @property
    def kind_icon(self) -> str:
        """What stands on films and sounds; pictures speak for themselves."""
        return {"video": "play", "audio": "volume-2"}.get(self.brief.media_kind, "")


@dataclass(frozen=True, slots=True)
class Column:
    """One stage with its first cards."""

    stage: str
    title: str | Promise
    total: int
    cards: list[BoardCard]
    url: str  # all of them

    @property
    def has_more(self) -> bool:
        return self.total > len(self.cards)


@dataclass(frozen=True, slots=True)
class WaitLine:
    """Something that waits, in words, with the time of the oldest."""

    words: str
    since: datetime
    url: str


class People:
    """Who is waited for in a campaign, by name; asked for once a page."""

    def __init__(self, campaign: Campaign) -> None:
        changers = workspaces.members_with(campaign.workspace, *MAY_CHANGE)
        owners = _few([one for one in changers if one.has_role(Role.OWNER)])
        self._names = {
            stages.DECISION: _few(workspaces.deciders_of(campaign.workspace, campaign)),
            stages.NEEDS_CREDITS: owners,
            stages.NEEDS_YES: owners,
            stages.NEEDS_BUDGET: _few(changers),
        }

    def waited_for(self, step: str, seller: str) -> str:
        """The people whose turn it is at this step."""
        return self._names.get(step, seller)


def columns(campaign: Campaign, board: Board, people: People) -> list[Column]:
    """Every stage in order."""
    cards = cards_of(board.places, people)
    home = reverse("campaigns:show-campaign", args=[campaign.public_id])
    return [
        Column(
            stage=stage,
            title=title,
            total=board.totals[stage],
            cards=[card for card in cards if card.stage == stage],
            url=f"{home}?stage={stage}",
        )
        for stage, title in stages.STAGES.items()
    ]


def cards_of(places: Sequence[Place], people: People) -> list[BoardCard]:
    """A card for each place, in their order."""
    keys = [place.brief_id for place in places]
    rows = Brief.objects.select_related("created_by__user", "handed_to__user")
    rows = rows.defer("points", "prompt", "params")
    briefs = rows.in_bulk(keys)
    jobs = _jobs_of(keys)
    covers = _covers(jobs)
    cost = _cost(jobs, _ordered_videos(keys))
    return [
        _card(briefs[place.brief_id], place, covers, cost, people)
        for place in places
        if place.brief_id in briefs
    ]


def _card(
    brief: Brief,
    place: Place,
    covers: dict[int, StoredFile],
    cost: dict[int, tuple[Decimal, Decimal]],
    people: People,
) -> BoardCard:
    used, spent = cost.get(brief.pk, (ZERO, ZERO))
    seller = str(brief.created_by)
    return BoardCard(
        brief=brief,
        url=reverse("briefs:show-brief", args=[brief.public_id]),
        cover_url=_small(covers.get(brief.pk)),
        seller=seller,
        spent=spent,
        held=used - spent,
        since=place.since,
        stage=place.stage,
        step=place.step,
        waits=_card_words(place.step, people.waited_for(place.step, str(brief.keeper))),
    )


def _jobs_of(briefs: list[int]) -> list[Draft]:
    """Every draft of these briefs with its job, the newest first; their bodies stay where they
    are."""
    rows = Draft.objects.filter(brief__in=briefs).select_related("generation")
    return list(rows.defer("generation__body").order_by("-generation_id"))


def _covers(jobs: Iterable[Draft]) -> dict[int, StoredFile]:
    """By brief, the newest result that is here."""
    newest: dict[int, str] = {}
    for draft in jobs:
        if draft.generation.status == "succeeded":
            newest.setdefault(draft.brief_id, draft.generation.reference)
    files = [file for file in library.files_for(newest.values()) if file.is_stored]
    by_source = {file.source: file for file in reversed(files)}  # the first of each
    return {brief: by_source[ref] for brief, ref in newest.items() if ref in by_source}


def _small(file: StoredFile | None) -> str:
    if file is None:
        return ""
    return file.thumbnail_url or (file.web_url if file.kind == "image" else "")


def _ordered_videos(briefs: list[int]) -> list[tuple[int, str]]:
    """Videos that wait to be started: their credits may be held though they are no drafts yet."""
    rows = VideoConcept.objects.filter(brief__in=briefs, generation=None)
    return [(row.brief_id, row.ledger_reference) for row in rows]


def _cost(
    jobs: Iterable[Draft], videos: Iterable[tuple[int, str]]
) -> dict[int, tuple[Decimal, Decimal]]:
    """By brief, credits used and spent, as the ledger has them."""
    owners = {draft.generation.reference: draft.brief_id for draft in jobs}
    owners |= {reference: brief for brief, reference in videos}
    found: dict[int, tuple[Decimal, Decimal]] = {}
    for reference, amounts in spent_and_held(owners).items():
        used, spent = found.get(owners[reference], (ZERO, ZERO))
        found[owners[reference]] = (used + amounts.all, spent + amounts.spent)
    return found


# --- What waits for whom --------------------------------------------------------------------------


def waits(campaign: Campaign, board: Board, people: People) -> list[WaitLine]:
    """What somebody must do next, the oldest first."""
    sellers = _named([wait.member_id for wait in board.waits])
    home = reverse("campaigns:show-campaign", args=[campaign.public_id])
    lines = [_line(wait, sellers, people, home) for wait in board.waits]
    return sorted([*lines, *_waiting_videos(campaign, people)], key=lambda line: line.since)


def _line(wait: Wait, sellers: dict[int, str], people: People, home: str) -> WaitLine:
    stage = wait.step if wait.step in stages.STAGES else stages.MAKING
    name = people.waited_for(wait.step, sellers.get(wait.member_id or 0, ""))
    return WaitLine(_wait_words(wait.step, wait.count, name), wait.since, f"{home}?stage={stage}")


def _named(keys: Iterable[int | None]) -> dict[int, str]:
    rows = Membership.objects.filter(pk__in=[key for key in keys if key]).select_related("user")
    return {row.pk: str(row) for row in rows}


def _waiting_videos(campaign: Campaign, people: People) -> list[WaitLine]:
    """Videos of approved stills that credits or budget do not reach for, by reason."""
    reasons = {
        VideoConcept.State.NEEDS_CREDITS: stages.NEEDS_CREDITS,
        VideoConcept.State.NEEDS_BUDGET: stages.NEEDS_BUDGET,
        VideoConcept.State.NEEDS_YES: stages.NEEDS_YES,
    }
    rows = VideoConcept.objects.filter(brief__campaign=campaign, state__in=reasons)
    oldest: dict[str, datetime] = {}
    counts: dict[str, int] = dict.fromkeys(reasons.values(), 0)
    for state, changed_at in rows.values_list("state", "created_at").order_by("created_at"):
        reason = reasons[VideoConcept.State(state)]
        oldest.setdefault(reason, changed_at)
        counts[reason] += 1
    owners = people.waited_for(stages.NEEDS_CREDITS, "")
    home = reverse("campaigns:show-campaign", args=[campaign.public_id])
    url = f"{home}?stage={stages.APPROVED}"
    return [WaitLine(_video_words(key, counts[key], owners), at, url) for key, at in oldest.items()]


def _few(people: Sequence[Membership]) -> str:
    """Their names, the first few of many."""
    names = [str(person) for person in people]
    if len(names) <= MOST_NAMES:
        return ", ".join(names)
    more = len(names) - MOST_NAMES + 1
    first = ", ".join(names[: MOST_NAMES - 1])
    return ngettext("%(names)s and %(more)d other", "%(names)s and %(more)d others", more) % {
        "names": first,
        "more": more,
    }


def _card_words(step: str, name: str) -> str:
    words = {
        stages.RUNNING: _("Rivya is making it"),
        stages.NEEDS_CREDITS: _("Needs credits: %(name)s"),
        stages.NEEDS_BUDGET: _("Needs budget: %(name)s"),
        stages.NEEDS_YES: _("Needs a yes: %(name)s"),
        stages.FAILED: _("Failed; to be changed by %(name)s"),
        stages.TO_SEND: _("To be sent by %(name)s"),
        stages.DECISION: _("To be decided by %(name)s"),
        stages.CHANGES: _("To be changed by %(name)s"),
        stages.APPROVED: _("To be handed over"),
    }
    return words.get(step, "") % {"name": name}


def _wait_words(step: str, count: int, name: str) -> str:
    words = {
        stages.NEEDS_CREDITS: ngettext(
            "%(count)d brief waits for credits: %(name)s can add them",
            "%(count)d briefs wait for credits: %(name)s can add them",
            count,
        ),
        stages.NEEDS_BUDGET: ngettext(
            "%(count)d brief waits for budget: %(name)s can raise it",
            "%(count)d briefs wait for budget: %(name)s can raise it",
            count,
        ),
        stages.NEEDS_YES: ngettext(
            "%(count)d brief waits for a yes: %(name)s can give it",
            "%(count)d briefs wait for a yes: %(name)s can give it",
            count,
        ),
        stages.FAILED: ngettext(
            "%(count)d brief failed and waits for a change by %(name)s",
            "%(count)d briefs failed and wait for a change by %(name)s",
            count,
        ),
        stages.TO_SEND: ngettext(
            "%(count)d brief waits for %(name)s to send a draft for review",
            "%(count)d briefs wait for %(name)s to send a draft for review",
            count,
        ),
        stages.DECISION: ngettext(
            "%(count)d brief waits for a decision by %(name)s",
            "%(count)d briefs wait for a decision by %(name)s",
            count,
        ),
        stages.CHANGES: ngettext(
            "%(count)d brief waits for %(name)s to make the changes",
            "%(count)d briefs wait for %(name)s to make the changes",
            count,
        ),
        stages.APPROVED: ngettext(
            "%(count)d approved brief waits to be handed over",
            "%(count)d approved briefs wait to be handed over",
            count,
        ),
    }
    return words[step] % {"count": count, "name": name}


def _video_words(reason: str, count: int, name: str) -> str:
    if reason == stages.NEEDS_CREDITS:
        words = ngettext(
            "%(count)d video waits for credits: %(name)s can add them",
            "%(count)d videos wait for credits: %(name)s can add them",
            count,
        )
    elif reason == stages.NEEDS_YES:
        words = ngettext(
            "%(count)d video waits for a yes: %(name)s can give it",
            "%(count)d videos wait for a yes: %(name)s can give it",
            count,
        )
    else:
        words = ngettext(
            "%(count)d video waits for a yes beyond the budget: %(name)s can give it",
            "%(count)d videos wait for a yes beyond the budget: %(name)s can give it",
            count,
        )
    return words % {"count": count, "name": name}
