"""How much waits, counted no further than anybody reads. Only reads."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from rivya_app.reviews import queue
from rivya_app.reviews.models import Review
from rivya_app.workspaces.models import Membership

MOST_COUNTED = 999  # exactly; counting on would read every review of the workspace
MOST_IN_BADGE = 100  # counted for the rail; it says "99+" from there on


@dataclass(frozen=True, slots=True)
class Tally:
    """How much waits in the member's scope, is theirs to approve, and is late. Counted up to one
    more than MOST_COUNTED."""

    waiting: int
    mine: int
    overdue: int


def tally_of(member: Membership) -> Tally:
    """In three queries that stop at MOST_COUNTED."""
    rows = queue.scope(member).filter(state=Review.State.PENDING)
    mine = queue.of_turn(member, "mine").filter(state=Review.State.PENDING)
    return Tally(
        waiting=counted(rows),
        mine=counted(mine),
        overdue=counted(rows.filter(due_on__lt=queue.today())),
    )


def counted(rows: QuerySet[Review]) -> int:
    """How many there are, at most one more than MOST_COUNTED."""
    return rows.order_by()[: MOST_COUNTED + 1].count()


def tickable(member: Membership, reviews: Iterable[Review]) -> set[int]:
    """The keys of those that the member may approve as they are now. One query."""
    keys = [review.pk for review in reviews if review.is_pending]
    if not keys or not queue.is_decider(member):
        return set()
    mine = queue.of_turn(member, "mine").filter(pk__in=keys, state=Review.State.PENDING)
    return set(mine.values_list("pk", flat=True))


def badge_count(member: Membership) -> int:
    """How many wait for this member's decision, at most MOST_IN_BADGE. One query that stops there;
    none for those who decide nothing."""
    if not queue.is_decider(member):
        return 0
    rows = queue.of_turn(member, "mine").filter(state=Review.State.PENDING)
    return rows.order_by()[:MOST_IN_BADGE].count()
