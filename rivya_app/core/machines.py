"""Takes what machines post out of the road of persons: no session, language, sign-in or message.

Only a public view under PREFIX is called this way, so nobody gets in who would not otherwise.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve

from rivya_app.core.guard import PUBLIC, mark_async_like, policy_of

PREFIX = "/hooks/"


class MachinesFirst:
    """Stands behind the middlewares that protect every answer, before all others."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self._is_async = iscoroutinefunction(get_response)
        mark_async_like(self, get_response)

    def __call__(self, request: HttpRequest) -> Any:
        answer = _view_for(request) if request.path_info.startswith(PREFIX) else None
        if answer is None:
            return self.get_response(request)
        return sync_to_async(answer)() if self._is_async else answer()


def _view_for(request: HttpRequest) -> Callable[[], HttpResponseBase] | None:
    """The view with its arguments, or None for whatever is not public or not there."""
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return None
    if policy_of(match.func, match.view_name) != PUBLIC:
        return None
    request.resolver_match = match
    return partial(match.func, request, *match.args, **match.kwargs)
