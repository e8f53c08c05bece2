"""A member's own notices. Nobody reads another member's."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from rivya_app.notices.models import Notice
from rivya_app.workspaces.models import Membership


def notices_of(member: Membership) -> QuerySet[Notice]:
    """Newest first."""
    return Notice.objects.filter(member=member)


def notice(member: Membership, public_id: UUID) -> Notice:
    """One of the member's own. Raises Http404."""
    found = notices_of(member).filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def unread_count(member: Membership) -> int:
    """One indexed count."""
    return Notice.objects.filter(member=member, read_at=None).count()
