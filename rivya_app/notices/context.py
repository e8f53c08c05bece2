"""The number on the bell."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from rivya_app.notices import pages


def unread(request: HttpRequest) -> dict[str, Any]:
    """`unread`: the member's `pages.Unread`, counted only when a template asks."""
    member = getattr(request, "member", None)
    return {"unread": SimpleLazyObject(lambda: pages.unread_of(member)) if member else None}
