"""Tells the asker what became of their job, inside the transaction that decides it."""

from django.urls import reverse

from rivya_app.generations.models import Generation
from rivya_app.library.models import StoredFile
from rivya_app.notices import actions as notices
from rivya_app.notices.models import Notice
from rivya_app.workspaces.access import members_with
from rivya_app.workspaces.models import Role


def path_of(generation: Generation) -> str:
    return reverse("generations:show-job", args=[generation.public_id])


def event_keys(generation: Generation) -> list[str]:
    """What may have been told of a job, as notices name it."""
    events = ("look", "ready", "copy", "failed", "low-credits")
    return [f"{event}:{generation.public_id}" for event in events]


def failed(generation: Generation) -> None:
    if generation.error_code == "insufficient_credits":
        _low_credits(generation)
        return
    _tell(generation, Notice.Kind.JOB_FAILED, "failed")


def needs_a_look(generation: Generation) -> None:
    """Who asked for it, and those who work at the desk."""
    desk = members_with(generation.workspace, Role.SUPPORT, Role.OWNER)
    notices.tell(
        [generation.requested_by, *desk],
        kind=Notice.Kind.NEEDS_LOOK,
        facts={"title": generation.title, "reason": generation.look_reason},
        link=path_of(generation),
        event_key=f"look:{generation.public_id}",
    )


def file_changed(file: StoredFile) -> None:
    """The library stored a result, or gave up on it."""
    generation = Generation.objects.select_related("requested_by").get(
        public_id=file.source.split(":")[1]
    )
    if file.is_stored:
        _tell(generation, Notice.Kind.RESULT_READY, "ready")
    else:
        _tell(generation, Notice.Kind.NEEDS_LOOK, "copy", reason="copy")


def _low_credits(generation: Generation) -> None:
    """The owner hears of it too: only they can top up."""
    owners = members_with(generation.workspace, Role.OWNER)
    people = {member.pk: member for member in [generation.requested_by, *owners]}
    notices.tell(
        list(people.values()),
        kind=Notice.Kind.LOW_CREDITS,
        facts={"title": generation.title},
        link=path_of(generation),
        event_key=f"low-credits:{generation.public_id}",
    )


def _tell(generation: Generation, kind: Notice.Kind, event: str, **facts: str) -> None:
    notices.tell(
        [generation.requested_by],
        kind=kind,
        facts={"title": generation.title, "media": generation.media_kind, **facts},
        link=path_of(generation),
        event_key=f"{event}:{generation.public_id}",
    )
