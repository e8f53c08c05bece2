"""Who may reach which file."""

from collections.abc import Iterable
from uuid import UUID

from rivya_app.core.rows import found_or_404
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import Membership


def file(member: Membership, public_id: UUID, *, lock: bool = False) -> StoredFile:
    """A file of the member's workspace, or Http404."""
    return found_or_404(
        StoredFile.objects.filter(workspace=member.workspace_id), lock=lock, public_id=public_id
    )


def files_for(sources: Iterable[str]) -> list[StoredFile]:
    """The files of all these sources, in one query, each source's in their order.

    The caller has already been let through to the sources. Links are left sealed.
    """
    rows = StoredFile.objects.filter(source__in=list(sources)).defer("remote_url")
    return list(rows.order_by("source", "position"))
