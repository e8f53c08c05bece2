"""What the desk's pages show. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from rivya_app.core.text import up_to_words
from rivya_app.desk import access, acts, bulk, listing, sources
from rivya_app.desk.acts import Act, Seen
from rivya_app.desk.forms import NoteForm
from rivya_app.desk.listing import Filters, Place
from rivya_app.desk.models import Handled
from rivya_app.desk.sources import CAMPAIGN, KEY, MODEL, PERSON, Item, Source
from rivya_app.desk.timeline import Step, timeline
from rivya_app.gateway import catalogue
from rivya_app.gateway.access import keys_of
from rivya_app.gateway.refusals import Reader
from rivya_app.generations import support_bundle
from rivya_app.generations.cards import JobCard, cards_for
from rivya_app.generations.live import live_for
from rivya_app.generations.models import Generation
from rivya_app.generations.pages import details_of
from rivya_app.workspaces import pauses
from rivya_app.workspaces.access import campaigns, people
from rivya_app.workspaces.models import Membership, Role

Choices = list[tuple[str, str | Promise]]


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the lists, with how much stands in it."""

    source: Source
    count: int
    count_words: str
    query: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Row:
    """An item with why it stands there and whether somebody dealt with it."""

    item: Item
    cause: str
    handled: Handled | None


def open_counts(member: Membership) -> list[tuple[Source, int]]:
    """How much of each list nobody dealt with yet, up to one more than MOST_COUNTED."""
    return [
        (source, listing.count_of(listing.rows_of(member, source)))
        for source in sources.all_of_them()
    ]


def index_page(member: Membership, asked: QueryDict) -> dict[str, Any]:
    """One list, and how much stands in the others; the same number of queries at any length."""
    access.require(member)
    counts = open_counts(member)
    filters = Filters.read(asked)
    filters = replace(filters, kind=filters.kind or _fullest(counts))
    source = sources.by_kind(filters.kind)
    found = listing.find(member, source, filters)
    stretch = listing.page_at(source, found, filters, Place.read(asked))
    tally = listing.tally(member, source, filters.handled)
    return {
        "source": source,
        "tabs": _tabs(counts, filters),
        "filters": filters,
        "rows": _rows(member, source, stretch.rows),
        "found_count": listing.count_of(found),
        "most_counted": listing.MOST_COUNTED,
        "causes": _causes(source, filters, tally),
        "choices": _choices(member, tally, filters),
        "sort_choices": listing.SORTS,
        "pages": _pages(source, stretch),
        "steps": bulk.steps_for(source, filters),
        "most_at_once": bulk.MOST_AT_ONCE,
        "pause": pauses.pause_of(member.workspace),
        "letters_lost": access.letters_lost(member),
    }


def _fullest(counts: Sequence[tuple[Source, int]]) -> str:
    """The first list with anything in it, which is the most pressing one."""
    return next((source.kind for source, count in counts if count), counts[0][0].kind)


def _tabs(counts: Sequence[tuple[Source, int]], filters: Filters) -> list[Tab]:
    return [
        Tab(
            source=source,
            count=count,
            count_words=up_to_words(count, listing.MOST_COUNTED),
            query=Filters(kind=source.kind).query,
            is_on=source.kind == filters.kind,
        )
        for source, count in counts
    ]


def _rows(member: Membership, source: Source, rows: Sequence[Any]) -> list[Row]:
    why = {row.ref: row.why for row in rows}
    marks = access.handled(member, list(why)).filter(kind=source.kind)
    handled = {mark.reference: mark for mark in marks}
    return [
        Row(item, source.words(why[item.reference]), handled.get(item.reference))
        for item in source.items(member, rows)
    ]


def _causes(source: Source, filters: Filters, tally: listing.Tally) -> list[dict[str, Any]]:
    """Each cause in plain words with how often it stands there, as a link that narrows to it."""
    return [
        {
            "words": source.words(code),
            "count": count,
            "is_on": filters.cause == code,
            "query": filters.but(cause="" if filters.cause == code else code),
        }
        for code, count in tally.causes
        if code
    ]


