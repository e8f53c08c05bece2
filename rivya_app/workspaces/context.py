"""Who is reading, for every page."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from rivya_app.workspaces import demo


def membership(request: HttpRequest) -> dict[str, Any]:
    """`member` and `workspace` (or None), and `demo_people`, read only where they are shown."""
    member = getattr(request, "member", None)
    return {
        "member": member,
        "workspace": member.workspace if member else None,
        "demo_people": SimpleLazyObject(demo.entrances),
    }
