"""The list of reviews: filters, order and place, all of them in the URL. Reads only.

A place in the list is a review, not a number of a page: what is decided meanwhile leaves the list,
and no draft is skipped by it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rivya_app.core import clock
from rivya_app.core.text import search_words
from rivya_app.reviews import access
from rivya_app.reviews.models import Review, ReviewSettings, VideoConcept
from rivya_app.workspaces.models import Membership

PAGE_SIZE = 30
MOST_IN_BADGE = 100  # counted for the rail; it says "99+" from there on
NO_CAMPAIGN = "none"

Choices = list[tuple[str, str | Promise]]
STATES: Choices = [("", _("Waiting for a decision")), ("decided", _("Decided"))]
VERDICTS: Choices = [
    ("", _("Every decision")),
    ("approved", _("Approved")),
    ("changes_wanted", _("Changes wanted")),
    ("rejected", _("Rejected")),
    ("withdrawn", _("Withdrawn")),
]
KINDS: Choices = [
    ("", _("Every kind")),
    ("image", _("Images")),
    ("video", _("Videos")),
    ("audio", _("Audio")),
]
DUE: Choices = [
    ("", _("Whenever due")),
    ("overdue", _("Overdue")),
    ("week", _("Due within a week")),
]
TURNS: Choices = [
    ("", _("Everything I decide on")),
    ("mine", _("Waits for me")),
    ("others", _("Waits for somebody else")),
]
SORTS: Choices = [
    ("", _("Due first")),
    ("newest", _("Newest first")),
    ("oldest", _("Asked longest ago")),
]
DECIDED_SORTS: Choices = [("", _("Decided last")), *SORTS[1:]]
LOOKS: Choices = [("", _("List")), ("grid", _("Pictures"))]

# Column and whether it runs downwards; the last one makes the order whole.
Order = Sequence[tuple[str, bool]]
_BY_DUE: Order = (("due_on", False), ("created_at", False), ("id", False))
_BY_DECISION: Order = (("closed_at", True), ("id", True))
_ORDERS: dict[str, Order] = {
    "newest": (("created_at", True), ("id", True)),
    "oldest": (("created_at", False), ("id", False)),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for; unknown words count as nothing asked."""

    q: str = ""
    state: str = ""
    verdict: str = ""
    campaign: str = ""  # a public id, or NO_CAMPAIGN
    kind: str = ""
    seller: str = ""  # the public id of whose brief it is
    due: str = ""
    turn: str = ""
    sort: str = ""
    look: str = ""

    @classmethod
    def read(cls, asked: QueryDict) -> "Filters":
        def known(name: str, choices: Choices) -> str:
            word = asked.get(name, "")
            return word if word in dict(choices) else ""

        is_decided = asked.get("state") == "decided"
        campaign = asked.get("campaign", "")
        return cls(
            q=search_words(asked.get("q", "")),
            state="decided" if is_decided else "",
            verdict=known("verdict", VERDICTS) if is_decided else "",
            campaign=campaign if campaign == NO_CAMPAIGN else _uuid_or_nothing(campaign),
            kind=known("kind", KINDS),
            seller=_uuid_or_nothing(asked.get("seller", "")),
            due="" if is_decided else known("due", DUE),
            turn="" if is_decided else known("turn", TURNS),
            sort=known("sort", SORTS),
            look=known("look", LOOKS),
        )

    @property
    def is_decided(self) -> bool:
        return self.state == "decided"

    @property
    def is_filtered(self) -> bool:
        """Whether it shows less than everything that waits, or everything that is decided."""
        return self.narrowed_count > 0

    @property
    def narrowed_count(self) -> int:
        spared = ("state", "sort", "look")
        return sum(bool(value) for name, value in asdict(self).items() if name not in spared)

    @property
    def query(self) -> str:
        """For links to other places of the same list, and to the reviews in it."""
        return urlencode({name: value for name, value in asdict(self).items() if value})

    @property
    def order(self) -> Order:
        return _ORDERS.get(self.sort) or (_BY_DECISION if self.is_decided else _BY_DUE)


def _uuid_or_nothing(text: str) -> str:
    try:
        return str(UUID(text)) if text else ""
    except ValueError:
        return ""


def is_decider(member: Membership) -> bool:
    return member.has_role(*access.DECIDERS)


