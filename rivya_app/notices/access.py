"""A member's own notices. Nobody reads another member's."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from rivya_app.core.rows import found_or_404
from rivya_app.notices.models import Notice
from rivya_app.workspaces.models import Membership, Workspace


def notices_of(member: Membership) -> QuerySet[Notice]:
    """Newest first."""
    return Notice.objects.filter(member=member)


def notice(member: Membership, public_id: UUID, *, lock: bool = False) -> Notice:
    """One of the member's own. Raises Http404."""
    return found_or_404(notices_of(member), lock=lock, public_id=public_id)


def newest_unread(member: Membership, most: int) -> list[UUID]:
    """The public ids of what is unread, newest first, `most` at the most. One indexed query."""
    unread = notices_of(member).filter(read_at=None)
    return list(unread.values_list("public_id", flat=True)[:most])


def told_of(workspace: Workspace, event_keys: Collection[str]) -> QuerySet[Notice]:
    """Who was told of these events, oldest first, for those who look after all of a workspace."""
    rows = Notice.objects.filter(member__workspace=workspace, event_key__in=event_keys)
    return rows.select_related("member__user").order_by("created_at", "id")
