"""The pages of the owner's gate. Parse, one call, render."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rivya_app.core.guard import members
from rivya_app.credits import gate, gate_pages, gate_rules
from rivya_app.credits.gate_forms import AnswerForm, RuleForm
from rivya_app.credits.models import Ask
from rivya_app.workspaces.access import MAY_SUBMIT
from rivya_app.workspaces.models import Role
from rivya_app.workspaces.requests import MemberRequest

owners = members(Role.OWNER)


@require_http_methods(["GET", "HEAD", "POST"])
@owners
def rules(request: MemberRequest) -> HttpResponse:
    """The rules, and the sending of a new one."""
    form = RuleForm(request.POST, member=request.member) if request.method == "POST" else None
    if form is None or not form.is_valid():
        page = gate_pages.gate_page(request.member, form)
        return render(request, "credits/gate.html", page, status=422 if form else 200)
    gate_rules.add_rule(member=request.member, wanted=form.wanted())
    messages.success(request, _("The rule holds from now on."))
    return redirect("credits:gate")


@require_POST
@owners
def end_rule(request: MemberRequest, public_id: UUID) -> HttpResponse:
    gate_rules.end_rule(member=request.member, public_id=public_id)
    messages.success(request, _("The rule has ended. What it held can be started again."))
    return redirect("credits:gate")


@require_safe
@owners
def asks(request: MemberRequest) -> HttpResponse:
    page = gate_pages.asks_page(request.member, request.GET)
    return render(request, "credits/asks.html", page)


@require_safe
@owners
def show_ask(request: MemberRequest, public_id: UUID) -> HttpResponse:
    return render(request, "credits/ask.html", gate_pages.show_page(request.member, public_id))


@require_POST
@owners
def answer(request: MemberRequest, public_id: UUID) -> HttpResponse:
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _again(request, public_id, form)
    try:
        asked = gate.answer(
            member=request.member,
            public_id=public_id,
            is_yes=form.cleaned_data["answer"] == "yes",
            seen=form.cleaned_data["seen"],
            note=form.cleaned_data["note"],
        )
    except gate.Moved:
        return _again(request, public_id, form, is_moved=True)
    except gate.NotPending as refusal:
        messages.warning(request, _answered_words(refusal.ask))
    else:
        _say_done(request, asked)
    return redirect("credits:show-ask", public_id)


def _again(
    request: MemberRequest, public_id: UUID, form: AnswerForm, *, is_moved: bool = False
) -> HttpResponse:
    """The page anew, with what was typed."""
    page = gate_pages.show_page(request.member, public_id, form, is_moved=is_moved)
    return render(request, "credits/ask.html", page, status=422)


def _say_done(request: MemberRequest, asked: Ask) -> None:
    if asked.state == Ask.State.GRANTED:
        messages.success(
            request, _("You said yes. It starts now, and whoever asked has been told.")
        )
    else:
        messages.success(request, _("You said no. Whoever asked has been told."))


def _answered_words(asked: Ask) -> str:
    """Who was first, or why nobody can answer any more."""
    if asked.state == Ask.State.GRANTED:
        return _("%(name)s said yes already.") % {"name": asked.answered_by}
    if asked.state == Ask.State.REFUSED:
        return _("%(name)s said no already.") % {"name": asked.answered_by}
    if asked.state == Ask.State.WITHDRAWN:
        return _("It is not asked for any more.")
    return _("The time for an answer is over. It can be asked again.")


@require_POST
@members(*MAY_SUBMIT)
def withdraw_ask(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Of an ask of one's own; back to what it is about."""
    try:
        asked = gate.withdraw(member=request.member, public_id=public_id)
    except gate.NotPending as refusal:
        messages.warning(request, _answered_words(refusal.ask))
        return HttpResponseRedirect(refusal.ask.link)
    messages.success(request, _("The owners are not asked any more."))
    return HttpResponseRedirect(asked.link)
