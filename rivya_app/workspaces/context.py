"""Who is reading, for every page."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from rivya_app.workspaces import demo, pauses


def membership(request: HttpRequest) -> dict[str, Any]:
    """`member` and `workspace` (or None), `memberships` where there are several, and `demo_people`,
    read only where they are shown."""
    member = getattr(request, "member", None)
    return {
        "member": member,
        "workspace": member.workspace if member else None,
        "memberships": getattr(request, "memberships", []),
        "held_back_by": getattr(request, "held_back_by", None),
        "demo_people": SimpleLazyObject(demo.entrances),
    }


def pause(request: HttpRequest) -> dict[str, Any]:
    """`pause`, the one that holds the reader's workspace, or None; asked for where it is shown."""
    member = getattr(request, "member", None)
    return {
        "pause": SimpleLazyObject(lambda: pauses.pause_of(member.workspace)) if member else None,
        "may_end_pause": bool(member and member.has_role(*pauses.MAY_PAUSE)),
    }
