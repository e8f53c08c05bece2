"""Taking a place that was offered by e-mail.

The link of the letter is a key, so it is looked at once and never stays in an address: what it
opened is kept in the session. Whatever does not open says the same.
"""

import functools
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rivya_app.core import tokens
from rivya_app.core.guard import public
from rivya_app.workspaces import entering, invitations, role_words
from rivya_app.workspaces.invitation_forms import NewcomerForm
from rivya_app.workspaces.models import Invitation, Membership, User
from rivya_app.workspaces.views import remember_language

HELD = "invitation"  # in the session: the hash of the token of the link that was opened
WALLS = {
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}


def _behind_walls(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Says the same for every link that opens nothing."""

    @functools.wraps(view)
    def walled(request: HttpRequest, **rest: Any) -> HttpResponseBase:
        try:
            answer = view(request, **rest)
        except Http404:
            answer = render(request, "workspaces/invitation_closed.html", status=404)
        for name, value in WALLS.items():
            answer.headers[name] = value
        return answer

    return walled


@public
@require_safe
@_behind_walls
def open_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """Look at the link, then go on where no token is in the address."""
    invitation = invitations.opened(tokens.hash_of(token))
    request.session[HELD] = invitation.token_hash
    answer: HttpResponse = redirect("invitation")
    answer.headers["Referrer-Policy"] = "no-referrer"
    if not (request.user.is_authenticated or settings.LANGUAGE_COOKIE_NAME in request.COOKIES):
        remember_language(answer, invitation.language)
    return answer


@public
@require_http_methods(["GET", "HEAD", "POST"])
@_behind_walls
def invitation(request: HttpRequest) -> HttpResponseBase:
    """What is offered, and the one thing to do: join, sign in, or choose a password and be in."""
    offered = invitations.opened(request.session.get(HELD, ""))
    form = NewcomerForm(request.POST if request.method == "POST" else None, invitation=offered)
    if request.method == "POST":
        try:
            member = _accept(request, offered, form)
        except PermissionDenied:  # the address has an account by now, or it is somebody else's
            member = None
        if member is not None:
            return _welcome(request, member)
    return _page(request, offered, form)


@public
@require_POST
@_behind_walls
def switch_person(request: HttpRequest) -> HttpResponseBase:
    """Sign out, and look at the same invitation as nobody yet."""
    offered = invitations.opened(request.session.get(HELD, ""))
    logout(request)
    request.session[HELD] = offered.token_hash
    return redirect("invitation")


def _accept(request: HttpRequest, offered: Invitation, form: NewcomerForm) -> Membership | None:
    """None where something typed is wrong."""
    if isinstance(request.user, User):
        return invitations.accept(token_hash=offered.token_hash, user=request.user)
    if not form.is_valid():
        return None
    member = invitations.accept_as_newcomer(token_hash=offered.token_hash, newcomer=form.newcomer)
    entering.enter(request, member.user)
    return member


def _welcome(request: HttpRequest, member: Membership) -> HttpResponse:
    request.session.pop(HELD, None)
    entering.choose(request, member.workspace)
    messages.success(
        request, _("You are in. This is %(workspace)s.") % {"workspace": member.workspace}
    )
    return redirect("home")


def _page(request: HttpRequest, offered: Invitation, form: NewcomerForm) -> HttpResponse:
    context = {
        "invitation": offered,
        "roles": role_words.chosen(offered.roles),
        "step": _step(request, offered),
        "form": form,
    }
    wrong = context["step"] == "newcomer" and form.is_bound and form.errors
    return render(request, "workspaces/invitation.html", context, status=422 if wrong else 200)


def _step(request: HttpRequest, offered: Invitation) -> str:
    """What the reader has to do: `join`, `switch`, `sign_in` or `newcomer`."""
    if isinstance(request.user, User):
        return "join" if invitations.is_for(offered, request.user) else "switch"
    return "sign_in" if invitations.account_of(offered) else "newcomer"
