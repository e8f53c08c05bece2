"""Whom a review waits for, since when and until when, in words. Reads only."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from babel.dates import format_timedelta
from django.utils.translation import gettext as _

from rivya_app.core import clock
from rivya_app.core.text import date_words, reader_locale, unit_length
from rivya_app.reviews.models import Review
from rivya_app.reviews.queue import today
from rivya_app.workspaces.access import MAY_DECIDE, members_with
from rivya_app.workspaces.models import Campaign, Membership, Workspace

NAMED = 2  # people; more are counted


@dataclass(frozen=True, slots=True)
class Due:
    """Until when a decision is wanted, in words; overdue is a word and a shape too."""

    word: str
    is_overdue: bool = False
    is_near: bool = False  # today or tomorrow


def due_of(review: Review) -> Due | None:
    """None where nobody set a date."""
    if review.due_on is None:
        return None
    left = (review.due_on - today()).days
    if left < 0 and review.is_pending:
        return Due(_("Overdue since %(day)s") % {"day": date_words(review.due_on)}, True)
    if left == 0:
        return Due(_("Due today"), is_near=True)
    if left == 1:
        return Due(_("Due tomorrow"), is_near=True)
    return Due(_("Due %(day)s") % {"day": date_words(review.due_on)})


Deciders = Mapping[int | None, Sequence[Membership]]


def deciders_by_campaign(workspace: Workspace, campaigns: Collection[int | None]) -> Deciders:
    """Who decides in each of these campaigns (keys; None: in none). Two queries."""
    everybody = members_with(workspace, *MAY_DECIDE)
    named: dict[int | None, set[int]] = defaultdict(set)
    rows = Campaign.deciders.through.objects.filter(campaign__in=filter(None, campaigns))
    for campaign, member in rows.values_list("campaign", "membership"):
        named[campaign].add(member)
    return {
        key: [member for member in everybody if not named[key] or member.pk in named[key]]
        for key in campaigns
    }


def deciders_for(reviews: Iterable[Review]) -> Deciders:
    """Who decides in the campaigns of these reviews of one workspace. At most two queries."""
    rows = list(reviews)
    if not rows:
        return {}
    return deciders_by_campaign(rows[0].workspace, {row.campaign_id for row in rows})


def names_of(review: Review, deciders: Deciders) -> str:
    """ "Meera or Vikram", "Meera, Vikram or 3 others"; without the maker, who has to wait too.
    Names nobody where nobody may decide."""
    makers = {review.brief.created_by_id, review.requested_by_id}
    people = list(deciders.get(review.campaign_id, ()))
    others = [member for member in people if member.pk not in makers] or people
    names = [str(member) for member in others[:NAMED]]
    if len(others) > NAMED:
        return _("%(names)s or %(count)d others") % {
            "names": ", ".join(names),
            "count": len(others) - NAMED,
        }
    return _(" or ").join(names)


def waits_words(review: Review, deciders: Deciders) -> str:
    """ "Waits for Meera or Vikram since 2 hours, due tomorrow." for the one who asked."""
    since = format_timedelta(
        clock.now() - review.created_at, format=unit_length(), locale=reader_locale()
    )
    names = names_of(review, deciders) or _("a campaign manager")
    due = due_of(review)
    if due is None:
        return _("Waits for %(names)s since %(time)s.") % {"names": names, "time": since}
    said = {"names": names, "time": since, "due": _lowered(due.word)}
    return _("Waits for %(names)s since %(time)s, %(due)s.") % said


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]