def _choices(member: Membership, tally: listing.Tally, filters: Filters) -> dict[str, Choices]:
    """What each filter can be set to: only what stands in the list."""
    values = tally.values
    found: dict[str, Choices] = {
        "age": _ages(tally),
        "handled": listing.HANDLED,
    }
    if PERSON in values:
        rows = people(member.workspace, values[PERSON])
        found[PERSON] = [("", _("Everybody")), *((str(row.public_id), str(row)) for row in rows)]
    if CAMPAIGN in values:
        named = campaigns(member).filter(pk__in=values[CAMPAIGN])
        found[CAMPAIGN] = [
            ("", _("Every campaign")),
            *((str(row.public_id), row.name) for row in named),
        ]
    if MODEL in values:
        found[MODEL] = [("", _("Every model")), *catalogue.names_of(values[MODEL]).items()]
    if KEY in values:
        keys = keys_of(member).filter(pk__in=values[KEY])
        found[KEY] = [("", _("Every key")), *((str(row.public_id), row.purpose) for row in keys)]
    return {
        name: options
        for name, options in found.items()
        if len(options) > 2 or getattr(filters, name)
    }


def _ages(tally: listing.Tally) -> Choices:
    """Each age with how many rows have it."""
    return [
        (age, f"{words} ({tally.ages[age]}{'+' if tally.is_cut else ''})" if age else words)
        for age, words in listing.AGES
    ]


def _pages(source: Source, stretch: listing.Stretch) -> dict[str, str]:
    """Where the pages before and after this one begin; "" where there is none."""
    rows = stretch.rows
    first, last = (rows[0], rows[-1]) if rows else (None, None)
    return {
        "before": listing.place_of(source, first) if stretch.has_previous and first else "",
        "after": listing.place_of(source, last) if stretch.has_next and last else "",
    }


# --- One job ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """An act on the page of a job: a press, or a page that asks first; or why it does not help."""

    act: Act[Any]
    url: str
    why_not: str = ""
    asks_first: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A list the job stands in, and who dealt with it."""

    source: Source
    handled: Handled | None


def show_page(
    member: Membership, public_id: UUID, note_form: NoteForm | None = None
) -> dict[str, Any]:
    """A job with everything that happened to it and what can be done. Raises Http404."""
    job = access.job(member, public_id)
    [seen] = access.seen([job])
    [card] = cards_for([job], Reader(member))
    card.model_name = catalogue.name_of(job.model_id)
    offers = _offers(member, seen)
    steps = timeline(member, job, seen.files)
    return {
        "card": card,
        "job": job,
        "standings": _standings(member, job),
        "offers": [offer for offer in offers if not offer.why_not],
        "no_offers": [offer for offer in offers if offer.why_not],
        "steps": steps,
        "details": details_of(job, card.model_name),
        "bundle": support_bundle.bundle(job),
        "note_form": note_form or NoteForm(),
        "pause": pauses.pause_of(job.workspace),
        "is_owner": member.has_role(Role.OWNER),
        "live": _live(card, steps),
    }


def _live(card: JobCard, steps: Sequence[Step]) -> Any:
    url = reverse("desk:show-live", args=[card.job.public_id])
    return live_for([card], url, also=f"-{len(steps)}")


def _offers(member: Membership, seen: Seen) -> list[Offer]:
    every = [
        Offer(act, reverse("desk:do", args=[seen.job.public_id, act.code]), _why_not(act, seen))
        for act in acts.AT_ONCE
    ]
    every.append(_release_offer(acts.RELEASE, "desk:release", seen))
    if member.has_role(Role.OWNER):
        every.append(_release_offer(acts.RELEASE_UNSURE, "desk:release-unsure", seen))
    return every


def _release_offer(act: Act[Seen], url_name: str, seen: Seen) -> Offer:
    url = reverse(url_name, args=[seen.job.public_id])
    return Offer(act, url, _why_not(act, seen), asks_first=True)


def _why_not(act: Act[Seen], seen: Seen) -> str:
    code = act.why_not(seen)
    return str(acts.WHY_NOT[code]) if code else ""


def _standings(member: Membership, job: Generation) -> list[Standing]:
    marks = {mark.kind: mark for mark in access.handled(member, [job.reference])}
    return [
        Standing(source, marks.get(source.kind))
        for source in sources.all_of_them()
        if listing.row_named(member, source, job.reference) is not None
    ]


def release_page(member: Membership, public_id: UUID, act: Act[Seen], form: Any) -> dict[str, Any]:
    """What letting its credits go means for this job, and the form for the reason."""
    job = access.job(member, public_id)
    [seen] = access.seen([job])
    [card] = cards_for([job])
    return {"job": job, "card": card, "act": act, "why_not": _why_not(act, seen), "form": form}
