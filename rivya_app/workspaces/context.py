"""Who is reading, for every page."""

from typing import Any

from django.http import HttpRequest


def membership(request: HttpRequest) -> dict[str, Any]:
    """`member` (or None) and `workspace`."""
    member = getattr(request, "member", None)
    return {"member": member, "workspace": member.workspace if member else None}
