"""The desk's page of one question to the assistant. Parse, one call, render."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rivya_app.core.htmx import form_page
from rivya_app.desk import actions, acts, turn_acts, turn_page
from rivya_app.desk.forms import NoteForm, ReasonForm
from rivya_app.desk.views import desk_workers, form_methods
from rivya_app.workspaces.requests import MemberRequest


@require_safe
@desk_workers
def show(request: MemberRequest, public_id: UUID) -> HttpResponse:
    return render(request, "desk/turn.html", turn_page.show_page(request.member, public_id))


@require_POST
@desk_workers
def do(request: MemberRequest, public_id: UUID, code: str) -> HttpResponse:
    """An act that needs no page of its own."""
    act = next((act for act in turn_acts.AT_ONCE if act.code == code), None)
    if act is None:
        raise Http404
    _press(request, public_id, act, "")
    return redirect("desk:show-turn", public_id)


@form_methods
@desk_workers
def give_up(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Asks, then ends the search for what a question cost."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if not (form.is_bound and form.is_valid()):
        page = turn_page.give_up_page(request.member, public_id, form)
        return form_page(request, "desk/give_up.html", form, page)
    _press(request, public_id, turn_acts.GIVE_UP, form.cleaned_data["reason"])
    return redirect("desk:show-turn", public_id)


@require_POST
@desk_workers
def write_note(request: MemberRequest, public_id: UUID) -> HttpResponse:
    form = NoteForm(request.POST)
    if not form.is_valid():
        page = turn_page.show_page(request.member, public_id, form)
        return render(request, "desk/turn.html", page, status=422)
    actions.write_turn_note(member=request.member, public_id=public_id, **form.cleaned_data)
    messages.success(request, _("The note is kept."))
    return redirect("desk:show-turn", public_id)


def _press(
    request: MemberRequest, public_id: UUID, act: acts.Act[turn_acts.SeenTurn], reason: str
) -> None:
    """Do it, and say what came of it."""
    try:
        is_changed = actions.repair_turn(
            member=request.member, code=act.code, public_id=public_id, reason=reason
        )
    except actions.CannotHelp as refusal:
        messages.warning(request, str(acts.WHY_NOT[refusal.why]))
    else:
        messages.success(request, str(act.done if is_changed else act.again))
