"""The switch that keeps new work from being sent, for one workspace or for the whole server.

What is asked for meanwhile is recorded and holds its credits and its place.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rivya_app.core import clock
from rivya_app.workspaces import audit
from rivya_app.workspaces.models import Membership, Pause, Role, User, Workspace

MAY_PAUSE = (Role.OWNER, Role.SUPPORT)
MAY_READ = (*MAY_PAUSE, Role.MANAGER)
ACTS: dict[str, str | Promise] = {
    "pause.began": _("Paused sending to Rivya"),
    "pause.ended": _("Ended the pause"),
    "pause.began_everywhere": _("Paused sending to Rivya for the whole server"),
    "pause.ended_everywhere": _("Ended the pause of the whole server"),
}


def _open() -> QuerySet[Pause]:
    return Pause.objects.filter(ended_at=None)


def pause_of(workspace: Workspace) -> Pause | None:
    """The pause that holds this workspace now; the server's own before the workspace's."""
    mine = _open().filter(Q(workspace=None) | Q(workspace=workspace))
    return mine.select_related("began_by").order_by("workspace_id").last()


def is_paused(workspace_id: int) -> bool:
    """Whether nothing new of this workspace may be sent now. One small query."""
    return _open().filter(Q(workspace=None) | Q(workspace_id=workspace_id)).exists()


def of_its_workspace() -> Exists:
    """As `is_paused`, for each row of a query."""
    return Exists(_open().filter(Q(workspace=None) | Q(workspace=OuterRef("workspace"))))


def left_out(*, since: datetime | None = None) -> Q:
    """A filter that leaves out rows of paused workspaces, for sweeps; with `since` also of those
    whose pause ended after it. One small query."""
    rows = Pause.objects.filter(Q(ended_at=None) | Q(ended_at__gte=since)) if since else _open()
    held = list(rows.values_list("workspace_id", flat=True))
    if None in held:
        return Q(pk__in=[])
    return ~Q(workspace__in=held) if held else Q()


def history(workspace: Workspace | None) -> QuerySet[Pause]:
    """The pauses of a workspace and those of the server, newest first; None: the server's alone."""
    rows = Pause.objects.select_related("began_by", "ended_by", "workspace")
    if workspace is None:
        return rows.filter(workspace=None)
    return rows.filter(Q(workspace=workspace) | Q(workspace=None))


@transaction.atomic(durable=True)
def begin(*, member: Membership, reason: str) -> Pause:
    """Send nothing new of the member's workspace until it ends. A second one finds the first.

    Raises PermissionDenied.
    """
    _require(member)
    return _begin(member.workspace, member.user, reason)


@transaction.atomic(durable=True)
def end(*, member: Membership) -> bool:
    """Send again what waits; False where the workspace was not paused by itself.

    Raises PermissionDenied.
    """
    _require(member)
    return _end(member.workspace, member.user)


@transaction.atomic(durable=True)
def begin_for(workspace: Workspace | None, *, user: User | None, reason: str) -> Pause:
    """As `begin`, for members of staff and whoever runs the server; None pauses everywhere."""
    _require_staff(user)
    return _begin(workspace, user, reason)


@transaction.atomic(durable=True)
def end_for(workspace: Workspace | None, *, user: User | None) -> bool:
    """As `end`, for members of staff and whoever runs the server."""
    _require_staff(user)
    return _end(workspace, user)


def _begin(workspace: Workspace | None, user: User | None, reason: str) -> Pause:
    pause, is_new = Pause.objects.get_or_create(
        workspace=workspace,
        ended_at=None,
        defaults={"began_by": user, "began_at": clock.now(), "reason": reason.strip()[:200]},
    )
    if is_new:
        _note(pause, "began", user)
    return pause


def _end(workspace: Workspace | None, user: User | None) -> bool:
    found = _open().select_for_update().filter(workspace=workspace).first()
    if found is None:
        return False
    found.ended_at, found.ended_by = clock.now(), user
    found.save(update_fields=["ended_at", "ended_by"])
    _note(found, "ended", user)
    for resumed in _when_over.values():
        resumed(workspace)
    return True


def _note(pause: Pause, what: str, user: User | None) -> None:
    """A pause of the server concerns every workspace, so each one's record has it."""
    act = f"pause.{what}" if pause.workspace else f"pause.{what}_everywhere"
    homes: Any = [pause.workspace] if pause.workspace else Workspace.objects.all()
    for home in homes:
        audit.note(home, act, user=user, subject=pause.reason)


def _require(member: Membership) -> None:
    if not member.has_role(*MAY_PAUSE):
        raise PermissionDenied


def _require_staff(user: User | None) -> None:
    """Nobody named: a command on the server itself."""
    if user is not None and not (user.is_active and user.is_staff):
        raise PermissionDenied


# Told inside the transaction that ends a pause, with its workspace, or None for all.
Resumed = Callable[[Workspace | None], Any]
_when_over: dict[str, Resumed] = {}


def when_over(name: str, resumed: Resumed) -> None:
    """A room above says in `ready()` what it brings forward when a pause ends."""
    if _when_over.get(name, resumed) is not resumed:
        raise ImproperlyConfigured(f"'{name}' resumes after a pause already.")
    _when_over[name] = resumed
