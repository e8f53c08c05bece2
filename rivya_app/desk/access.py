"""Who works at the desk, and what they find there: everything of their workspace."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from rivya_app.chat import access as chat
from rivya_app.chat.models import Turn
from rivya_app.core.models import Letter
from rivya_app.desk.acts import Seen
from rivya_app.desk.models import Handled, Note
from rivya_app.desk.turn_acts import SeenTurn
from rivya_app.gateway.access import inbox_of
from rivya_app.gateway.webhook_models import InboxEvent
from rivya_app.generations import access as generations
from rivya_app.generations.models import Generation
from rivya_app.library import access as library
from rivya_app.library.models import StoredFile
from rivya_app.library.repairs import lost_of
from rivya_app.workspaces import pauses
from rivya_app.workspaces.models import Membership, Role

AT_THE_DESK = (Role.SUPPORT, Role.OWNER)


def require(member: Membership, *roles: str) -> None:
    """Raises PermissionDenied for everybody else."""
    if not member.has_role(*(roles or AT_THE_DESK)):
        raise PermissionDenied


def job(member: Membership, public_id: UUID | str, *, lock: bool = False) -> Generation:
    """One job of the workspace, under its lock if asked. Raises Http404, PermissionDenied."""
    require(member)
    return generations.job(member, public_id, lock=lock)


def jobs_named(member: Membership, references: Iterable[str]) -> dict[str, Generation]:
    """Those of these references (`generation:<uuid>`) that are jobs of the workspace."""
    require(member)
    ids = [ref.partition(":")[2] for ref in references if ref.startswith("generation:")]
    rows = generations.jobs(member).filter(public_id__in=[word for word in ids if _is_id(word)])
    found = rows.select_related("requested_by__user", "campaign", "api_key")
    return {row.reference: row for row in found}


def turn(member: Membership, public_id: UUID | str, *, lock: bool = False) -> Turn:
    """One question of the workspace, without its texts. Raises Http404, PermissionDenied."""
    require(member)
    return chat.turn_at_desk(member, public_id, lock=lock)


def turns_named(member: Membership, references: Iterable[str]) -> dict[str, Turn]:
    """Those of these references (`turn:<uuid>`) that are questions of the workspace."""
    require(member)
    ids = [ref.partition(":")[2] for ref in references if ref.startswith("turn:")]
    rows = chat.turns_at_desk(member)
    found = rows.filter(public_id__in=[word for word in ids if _is_id(word)])
    return {row.reference: row for row in found}


def seen_turns(turns: Collection[Turn]) -> list[SeenTurn]:
    """These questions, of one workspace, as acts look at them."""
    if not turns:
        return []
    is_paused = pauses.is_paused(next(iter(turns)).workspace_id)
    return [SeenTurn(row, is_paused) for row in turns]


def _is_id(word: str) -> bool:
    try:
        UUID(word)
    except ValueError:
        return False
    return True


def seen(jobs: Collection[Generation]) -> list[Seen]:
    """These jobs as acts look at them. Asks the storage for files that are stored, so outside any
    transaction; else three queries for jobs of one workspace."""
    if not jobs:
        return []
    files: dict[str, list[StoredFile]] = {row.reference: [] for row in jobs}
    for file in library.files_for(files):
        files[file.source].append(file)
    is_paused = pauses.is_paused(next(iter(jobs)).workspace_id)
    lost = lost_of(file for rows in files.values() for file in rows)
    return [
        Seen(
            row,
            files[row.reference],
            frozenset(file.pk for file in files[row.reference] if file.pk in lost),
            is_paused,
        )
        for row in jobs
    ]


def job_of_task(member: Membership, task_id: str) -> Generation | None:
    """The workspace's job that is this task at Rivya."""
    return generations.jobs(member).filter(task_id=task_id).order_by("-id").first()


def waiting_events(member: Membership, references: Iterable[str]) -> list[str]:
    """The ids of those of these events (`event:<id>`) that still wait."""
    named = [ref.partition(":")[2] for ref in references if ref.startswith("event:")]
    rows = inbox_of(member).filter(event_id__in=named, state=InboxEvent.State.WAITING)
    return list(rows.values_list("event_id", flat=True))


def notes_of(member: Membership, reference: str) -> list[Note]:
    """What was written about a thing, oldest first."""
    rows = Note.objects.filter(workspace=member.workspace_id, reference=reference)
    return list(rows.select_related("member__user"))


def handled(member: Membership, references: Collection[str]) -> QuerySet[Handled]:
    """What of these was marked as handled, in whatever list."""
    rows = Handled.objects.filter(workspace=member.workspace_id, reference__in=references)
    return rows.select_related("member__user")


def letters_lost(member: Membership) -> int:
    """How many e-mails to people of the workspace were given up."""
    mine = Membership.objects.filter(workspace=member.workspace_id).values("user__email")
    return Letter.objects.filter(state=Letter.State.GIVEN_UP, to__in=mine).count()
