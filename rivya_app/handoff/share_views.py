"""What opens by a link, without an account and without a session.

Whatever does not open says the same: nobody learns whether a token ever was one.
"""

import functools
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from rivya_app.core.guard import public
from rivya_app.handoff import admission, links, serving, shared_page
from rivya_app.handoff.leaving_forms import PassphraseForm
from rivya_app.handoff.models import PackedFile, ShareLink
from rivya_app.handoff.zipping import Changed
from rivya_app.library import serving as library

WALLS = {
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",  # the address is the key
    "Cache-Control": "no-store",  # taken back, it must be gone from here too
}


def _behind_walls(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Opens the link for the view, and says the same for every one that does not open."""

    @functools.wraps(view)
    def walled(request: HttpRequest, token: str, **rest: Any) -> HttpResponseBase:
        try:
            answer = view(request, links.opened(token), **rest)
        except Http404:
            answer = render(request, "handoff/shared_closed.html", status=404)
        for name, value in WALLS.items():
            answer.headers[name] = value
        return answer

    return walled


@public
@csrf_exempt  # nobody is signed in, and browsers that send no referrer send no origin either
@require_http_methods(["GET", "HEAD", "POST"])
@_behind_walls
def shared_package(request: HttpRequest, link: ShareLink) -> HttpResponseBase:
    """The package, or the question for its passphrase."""
    if request.method == "POST":
        return _answer_passphrase(request, link)
    if not admission.is_admitted(request, link):
        return _ask_passphrase(request, link, PassphraseForm())
    if request.method == "GET":
        links.count_view(link)
    return render(request, "handoff/shared.html", shared_page.page_of(link))


@public
@require_safe
@_behind_walls
def shared_file(request: HttpRequest, link: ShareLink, public_id: UUID) -> HttpResponseBase:
    """One file of the link's package, in part if asked; with `?download=1` to be saved."""
    _require_admission(request, link)
    packed = links.packed_in(link, public_id)
    return library.respond(request, _blob(packed, is_download=request.GET.get("download") == "1"))


@public
@require_safe
@_behind_walls
def shared_zip(request: HttpRequest, link: ShareLink) -> HttpResponseBase:
    """All of it as one zip."""
    _require_admission(request, link)
    try:
        return serving.zip_answer(
            request, link.package, on_start=functools.partial(links.count_download, link)
        )
    except Changed:
        raise Http404 from None


def _require_admission(request: HttpRequest, link: ShareLink) -> None:
    if not admission.is_admitted(request, link):
        raise Http404


def _answer_passphrase(request: HttpRequest, link: ShareLink) -> HttpResponseBase:
    form = PassphraseForm(request.POST)
    if not form.is_valid():
        return _ask_passphrase(request, link, form, status=422)
    if not admission.may_try(request, link):
        form.refuse(_("There were too many tries. Wait an hour, then try again."))
        return _ask_passphrase(request, link, form, status=429)
    if not admission.knows(link, form.cleaned_data["passphrase"]):
        form.refuse(_("This is not the passphrase."))
        return _ask_passphrase(request, link, form, status=422)
    answer = HttpResponseRedirect(request.path)
    admission.admit(answer, request, link)
    return answer


def _ask_passphrase(
    request: HttpRequest, link: ShareLink, form: PassphraseForm, *, status: int = 200
) -> HttpResponseBase:
    context = {"form": form, "workspace": link.package.workspace}
    return render(request, "handoff/shared_passphrase.html", context, status=status)


def _blob(packed: PackedFile, *, is_download: bool) -> library.Blob:
    return library.packed(
        packed.storage_name,
        sha256=packed.sha256,
        mime_type=packed.mime_type,
        called=packed.name.rpartition("/")[2],
        is_download=is_download,
    )
