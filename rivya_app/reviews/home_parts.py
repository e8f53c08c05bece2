"""What the review puts first on a role's page: decisions that wait, videos that wait, changes that
are wanted. Only reads."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.briefs.home import Part
from rivya_app.core.buttons import Action
from rivya_app.gateway.rivya_pages import TOP_UP, rivya_page
from rivya_app.generations import failures
from rivya_app.generations.models import Generation
from rivya_app.reviews import access, queue, tallies
from rivya_app.reviews.gating_words import ask_actions
from rivya_app.reviews.models import Review, VideoConcept
from rivya_app.reviews.queue import Filters
from rivya_app.reviews.queue_page import ReviewCard, review_cards, review_url
from rivya_app.workspaces.models import Membership, Role

SHOWN = 6
State = VideoConcept.State
_WAITING = (State.NEEDS_BUDGET, State.NEEDS_CREDITS, State.NEEDS_YES, State.NEEDS_LOOK)
_WHY: dict[str, str | Promise] = {
    State.NEEDS_BUDGET: gettext_lazy(
        "A limit or the campaign’s budget leaves too little. An owner can let it go."
    ),
    State.NEEDS_YES: gettext_lazy("It needs an owner’s yes before it starts."),
    State.NEEDS_CREDITS: gettext_lazy("It starts by itself once there are enough credits."),
}
_MINE = Filters(turn="mine")


@dataclass(frozen=True, slots=True)
class WaitingVideo:
    """A video that was ordered and cannot start, why, and what the reader can do about it."""

    concept: VideoConcept
    url: str
    why: str
    actions: list[Action]

    @property
    def tone(self) -> str:
        return "warning" if self.concept.state == State.NEEDS_LOOK else "low_credits"


def part_of(member: Membership, role: Role) -> Part | None:
    """For a role's page; None where nothing of the review needs the member."""
    if role == Role.SELLER:
        wanted = _changes_wanted(member)
        return Part("reviews/_home_changes.html", {"cards": wanted}) if wanted else None
    if role not in access.DECIDERS:
        return None
    shown = decisions_part(member) | {"videos": waiting_videos(member), "role": str(role)}
    is_quiet = role == Role.OWNER and not shown["cards"] and not shown["videos"]
    return None if is_quiet else Part("reviews/_home_decisions.html", shown)


def decisions_part(member: Membership) -> dict[str, Any]:
    """What waits for the member's own decision, oldest due first."""
    rows = queue.first(queue.find(member, _MINE), SHOWN)
    return {
        "cards": review_cards(member, rows, _MINE.query),
        "tally": tallies.tally_of(member),
        "url": f"{reverse('reviews:queue')}?{_MINE.query}",
        "first_url": review_url(rows[0], _MINE.query) if rows else "",
    }


def waiting_videos(member: Membership) -> list[WaitingVideo]:
    """Ordered videos that cannot start: an owner's all, of others those they decide on."""
    rows = access.concepts(member).filter(state__in=_WAITING)
    related = rows.select_related(
        "decision__review__file", "brief__campaign", "ordered_by__user", "still"
    ).defer("still__remote_url", "decision__review__file__remote_url")
    shown = list(related.prefetch_related("still__derivatives").order_by("created_at")[:SHOWN])
    seen = _visible(member, shown)
    return [_waiting_video(member, row, is_seen=row.decision.review_id in seen) for row in shown]


def _visible(member: Membership, concepts: list[VideoConcept]) -> set[int]:
    keys = [row.decision.review_id for row in concepts]
    return set(access.reviews(member).filter(pk__in=keys).values_list("pk", flat=True))


def _waiting_video(member: Membership, concept: VideoConcept, *, is_seen: bool) -> WaitingVideo:
    review = concept.decision.review
    brief = reverse("briefs:show-brief", args=[concept.brief.public_id])
    return WaitingVideo(
        concept=concept,
        url=review_url(review) if is_seen else brief,
        why=str(_WHY.get(concept.state) or failures.in_short(concept.trouble)),
        actions=_video_actions(member, concept),
    )


def _video_actions(member: Membership, concept: VideoConcept) -> list[Action]:
    is_owner = member.has_role(Role.OWNER)
    found = []
    if concept.state == State.NEEDS_BUDGET and is_owner:
        found.append(_post(_("Let it through"), "reviews:let-through", concept, primary=True))
    if concept.state == State.NEEDS_YES:
        asks = ask_actions(member, concept)
        return [*asks, _post(_("Give it up"), "reviews:give-up-video", concept)]
    if concept.state == State.NEEDS_CREDITS and is_owner:
        found.append(Action(_("Top up at Rivya"), rivya_page(TOP_UP), primary=True))
    found.append(_post(_("Try again now"), "reviews:try-video-again", concept))
    found.append(_post(_("Give it up"), "reviews:give-up-video", concept))
    return found


def _post(label: str, name: str, concept: VideoConcept, *, primary: bool = False) -> Action:
    address = reverse(name, args=[concept.public_id])
    return Action(label, address, "post", primary=primary, name="next", value=reverse("home"))


@dataclass(frozen=True, slots=True)
class ChangesWanted:
    """A draft that comes back to its seller, with what was said and the way to a next attempt."""

    card: ReviewCard
    next_url: str


def _changes_wanted(member: Membership) -> list[ChangesWanted]:
    """Of the member's drafts, until a next attempt is made; newest decision first."""
    rows = queue.first(_unanswered(member).order_by("-closed_at", "-pk"), SHOWN)
    return [
        ChangesWanted(
            card,
            reverse("briefs:attempt-of-job", args=[card.review.generation.public_id]),
        )
        for card in review_cards(member, rows)
    ]


def _unanswered(member: Membership) -> QuerySet[Review]:
    rows = access.reviews(member).filter(access.own_of(member))
    answered = Generation.objects.filter(parent=OuterRef("generation"))
    asked_anew = Review.objects.filter(file=OuterRef("file"), pk__gt=OuterRef("pk"))
    wanted = rows.filter(state=Review.State.CHANGES_WANTED)
    return wanted.exclude(Exists(answered)).exclude(Exists(asked_anew))
