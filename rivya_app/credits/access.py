"""Who may reach a workspace's account and what belongs to it: owners, and support to read."""

from uuid import UUID

from django.db.models import QuerySet

from rivya_app.core.rows import found_or_404
from rivya_app.credits.models import CreditExpiry, Difference
from rivya_app.workspaces.models import Membership


def differences(member: Membership) -> QuerySet[Difference]:
    """What moved Rivya's balance beside our jobs, newest first."""
    rows = Difference.objects.filter(account__workspace=member.workspace_id)
    return rows.select_related("named_by__user")


def difference(member: Membership, public_id: UUID, *, lock: bool = False) -> Difference:
    """One of them, under its lock if asked. Raises Http404."""
    return found_or_404(differences(member), lock=lock, public_id=public_id)


def expiries(member: Membership) -> QuerySet[CreditExpiry]:
    """What an owner said about when credits end, the next first; removed ones left out."""
    rows = CreditExpiry.objects.filter(account__workspace=member.workspace_id, removed_at=None)
    return rows.select_related("created_by__user")


def expiry(member: Membership, public_id: UUID, *, lock: bool = False) -> CreditExpiry:
    """One of them, under its lock if asked. Raises Http404."""
    return found_or_404(expiries(member), lock=lock, public_id=public_id)
