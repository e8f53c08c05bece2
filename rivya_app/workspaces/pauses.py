"""The switch that keeps new work from being sent, for one workspace or for the whole server.

What is asked for meanwhile is recorded and holds its credits and its place.
"""

from django.db.models import Q

from rivya_app.workspaces.models import Pause, Workspace


def pause_of(workspace: Workspace) -> Pause | None:
    """The pause that holds this workspace now; the server's own before the workspace's."""
    open_ones = Pause.objects.filter(ended_at=None).select_related("began_by")
    mine = open_ones.filter(Q(workspace=None) | Q(workspace=workspace))
    return mine.order_by("workspace_id").last()


def is_paused(workspace_id: int) -> bool:
    """Whether nothing new of this workspace may be sent now. One small query."""
    open_ones = Pause.objects.filter(ended_at=None)
    return open_ones.filter(Q(workspace=None) | Q(workspace_id=workspace_id)).exists()
