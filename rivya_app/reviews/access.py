"""Who may see a review, and who may decide on it.

Deciders are campaign managers and owners, in the campaigns whose deciders they are. Sellers see
what they asked for or what was made of their briefs; support sees everything of its workspace.
"""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet

from rivya_app.core.rows import found_or_404
from rivya_app.reviews.models import Decision, Review, ReviewSettings, VideoConcept
from rivya_app.workspaces.access import decides_in
from rivya_app.workspaces.models import Membership, Role, Workspace

DECIDERS = (Role.MANAGER, Role.OWNER)


def decidable(member: Membership) -> QuerySet[Review]:
    """The reviews the member may decide on, whatever their state."""
    rows = Review.objects.filter(workspace=member.workspace_id)
    if not member.has_role(*DECIDERS):
        return rows.none()
    return rows.filter(Q(campaign=None) | Q(campaign__in=decides_in(member)))


def reviews(member: Membership) -> QuerySet[Review]:
    """The reviews the member may see."""
    rows = Review.objects.filter(workspace=member.workspace_id)
    if member.has_role(Role.SUPPORT):
        return rows
    mine = own_of(member)
    if member.has_role(*DECIDERS):
        mine |= Q(campaign=None) | Q(campaign__in=decides_in(member))
    return rows.filter(mine)


def own_of(member: Membership) -> Q:
    """Reviews of what is the member's: they sent it, wrote its brief, or go on with it."""
    return Q(requested_by=member) | Q(brief__created_by=member) | Q(brief__handed_to=member)


_WITH = (
    "workspace",
    "brief__created_by__user",
    "brief__handed_to__user",
    "campaign",
    "generation__requested_by__user",
    "file",
    "requested_by__user",
)


def review(member: Membership, public_id: UUID | str, *, lock: bool = False) -> Review:
    """One review the member may see, under its lock if asked. Raises Http404."""
    rows = reviews(member).select_related(*_WITH)
    return found_or_404(rows, lock=lock, public_id=public_id)


def review_to_decide(member: Membership, public_id: UUID | str, *, lock: bool = False) -> Review:
    """One review the member may decide on, under its lock if asked. Raises Http404."""
    rows = decidable(member).select_related(*_WITH)
    return found_or_404(rows, lock=lock, public_id=public_id)


def newest_decision(review: Review) -> Decision | None:
    """What a review's state rests on."""
    rows = review.decisions.select_related("member__user")
    return rows.order_by("-number").first()


def concepts(member: Membership) -> QuerySet[VideoConcept]:
    """The ordered videos the member has a say in: those of approvals they may decide on, and for
    an owner, who pays, all of the workspace."""
    rows = VideoConcept.objects.filter(workspace=member.workspace_id)
    if member.has_role(Role.OWNER):
        return rows
    return rows.filter(decision__review__in=decidable(member))


def concept(member: Membership, public_id: UUID | str, *, lock: bool = False) -> VideoConcept:
    """One ordered video the member has a say in, under its lock if asked. Raises Http404."""
    related = concepts(member).select_related("decision__review", "brief", "ordered_by__user")
    return found_or_404(related, lock=lock, public_id=public_id)


def waiting_videos(member: Membership) -> QuerySet[VideoConcept]:
    """The ordered videos of the workspace that could not start, for those at the desk."""
    rows = VideoConcept.objects.filter(workspace=member.workspace_id)
    if not member.has_role(Role.SUPPORT, Role.OWNER):
        return rows.none()
    states = VideoConcept.State
    waits = (states.NEEDS_CREDITS, states.NEEDS_BUDGET, states.NEEDS_YES, states.NEEDS_LOOK)
    return rows.filter(state__in=waits)


def settings_of(workspace: Workspace) -> ReviewSettings:
    """What was set for the workspace; the usual where nobody set anything (not saved then)."""
    found = ReviewSettings.objects.filter(workspace=workspace).first()
    return found or ReviewSettings(workspace=workspace)


def still_waiting(references: Collection[str]) -> set[str]:
    """Those of these reviews (`review:<uuid>`) that wait for a decision, or whose video is still
    to be started, and so still need their file."""
    ids = [reference.split(":")[1] for reference in references]
    over = (VideoConcept.State.STARTED, VideoConcept.State.TAKEN_BACK)
    open_video = VideoConcept.objects.filter(decision__review__public_id__in=ids)
    found = set(open_video.exclude(state__in=over).values_list("decision__review__public_id"))
    pending = Review.objects.filter(public_id__in=ids, state=Review.State.PENDING)
    found |= set(pending.values_list("public_id"))
    return {f"review:{public_id}" for (public_id,) in found}
