"""Where each brief of a campaign stands, worked out in the database. Reads only.

A brief is in one column. What somebody must do comes first: a draft that waits for a decision, then
one being made; after that what came of it. One statement a question, however many briefs there
are. Jobs and reviews carry the campaign of their brief, which never changes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rivya_app.workspaces.models import Campaign

MAKING, TO_SEND, DECISION, CHANGES = "making", "to_send", "decision", "changes"
APPROVED, HANDED, REJECTED = "approved", "handed", "rejected"
STAGES: dict[str, str | Promise] = {
    MAKING: _("Being made"),
    TO_SEND: _("To be sent for review"),
    DECISION: _("Waiting for a decision"),
    CHANGES: _("Changes wanted"),
    APPROVED: _("Approved"),
    HANDED: _("Handed over"),
    REJECTED: _("Rejected"),
}
# What "being made" is in detail; the other steps are stages themselves.
RUNNING, NEEDS_CREDITS, NEEDS_BUDGET, FAILED = "running", "needs_credits", "needs_budget", "failed"
NEEDS_YES = "needs_yes"
OVER = (HANDED, REJECTED)  # nothing waits there, so the newest come first
SHOWN = 12  # cards of a column
MOST_WAITS = 12

_STAGED = """
with mine as materialized (
    select id, campaign_id, state, coalesce(handed_to_id, created_by_id) as keeper_id,
        created_at, changed_at
    from briefs_brief where campaign_id = any(%(campaigns)s)
), made as (
    select draft.brief_id,
        min(job.created_at) filter (where job.finished_at is null) as open_since,
        max(job.finished_at) filter (where job.status = 'succeeded') as ready_at,
        max(job.finished_at) as ended_at
    from generations_generation job
    join briefs_draft draft on draft.generation_id = job.id
    where job.campaign_id = any(%(campaigns)s)
    group by draft.brief_id
), asked as (
    select review.brief_id,
        min(review.created_at) filter (where review.state = 'pending') as pending_since,
        max(review.closed_at) filter (where review.state = 'approved') as approved_at,
        max(review.closed_at) filter (where review.state = 'changes_wanted') as changes_at,
        max(review.closed_at) filter (where review.state = 'rejected') as rejected_at
    from reviews_review review
    where review.campaign_id = any(%(campaigns)s)
    group by review.brief_id
), packed as (
    select item.brief_id, max(package.built_at) as packed_at
    from mine
    join handoff_packageitem item on item.brief_id = mine.id
    join handoff_package package on package.id = item.package_id and package.state = 'ready'
    group by item.brief_id
), stepped as (
    select mine.id, mine.campaign_id, mine.keeper_id,
        case
            when asked.pending_since is not null then 'decision'
            when made.open_since is not null then 'running'
            when mine.state in ('needs_credits', 'needs_budget', 'needs_yes') then mine.state
            when packed.packed_at is not null then 'handed'
            when asked.approved_at is not null then 'approved'
            when made.ready_at > greatest(asked.changes_at, asked.rejected_at) then 'to_send'
            when asked.changes_at >= coalesce(asked.rejected_at, asked.changes_at) then 'changes'
            when asked.rejected_at is not null then 'rejected'
            when made.ready_at is not null then 'to_send'
            else 'failed'
        end as step,
        asked.pending_since, made.open_since, mine.changed_at, packed.packed_at,
        asked.approved_at, asked.changes_at, asked.rejected_at, made.ready_at,
        coalesce(made.ended_at, mine.created_at) as ended_at
    from mine
    left join made on made.brief_id = mine.id
    left join asked on asked.brief_id = mine.id
    left join packed on packed.brief_id = mine.id
), staged as materialized (
    select id, campaign_id, keeper_id, step,
        case when step in ('running', 'needs_credits', 'needs_budget', 'needs_yes', 'failed')
            then 'making' else step end as stage,
        case step
            when 'decision' then pending_since
            when 'running' then open_since
            when 'needs_credits' then changed_at
            when 'needs_budget' then changed_at
            when 'needs_yes' then changed_at
            when 'handed' then packed_at
            when 'approved' then approved_at
            when 'changes' then changes_at
            when 'rejected' then rejected_at
            when 'to_send' then ready_at
            else ended_at
        end as since
    from stepped
)
"""
_PLACED = """, placed as (
    select id, stage, step, since, row_number() over (
        partition by stage order by
            case when stage = any(%(over)s) then since end desc, since, id
    ) as place
    from staged
)
"""
_COUNT = "select campaign_id, stage, count(*) from staged group by campaign_id, stage"
_PAGE = """
select count(*), null, null, null from staged where stage = %(stage)s
union all (
    select id, stage, step, since from placed
    where stage = %(stage)s order by place limit %(limit)s offset %(offset)s
)
"""
# Three questions to the same table, which is made once: totals, first cards, who waits.
_BOARD = """
select 'total', stage, null, count(*), min(since) from staged group by stage
union all (
    select 'card', stage, step, id, since from placed
    where place <= %(shown)s order by stage, place
)
union all (
    select 'wait', step,
        case when step in ('to_send', 'changes', 'failed') then keeper_id::text end,
        count(*), min(since)
    from staged where step <> all(%(silent)s)
    group by 2, 3 order by 5 limit %(waits)s
)
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one brief stands; `step` says more than its stage while it is being made."""

    brief_id: int
    stage: str
    step: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """Briefs that wait for the same: for one member's next step, or for a role's."""

    step: str
    member_id: int | None
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Board:
    """Totals of every stage, the first cards of each, and what waits, the oldest first."""

    totals: dict[str, int]
    places: list[Place]
    waits: list[Wait]

    @property
    def count(self) -> int:
        return sum(self.totals.values())


def counts(campaigns: Iterable[Campaign]) -> dict[int, dict[str, int]]:
    """By campaign key and stage, every stage named."""
    keys = [campaign.pk for campaign in campaigns]
    found = {key: dict.fromkeys(STAGES, 0) for key in keys}
    for key, stage, number in _rows(_STAGED, _COUNT, campaigns=keys):
        found[key][stage] = number
    return found


def board(campaign: Campaign) -> Board:
    """The whole board in one statement."""
    totals, places, waits = dict.fromkeys(STAGES, 0), [], []
    rows = _rows(
        _STAGED,
        _PLACED,
        _BOARD,
        campaigns=[campaign.pk],
        over=list(OVER),
        shown=SHOWN,
        silent=[RUNNING, *OVER],
        waits=MOST_WAITS,
    )
    for what, stage, detail, number, since in rows:
        if what == "total":
            totals[stage] = number
        elif what == "card":
            places.append(Place(number, stage, detail, since))
        else:
            waits.append(Wait(stage, int(detail) if detail else None, number, since))
    return Board(totals, places, waits)


def places(campaign: Campaign, stage: str, *, offset: int, limit: int) -> tuple[int, list[Place]]:
    """How many briefs are in one stage, and some of them in the order of their column."""
    rows = _rows(
        _STAGED,
        _PLACED,
        _PAGE,
        campaigns=[campaign.pk],
        stage=stage,
        over=list(OVER),
        offset=offset,
        limit=limit,
    )
    return rows[0][0], [Place(*row) for row in rows[1:]]


def _rows(*parts: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("".join(parts), values)
        return cursor.fetchall()
