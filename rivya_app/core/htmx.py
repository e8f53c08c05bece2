"""Answers for pages that change in place."""

from collections.abc import Mapping
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def wants_fragment(request: HttpRequest) -> bool:
    """Whether the page itself asks, for a part of it; restoring history needs the whole page."""
    headers = request.headers
    return "HX-Request" in headers and "HX-History-Restore-Request" not in headers


def fragment(
    request: HttpRequest, page: str, part: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render one part (`{% partialdef part %}`) of a page's own template."""
    return render(request, f"{page}#{part}", dict(context), status=status)


def page_or_fragment(
    request: HttpRequest, page: str, part: str, context: Mapping[str, Any]
) -> HttpResponse:
    """The part where the page asks for it, else the whole page."""
    if wants_fragment(request):
        response = fragment(request, page, part, context)
    else:
        response = render(request, page, dict(context))
    response.headers["Vary"] = "HX-Request"
    return response


def form_page(
    request: HttpRequest, page: str, form: BaseForm, context: Mapping[str, Any] | None = None
) -> HttpResponse:
    """A page with its form: 422 when something in it is wrong, else 200."""
    status = 422 if form.is_bound and form.errors else 200
    return render(request, page, {"form": form, **(context or {})}, status=status)


def nothing_new() -> HttpResponse:
    """204: keep what is on the screen."""
    return HttpResponse(status=204)
