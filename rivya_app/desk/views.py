"""The desk. Parse, one call, render."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from rivya_app.core.guard import members
from rivya_app.core.htmx import form_page, live_answer
from rivya_app.desk import access, actions, acts, bulk_page, pages
from rivya_app.desk.forms import NoteForm, ReasonForm, UnsureForm
from rivya_app.workspaces.models import Role
from rivya_app.workspaces.requests import MemberRequest

desk_workers = members(*access.AT_THE_DESK)
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@desk_workers
def index(request: MemberRequest) -> HttpResponse:
    return render(request, "desk/index.html", pages.index_page(request.member, request.GET))


@require_safe
@desk_workers
def show(request: MemberRequest, public_id: UUID) -> HttpResponse:
    return render(request, "desk/show.html", pages.show_page(request.member, public_id))


@require_GET
@desk_workers
def show_live(request: MemberRequest, public_id: UUID) -> HttpResponse:
    return live_answer(request, "desk/show.html", pages.show_page(request.member, public_id))


@require_POST
@desk_workers
def do(request: MemberRequest, public_id: UUID, code: str) -> HttpResponse:
    """An act that needs no page of its own."""
    act = next((act for act in acts.AT_ONCE if act.code == code), None)
    if act is None:
        raise Http404
    try:
        is_changed = actions.repair(member=request.member, code=code, public_id=public_id)
    except actions.CannotHelp as refusal:
        messages.warning(request, str(acts.WHY_NOT[refusal.why]))
    else:
        messages.success(request, str(act.done if is_changed else act.again))
    return redirect("desk:show", public_id)


@form_methods
@desk_workers
def release(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Asks, then lets go what was held for a job that Rivya surely does not have."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    return _release(request, public_id, acts.RELEASE, form)


@form_methods
@members(Role.OWNER, is_confirmed=True)
def release_unsure(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """The same where Rivya's truth cannot be had."""
    form = UnsureForm(request.POST if request.method == "POST" else None)
    return _release(request, public_id, acts.RELEASE_UNSURE, form)


def _release(
    request: MemberRequest, public_id: UUID, act: acts.Act[acts.Seen], form: Any
) -> HttpResponse:
    if not (form.is_bound and form.is_valid()):
        page = pages.release_page(request.member, public_id, act, form)
        return form_page(request, "desk/release.html", form, page)
    asked = {"public_id": public_id, "reason": form.cleaned_data["reason"]}
    try:
        if act is acts.RELEASE:
            actions.repair(member=request.member, code=act.code, **asked)
        else:
            actions.release_unsure(member=request.member, **asked)
    except actions.CannotHelp as refusal:
        messages.warning(request, str(acts.WHY_NOT[refusal.why]))
    else:
        messages.success(request, str(act.done))
    return redirect("desk:show", public_id)


@require_POST
@desk_workers
def write_note(request: MemberRequest, public_id: UUID) -> HttpResponse:
    form = NoteForm(request.POST)
    if not form.is_valid():
        page = pages.show_page(request.member, public_id, form)
        return render(request, "desk/show.html", page, status=422)
    actions.write_note(member=request.member, public_id=public_id, **form.cleaned_data)
    messages.success(request, _("The note is kept."))
    return redirect("desk:show", public_id)


@require_POST
@desk_workers
def replay(request: MemberRequest) -> HttpResponse:
    """A message of Rivya that still waits; `next` is the page the button was on."""
    try:
        event_id = request.POST.get("event", "")
        actions.replay_event(member=request.member, event_id=event_id)
    except actions.CannotHelp as refusal:
        messages.warning(request, str(acts.WHY_NOT[refusal.why]))
    else:
        messages.success(request, _("The message is looked at now."))
    return _back(request)


@require_POST
@desk_workers
def handle(request: MemberRequest) -> HttpResponse:
    """Mark a thing of a list as handled, or put it back; `next` is where the button was."""
    asked = {"kind": request.POST.get("kind", ""), "reference": request.POST.get("ref", "")}
    if request.POST.get("to") == "desk":
        actions.put_back(member=request.member, **asked)
        messages.success(request, _("It stands on the desk again."))
    else:
        actions.mark_handled(member=request.member, **asked)
        messages.success(request, _("Marked as handled."))
    return _back(request)


def _back(request: MemberRequest) -> HttpResponse:
    page = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(page, allowed_hosts=None):
        return redirect(page)
    return redirect("desk:index")


@form_methods
@desk_workers
def several(request: MemberRequest) -> HttpResponse:
    """The first POST asks, the second one, which carries the exact names, does it."""
    asked = bulk_page.read(request.POST) if request.method == "POST" else None
    if asked is None:
        return redirect("desk:index")
    form = bulk_page.form_of(asked, request.POST)
    if not asked.is_confirmed or not form.is_valid():
        page = bulk_page.preview_page(request.member, asked, form)
        return render(request, "desk/several.html", page, status=page["status"])
    lines = bulk_page.carry_out(request.member, asked, form)
    return render(request, "desk/several_done.html", bulk_page.done_page(asked, lines))
