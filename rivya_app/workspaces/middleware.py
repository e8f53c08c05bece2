"""Puts the reader's language and time zone, and their membership, on the request.

Both work in `process_view`, where the database may be asked under ASGI too.
"""

import zoneinfo
from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest
from django.utils import timezone, translation

from rivya_app.core.guard import mark_async_like
from rivya_app.workspaces import access
from rivya_app.workspaces.models import User
from rivya_app.workspaces.requests import MemberRequest


class _BeforeView:
    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        mark_async_like(self, get_response)

    def __call__(self, request: HttpRequest) -> Any:
        self.start(request)
        return self.get_response(request)

    def start(self, request: HttpRequest) -> None: ...


class PersonalPreferences(_BeforeView):
    """The person's own language and time zone, where they chose them."""

    def start(self, request: HttpRequest) -> None:
        timezone.deactivate()  # threads are used again; the last reader's zone must not stay

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        if not request.user.is_authenticated:
            return
        user = request.user
        if user.language:
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language()
        timezone.activate(zone_of(user))


class CurrentMember(_BeforeView):
    """`request.member`: the active membership the session names, else the first one, else None."""

    def start(self, request: HttpRequest) -> None:
        cast(MemberRequest, request).member = None  # type: ignore[assignment]

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        if request.user.is_authenticated:
            chosen = request.session.get("workspace")
            member = access.member_for(request.user, chosen)
            cast(MemberRequest, request).member = member  # type: ignore[assignment]


def zone_of(user: User) -> zoneinfo.ZoneInfo:
    """The person's time zone; UTC where the name is not known on this machine."""
    try:
        return zoneinfo.ZoneInfo(user.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")
