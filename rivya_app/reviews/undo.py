"""The decision that its maker can still take back. Only reads."""

from django.db.models import Exists, OuterRef

from rivya_app.core import clock
from rivya_app.reviews.history import DecisionCard, card
from rivya_app.reviews.models import Decision
from rivya_app.workspaces.models import Membership


def last_undoable(member: Membership) -> DecisionCard | None:
    """The member's newest decision whose undo window is open and that nothing followed."""
    later = Decision.objects.filter(review=OuterRef("review"), number__gt=OuterRef("number"))
    rows = Decision.objects.filter(member=member, undo_until__gt=clock.now())
    found = rows.exclude(Exists(later)).select_related("review__brief", "member__user")
    newest = found.order_by("-undo_until", "-id").first()
    return card(newest) if newest else None