def scope(member: Membership) -> QuerySet[Review]:
    """What a decider may decide on; for others, what they may see."""
    return access.decidable(member) if is_decider(member) else access.reviews(member)


def find(member: Membership, filters: Filters) -> QuerySet[Review]:
    """The reviews that match, in their order."""
    rows = _of_turn(member, filters.turn).filter(_in_state(filters))
    if filters.campaign == NO_CAMPAIGN:
        rows = rows.filter(campaign=None)
    elif filters.campaign:
        rows = rows.filter(campaign__public_id=filters.campaign)
    if filters.kind:
        rows = rows.filter(media_kind=filters.kind)
    if filters.seller:
        rows = rows.filter(brief__created_by__public_id=filters.seller)
    if filters.due:
        rows = rows.filter(_due(filters.due))
    if filters.q:
        rows = rows.filter(Q(brief__product__icontains=filters.q) | Q(note__icontains=filters.q))
    return rows.order_by(*_columns(filters.order))


def _in_state(filters: Filters) -> Q:
    if not filters.is_decided:
        return Q(state=Review.State.PENDING)
    return Q(state=filters.verdict) if filters.verdict else ~Q(state=Review.State.PENDING)


def today() -> date:
    """The reader's day, by which a due date is over."""
    return timezone.localdate(clock.now())


def _due(word: str) -> Q:
    if word == "overdue":
        return Q(due_on__lt=today())
    return Q(due_on__gte=today(), due_on__lte=today() + timedelta(days=7))


def _of_turn(member: Membership, turn: str) -> QuerySet[Review]:
    if turn == "mine":
        return access.decidable(member).exclude(_needs_other_eyes(member))
    if turn == "others":
        mine = access.decidable(member).exclude(_needs_other_eyes(member))
        return access.reviews(member).exclude(pk__in=mine.values("pk"))
    return scope(member)


def _needs_other_eyes(member: Membership) -> Q:
    """Reviews of the member's own work where makers may not approve: `actions.is_own_work` and
    `actions.makers_may_approve` as conditions."""
    ordered = VideoConcept.objects.filter(generation=OuterRef("generation"))
    own = Q(brief__created_by=member) | (Q(generation__requested_by=member) & ~Exists(ordered))
    settings = ReviewSettings.objects.filter(workspace=member.workspace_id)
    makers_may = Q(campaign__makers_may_approve=True) | (
        Q(campaign=None) & Exists(settings.filter(makers_may_approve=True))
    )
    return own & ~makers_may


def _columns(order: Order) -> list[Any]:
    """What has no date comes after what has one."""
    return [
        F(name).desc() if is_down else F(name).asc(nulls_last=True if name == "due_on" else None)
        for name, is_down in order
    ]


