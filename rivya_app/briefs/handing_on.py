"""Briefs of somebody who leaves the team become those of whoever goes on with their work."""

from collections.abc import Iterator, Sequence

from django.urls import reverse

from rivya_app.briefs import access, listing, standing
from rivya_app.briefs.cards import newest_jobs
from rivya_app.briefs.models import Brief
from rivya_app.core import clock
from rivya_app.notices import actions as notices
from rivya_app.notices.models import Notice
from rivya_app.workspaces.leaving import Departure
from rivya_app.workspaces.models import Membership

_OVER = (standing.HANDED_OVER, standing.REJECTED)
_BATCH = 200  # briefs read at a time


def hand_on(departure: Departure) -> None:
    """Give the heir every brief of the leaver's that is not over, and tell them. What they wrote
    and asked for stays theirs; only whose turn it is changes."""
    leaver, heir = departure.leaver, departure.heir
    keys = list(_open_ones(leaver))
    if not keys:
        return
    Brief.objects.filter(pk__in=keys).update(handed_to=heir)
    notices.tell(
        [heir],
        kind=Notice.Kind.HANDED_ON,
        facts={"name": str(leaver), "count": len(keys)},
        link=f"{reverse('briefs:index')}?mine=1",
        event_key=f"handed-on:{leaver.public_id}:{clock.now().timestamp()}",
    )


def _open_ones(leaver: Membership) -> Iterator[int]:
    """The keys of the leaver's briefs that somebody still has to go on with."""
    mine = access.briefs(leaver).filter(access.kept_by(leaver)).order_by("pk")
    keys = list(mine.values_list("pk", flat=True))
    for start in range(0, len(keys), _BATCH):
        part = Brief.objects.filter(pk__in=keys[start : start + _BATCH])
        yield from _open_of(list(listing.with_drafts(part)))


def _open_of(briefs: Sequence[Brief]) -> Iterator[int]:
    told = standing.facts_for(briefs)
    for brief in briefs:
        facts = [*standing.own_facts(brief, newest_jobs(brief)), *told.get(brief.pk, ())]
        if not facts or standing.first(facts).code not in _OVER:
            yield brief.pk
