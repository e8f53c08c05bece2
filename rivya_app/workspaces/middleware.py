"""Puts the reader's language and time zone, and their membership, on the request.

Both work in `process_view`, where the database may be asked under ASGI too.
"""

import zoneinfo
from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone, translation

from rivya_app.core import clock
from rivya_app.core.guard import mark_async_like
from rivya_app.workspaces import access, presence, second_step, switching
from rivya_app.workspaces.models import User
from rivya_app.workspaces.requests import MemberRequest

BY_LINK = "workspace"  # the parameter


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
    """`request.member`: the active membership the session names, else the first one, else None.

    None as well where the workspace asks for a second step that the person has not set up; then
    `request.held_back_by` is that workspace. An address with `?workspace=<public id>` of one of
    the person's workspaces opens that one first: links in e-mails carry it.
    """

    def start(self, request: HttpRequest) -> None:
        mine = cast(MemberRequest, request)
        mine.member = None  # type: ignore[assignment]
        mine.memberships, mine.held_back_by = [], None

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponseBase | None:
        if not request.user.is_authenticated:
            return None
        mine = cast(MemberRequest, request)
        mine.memberships = access.memberships_of(request.user)
        if answer := _opened_by_link(mine):
            return answer
        member = switching.chosen(mine)
        if member is None:
            return None
        if second_step.is_missing(member):
            mine.held_back_by = member.workspace
            return None
        mine.member = member
        presence.note_seen(member)
        return None


def _opened_by_link(request: MemberRequest) -> HttpResponseBase | None:
    """Open the workspace that a link names, and go on to the same address without its name."""
    wanted = request.GET.get(BY_LINK)
    if wanted is None or request.method not in ("GET", "HEAD"):
        return None
    member = access.membership_in(request.memberships, wanted)
    if member is None:
        return None
    switching.open_workspace(request, member)
    query = request.GET.copy()
    del query[BY_LINK]
    return redirect(f"{request.path}?{query.urlencode()}" if query else request.path)


def zone_of(user: User) -> zoneinfo.ZoneInfo:
    """The person's time zone."""
    return clock.zone_named(user.time_zone)