def _beyond(order: Order, review: Review, *, is_after: bool) -> Q:
    """The rows before or after this review in the order, wherever the review itself is by now."""
    (name, is_down), *rest = order
    value = getattr(review, name)
    if name == "closed_at" and value is None:
        value = clock.now()  # open again: before everything that is decided
    if value is None:
        further = Q(pk__in=[]) if is_after else Q(**{f"{name}__isnull": False})
        same = Q(**{f"{name}__isnull": True})
    else:
        further = Q(**{f"{name}__{'gt' if is_after != is_down else 'lt'}": value})
        if name == "due_on" and is_after:
            further |= Q(due_on__isnull=True)
        same = Q(**{name: value})
    return further | (same & _beyond(rest, review, is_after=is_after)) if rest else further


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Where a review stands in a list. `position` (from 1) is None where it is not in it, as when
    it was decided; the neighbours are those of the place it had."""

    previous: Review | None
    next: Review | None
    position: int | None
    count: int


def neighbours(member: Membership, review: Review, filters: Filters) -> Neighbours:
    """The reviews before and after this one in the list as it is now. Two queries."""
    rows = find(member, filters)
    before = _beyond(filters.order, review, is_after=False)
    after = _beyond(filters.order, review, is_after=True)
    counted = rows.order_by().aggregate(
        count=Count("pk"),
        before=Count("pk", filter=before),
        here=Count("pk", filter=Q(pk=review.pk)),
    )
    nearest = rows.filter(before).reverse().values("pk")[:1], rows.filter(after).values("pk")[:1]
    beside = with_details(Review.objects.filter(Q(pk=nearest[0]) | Q(pk=nearest[1])))
    by_side = {"previous": None, "next": None} | {
        "previous" if _is_before(filters.order, row, review) else "next": row for row in beside
    }
    position = counted["before"] + 1 if counted["here"] else None
    return Neighbours(**by_side, position=position, count=counted["count"])


def _is_before(order: Order, one: Review, other: Review) -> bool:
    for name, is_down in order:
        first, second = getattr(one, name), getattr(other, name)
        if first == second:
            continue
        if second is None:
            return name != "closed_at"  # no date: last; no decision: first
        if first is None:
            return False
        return bool(first > second) if is_down else bool(first < second)
    return False


def with_details(rows: QuerySet[Review]) -> QuerySet[Review]:
    """Ready to be shown with picture, people and campaign, in a constant number of queries."""
    related = rows.select_related(
        "brief__created_by__user", "campaign", "file", "requested_by__user", "generation"
    )
    return related.defer("file__remote_url").prefetch_related("file__derivatives")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the list begins: `after` a review, `before` it, or around (`at`) it; all of
    them public ids. What is no review the member may see is the beginning."""

    at: str = ""
    after: str = ""
    before: str = ""

    @classmethod
    def read(cls, asked: QueryDict) -> "Place":
        return cls(**{name: _uuid_or_nothing(asked.get(name, "")) for name in cls.__slots__})


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A stretch of the list."""

    rows: list[Review]
    has_previous: bool
    has_next: bool


def page_at(member: Membership, filters: Filters, place: Place) -> QueuePage:
    """PAGE_SIZE reviews at this place, in a constant number of queries."""
    rows = find(member, filters)
    shown = with_details(rows)
    mark = _marked(member, place)
    if mark is None:
        return _forwards(shown, has_previous=False)
    before = _beyond(filters.order, mark, is_after=False)
    after = _beyond(filters.order, mark, is_after=True)
    if place.after:
        return _forwards(shown.filter(after), has_previous=rows.exclude(after).exists())
    if place.before:
        found = list(shown.filter(before).reverse()[: PAGE_SIZE + 1])
        if len(found) <= PAGE_SIZE:  # the beginning: a whole page, not the rest before the mark
            return _forwards(shown, has_previous=False)
        return QueuePage(found[PAGE_SIZE - 1 :: -1], True, rows.exclude(before).exists())
    earlier = list(shown.filter(before).reverse()[: PAGE_SIZE // 2 + 1])
    has_previous, earlier = len(earlier) > PAGE_SIZE // 2, earlier[: PAGE_SIZE // 2][::-1]
    room = PAGE_SIZE - len(earlier)
    later = list(shown.exclude(before)[: room + 1])
    return QueuePage(earlier + later[:room], has_previous, len(later) > room)


def _marked(member: Membership, place: Place) -> Review | None:
    public_id = place.after or place.before or place.at
    if not public_id:
        return None
    return access.reviews(member).filter(public_id=public_id).first()


def _forwards(shown: QuerySet[Review], *, has_previous: bool) -> QueuePage:
    found = list(shown[: PAGE_SIZE + 1])
    return QueuePage(found[:PAGE_SIZE], has_previous, len(found) > PAGE_SIZE)


@dataclass(frozen=True, slots=True)
class Tally:
    """How much of what waits in the member's scope is whose and how late."""

    waiting: int
    mine: int  # that the member may approve
    overdue: int


def tally(member: Membership) -> Tally:
    """In one query over what waits."""
    rows = scope(member).filter(state=Review.State.PENDING).order_by()
    mine = ~_needs_other_eyes(member) if is_decider(member) else Q(pk__in=[])
    counted = rows.aggregate(
        waiting=Count("pk"),
        mine=Count("pk", filter=mine),
        overdue=Count("pk", filter=Q(due_on__lt=today())),
    )
    return Tally(**counted)


def badge_count(member: Membership) -> int:
    """How many wait for this member's decision, at most MOST_IN_BADGE. One query that stops there;
    none for those who decide nothing."""
    if not is_decider(member):
        return 0
    rows = _of_turn(member, "mine").filter(state=Review.State.PENDING)
    return rows.order_by()[:MOST_IN_BADGE].count()
