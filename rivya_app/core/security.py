"""The browser-side walls: what a page of ours may load, where it may post, who may frame it."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware


def _policy() -> str:
    # Media may be redirected to the object store's own origin, which the browser checks as well.
    media = " ".join(["'self'", *settings.VAULT_ORIGINS])
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            f"img-src {media} data:",  # data: for the QR code of two-step sign-in
            f"media-src {media}",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


_PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "microphone", "geolocation", "payment", "usb", "browsing-topics")
)


def _harden(response: HttpResponseBase) -> HttpResponseBase:
    for name, value in (
        ("Content-Security-Policy", _policy()),
        ("Permissions-Policy", _PERMISSIONS),
        ("Cross-Origin-Resource-Policy", "same-origin"),
    ):
        response.headers.setdefault(name, value)
    return response


@sync_and_async_middleware
def content_security_policy(get_response: Callable[[HttpRequest], Any]) -> Callable[..., Any]:
    """Add the headers to every answer that has none of its own."""
    if iscoroutinefunction(get_response):
        awaited = cast(Callable[[HttpRequest], Awaitable[HttpResponseBase]], get_response)

        async def harden_awaited(request: HttpRequest) -> HttpResponseBase:
            return _harden(await awaited(request))

        return harden_awaited

    def harden(request: HttpRequest) -> HttpResponseBase:
        return _harden(get_response(request))

    return harden
