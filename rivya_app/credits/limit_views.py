"""The pages about limits. Parse, one call, render."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from rivya_app.core.guard import members
from rivya_app.credits import limit_access, limit_actions, limit_pages
from rivya_app.credits.limit_actions import LimitTaken
from rivya_app.credits.limit_forms import LimitForm
from rivya_app.credits.limit_pages import Bar
from rivya_app.credits.models import Limit
from rivya_app.workspaces.requests import MemberRequest

changers = members(*limit_access.MAY_CHANGE)
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@members(*limit_access.MAY_SEE)
def index(request: MemberRequest) -> HttpResponse:
    return render(request, "credits/limits.html", limit_pages.index_page(request.member))


@form_methods
@changers
def new(request: MemberRequest) -> HttpResponse:
    """The form, and its sending. A refusal keeps everything that was typed."""
    form = LimitForm(_typed(request), member=request.member)
    keep = partial(limit_actions.make_limit, member=request.member)
    return _form_answer(request, form, keep, _("The limit holds from now on."))


@form_methods
@changers
def change(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """The same for one that is there."""
    limit = limit_access.limit(request.member, public_id)
    form = LimitForm(_typed(request), member=request.member, limit=limit)
    keep = partial(limit_actions.change_limit, member=request.member, public_id=public_id)
    return _form_answer(request, form, keep, _("The limit was changed."))


def _typed(request: MemberRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _form_answer(
    request: MemberRequest, form: LimitForm, keep: Callable[..., Limit], said: str
) -> HttpResponse:
    """Keep what was sent and go back to the list, or the form again with what is to be looked at:
    an error, or a limit below what is used, which asks for a second press."""
    asks_about = None
    if form.is_bound and form.is_valid():
        asks_about = _asks_about(request, form)
        try:
            if asks_about is None:
                keep(wanted=form.wanted())
                messages.success(request, said)
                return redirect("credits:limits")
        except LimitTaken as refusal:
            form.explain_taken(refusal)
    page = limit_pages.form_page(form, asks_about=asks_about)
    is_wrong = form.is_bound and bool(form.errors)
    return render(request, "credits/limit_form.html", page, status=422 if is_wrong else 200)


def _asks_about(request: MemberRequest, form: LimitForm) -> Bar | None:
    """What is used already, where a limit would be less and nobody said yes to that amount."""
    wanted = form.wanted()
    if form.confirmed_amount == str(wanted.amount):
        return None
    return limit_pages.below_use(request.member, wanted)


@form_methods
@changers
def end(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Asks, then ends it."""
    if request.method != "POST":
        limit = limit_access.limit(request.member, public_id)
        return render(request, "credits/end_limit.html", limit_pages.end_page(limit))
    limit_actions.end_limit(member=request.member, public_id=public_id)
    messages.success(request, _("The limit has ended."))
    return redirect("credits:limits")
