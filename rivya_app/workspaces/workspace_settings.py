"""What an owner says of the workspace as a whole: its name, when its months begin, and whether
everybody needs a second step to reach it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import transaction

from rivya_app.workspaces import audit, second_step
from rivya_app.workspaces.models import Membership, Role, Workspace


class OwnStepFirst(Exception):
    """Who asks everybody for a second step must have one."""


@dataclass(frozen=True, slots=True)
class WantedSettings:
    """The settings as typed and checked by the form."""

    name: str
    time_zone: str
    requires_two_steps: bool


OnZoneChanged = Callable[[Workspace], None]
_rooms: dict[str, OnZoneChanged] = {}


def on_zone_changed(name: str, act: OnZoneChanged) -> None:
    """A room says in `ready()` what it counts anew when months begin otherwise; inside the
    transaction that changes it."""
    if _rooms.get(name, act) is not act:
        raise ImproperlyConfigured(f"'{name}' hears of new months already.")
    _rooms[name] = act


@transaction.atomic(durable=True)
def change_settings(*, member: Membership, wanted: WantedSettings) -> Workspace:
    """What is as it was leaves no trace. Raises PermissionDenied, OwnStepFirst."""
    if not member.has_role(Role.OWNER):
        raise PermissionDenied
    workspace = Workspace.objects.select_for_update(no_key=True).get(pk=member.workspace_id)
    changed = _changed(workspace, wanted)
    if changed.get("requires_two_steps") and not second_step.has_one(member.user):
        raise OwnStepFirst
    if changed:
        for name, value in changed.items():
            setattr(workspace, name, value)
        workspace.save(update_fields=list(changed))
        _tell_rooms(workspace, changed)
        audit.note(workspace, "settings.changed", member=member, facts=changed)
    return workspace


def _tell_rooms(workspace: Workspace, changed: dict[str, Any]) -> None:
    if "time_zone" in changed:
        for act in _rooms.values():
            act(workspace)


def _changed(workspace: Workspace, wanted: WantedSettings) -> dict[str, Any]:
    values = asdict(wanted)
    return {name: value for name, value in values.items() if getattr(workspace, name) != value}
