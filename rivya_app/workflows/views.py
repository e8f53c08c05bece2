"""The pages about workflows. Parse, one call, render."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
    require_safe,
)

from rivya_app.core.guard import members
from rivya_app.core.htmx import live_answer
from rivya_app.gateway import access as gateway
from rivya_app.gateway import workflow_actions
from rivya_app.gateway.workflow_shipped import ensure_shipped
from rivya_app.workflows import pages, tries
from rivya_app.workflows.forms import WorkflowForm
from rivya_app.workspaces.models import Role
from rivya_app.workspaces.requests import MemberRequest

owners = members(Role.OWNER)
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@members()
def index(request: MemberRequest) -> HttpResponse:
    ensure_shipped(request.member.workspace)
    return render(request, "workflows/index.html", pages.index_page(request.member))


@require_safe
@members()
def show(request: MemberRequest, public_id: UUID) -> HttpResponse:
    return render(request, "workflows/show.html", pages.show_page(request.member, public_id))


@require_GET
@members()
def show_live(request: MemberRequest, public_id: UUID) -> HttpResponse:
    page = pages.show_page(request.member, public_id)
    return live_answer(request, "workflows/show.html", page)


@form_methods
@owners
def new(request: MemberRequest) -> HttpResponse:
    """The form, and its sending. A refusal keeps everything that was typed."""
    form = WorkflowForm(_typed(request), member=request.member)
    if not _is_sent(request, form):
        return _form_answer(request, form)
    flow = workflow_actions.make_workflow(
        member=request.member, wanted=form.wanted(), form_token=form.token
    )
    return redirect("workflows:show", flow.public_id)


@form_methods
@owners
def change(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """The same for one that is there."""
    before = gateway.workflow_named(request.member, public_id)
    form = WorkflowForm(_typed(request), member=request.member, flow=before)
    if not _is_sent(request, form):
        return _form_answer(request, form)
    workflow_actions.change_workflow(
        member=request.member, public_id=public_id, wanted=form.wanted()
    )
    messages.success(request, _("Saved. New jobs follow it from now on."))
    return redirect("workflows:show", public_id)


def _typed(request: MemberRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _is_sent(request: MemberRequest, form: WorkflowForm) -> bool:
    """Whether it was sent to be kept, and nothing in it is wrong."""
    return request.method == "POST" and not form.is_refresh and form.is_valid()


def _form_answer(request: MemberRequest, form: WorkflowForm) -> HttpResponse:
    is_wrong = request.method == "POST" and not form.is_refresh
    if form.is_bound and not is_wrong:
        form.stay_silent()
    page = pages.form_page(form)
    return render(request, "workflows/form.html", page, status=422 if is_wrong else 200)


@form_methods
@owners
def archive(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Asks, then puts it away; for one that is away, takes it out again."""
    if request.method != "POST":
        flow = gateway.workflow_named(request.member, public_id)
        return render(request, "workflows/archive.html", {"flow": flow})
    if request.POST.get("to") == "in_use":
        workflow_actions.unarchive_workflow(member=request.member, public_id=public_id)
        messages.success(request, _("The workflow is in use again."))
        return redirect("workflows:show", public_id)
    try:
        workflow_actions.archive_workflow(member=request.member, public_id=public_id)
    except workflow_actions.IsMain:
        messages.error(request, _("Make another workflow of this moment the main one first."))
    else:
        messages.success(request, _("The workflow is archived. What runs goes on."))
    return redirect("workflows:show", public_id)


@require_POST
@owners
def make_main(request: MemberRequest, public_id: UUID) -> HttpResponse:
    try:
        flow = workflow_actions.make_main(member=request.member, public_id=public_id)
    except workflow_actions.IsArchived:
        messages.error(request, _("Take it out of the archive first."))
    else:
        said = _("%(name)s is the main one now: it serves where nobody chose another.")
        messages.success(request, said % {"name": flow})
    return redirect("workflows:show", public_id)


@form_methods
@members()
def dry_run(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """The form of a trial, and what stands against it. Nothing is sent."""
    trial = tries.trial_of(request.member, public_id, _typed(request))
    return render(request, "workflows/dry_run.html", trial.page())


@require_POST
@members()
def run(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """One real job or question, at the price that was on the button."""
    trial = tries.trial_of(request.member, public_id, request.POST)
    address = trial.run()
    if not address:
        return render(request, "workflows/dry_run.html", trial.page(), status=422)
    return redirect(address)
