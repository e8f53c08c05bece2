"""Who may reach a package."""

from uuid import UUID

from django.db.models import QuerySet

from rivya_app.core.rows import found_or_404
from rivya_app.handoff.models import Package
from rivya_app.workspaces.models import Membership


def packages(member: Membership) -> QuerySet[Package]:
    """Every package of the member's workspace, newest first."""
    return Package.objects.filter(workspace=member.workspace_id)


def package(member: Membership, public_id: UUID | str, *, lock: bool = False) -> Package:
    """One package of the member's workspace, under its lock if asked. Raises Http404."""
    return found_or_404(packages(member), lock=lock, public_id=public_id)
