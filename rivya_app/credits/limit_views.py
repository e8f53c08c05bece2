"""The pages about limits. Parse, one call, render."""

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
    asks_about = _asks_about(request, form)
    if form.is_bound and form.is_valid() and asks_about is None:
        try:
            limit_actions.make_limit(member=request.member, wanted=form.wanted())
        except LimitTaken as refusal:
            form.explain_taken(refusal)
        else:
            messages.success(request, _("The limit holds from now on."))
            return redirect("credits:limits")
    return _form_answer(request, form, asks_about)


@form_methods
@changers
def change(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """The same for one that is there."""
    limit = limit_access.limit(request.member, public_id)
    form = LimitForm(_typed(request), member=request.member, limit=limit)
    asks_about = _asks_about(request, form)
    if form.is_bound and form.is_valid() and asks_about is None:
        try:
            limit_actions.change_limit(
                member=request.member, public_id=public_id, wanted=form.wanted()
            )
        except LimitTaken as refusal:
            form.explain_taken(refusal)
        else:
            messages.success(request, _("The limit was changed."))
            return redirect("credits:limits")
    return _form_answer(request, form, asks_about)


def _typed(request: MemberRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _asks_about(request: MemberRequest, form: LimitForm) -> Bar | None:
    """What is used already, where a limit would be less and nobody said yes to that amount."""
    if not form.is_bound or not form.is_valid():
        return None
    wanted = form.wanted()
    if form.confirmed_amount == str(wanted.amount):
        return None
    return limit_pages.below_use(request.member, form, wanted)


def _form_answer(
    request: MemberRequest, form: LimitForm, asks_about: Bar | None = None
) -> HttpResponse:
    is_wrong = form.is_bound and bool(form.errors)
    page = limit_pages.form_page(form, asks_about=asks_about)
    return render(request, "credits/limit_form.html", page, status=422 if is_wrong else 200)


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
