"""Who is reading, for every page."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from rivya_app.workspaces import demo


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
