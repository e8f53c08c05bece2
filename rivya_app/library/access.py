"""Who may reach which file."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from rivya_app.core.rows import found_or_404
from rivya_app.library.models import Derivative, LibrarySettings, StoredFile
from rivya_app.workspaces.models import Membership, Workspace


def file(member: Membership, public_id: UUID, *, lock: bool = False) -> StoredFile:
    """A file of the member's workspace, or Http404."""
    return found_or_404(
        StoredFile.objects.filter(workspace=member.workspace_id), lock=lock, public_id=public_id
    )


def files_for(sources: Iterable[str]) -> list[StoredFile]:
    """The files of all these sources with what was made of them, each source's in their order.

    Two queries. The caller has already been let through to the sources. Links are left sealed.
    """
    rows = StoredFile.objects.filter(source__in=list(sources)).defer("remote_url")
    return list(rows.order_by("source", "position").prefetch_related("derivatives"))


def files(member: Membership) -> QuerySet[StoredFile]:
    """Every file of the member's workspace, removed ones too. Links are left sealed."""
    rows = StoredFile.objects.filter(workspace=member.workspace_id).defer("remote_url")
    return rows.select_related("made_by__user", "removed_by__user")


def derivative(file: StoredFile, kind: str) -> Derivative:
    """A finished picture made of the file, or Http404."""
    return found_or_404(
        file.derivatives.filter(state=Derivative.State.MADE).exclude(storage_name=""), kind=kind
    )


def chosen(member: Membership, public_ids: Iterable[str]) -> list[StoredFile]:
    """The files of these ids in the order given, each once. What is not the workspace's, or is no
    id at all, is left out: nothing says whether it exists elsewhere."""
    wanted = list(dict.fromkeys(filter(None, map(_maybe_uuid, public_ids))))
    found = {file.public_id: file for file in files(member).filter(public_id__in=wanted)}
    return [found[public_id] for public_id in wanted if public_id in found]


def settings_of(workspace: Workspace | int) -> LibrarySettings:
    """What the owner decided about files; the usual where nobody decided yet (not saved then)."""
    found = LibrarySettings.objects.filter(workspace=workspace).first()
    workspace_id = workspace if isinstance(workspace, int) else workspace.pk
    return found or LibrarySettings(workspace_id=workspace_id)


def _maybe_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
