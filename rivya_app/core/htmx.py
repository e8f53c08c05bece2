"""Answers for pages that change in place."""

from collections.abc import Mapping
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def fragment(
    request: HttpRequest, page: str, part: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render one part (`{% partialdef part %}`) of a page's own template."""
    return render(request, f"{page}#{part}", dict(context), status=status)


def live_answer(request: HttpRequest, page: str, context: Mapping[str, Any]) -> HttpResponse:
    """What a page with open jobs hears when it asks: 204, or its `live` part anew.

    `context["live"]` is None where nothing is open any more, else it has a `version`; the page
    sends the one it shows as `v`.
    """
    live = context["live"]
    if live is not None and live.version == request.GET.get("v"):
        return nothing_new()
    return fragment(request, page, "live", context)


def form_page(
    request: HttpRequest, page: str, form: BaseForm, context: Mapping[str, Any] | None = None
) -> HttpResponse:
    """A page with its form: 422 when something in it is wrong, else 200."""
    status = 422 if form.is_bound and form.errors else 200
    return render(request, page, {"form": form, **(context or {})}, status=status)


def nothing_new() -> HttpResponse:
    """204: keep what is on the screen."""
    return HttpResponse(status=204)
