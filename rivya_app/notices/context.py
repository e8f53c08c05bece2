"""The number on the bell."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from rivya_app.notices import access


def unread(request: HttpRequest) -> dict[str, Any]:
    """`unread_notices`, counted only when a template asks."""
    member = getattr(request, "member", None)
    return {
        "unread_notices": SimpleLazyObject(lambda: access.unread_count(member)) if member else 0
    }
