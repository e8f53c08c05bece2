"""Who may reach limits: owners change them, support reads them; both only their workspace's."""

from uuid import UUID

from django.db.models import QuerySet

from rivya_app.core.rows import found_or_404
from rivya_app.credits.models import Limit
from rivya_app.workspaces.models import Membership, Role

MAY_CHANGE = (Role.OWNER,)
MAY_SEE = (Role.OWNER, Role.SUPPORT)
_RELATED = ("account__workspace", "campaign", "member__user", "api_key")


def limits(member: Membership) -> QuerySet[Limit]:
    """Every limit of the member's workspace that has not ended."""
    rows = Limit.objects.filter(account__workspace=member.workspace_id, ended_at=None)
    return rows.select_related(*_RELATED).defer("api_key__secret")


def limit(member: Membership, public_id: UUID | str, *, lock: bool = False) -> Limit:
    """One of them, under its lock if asked. Raises Http404."""
    return found_or_404(limits(member), lock=lock, public_id=public_id)
