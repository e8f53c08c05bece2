"""The brief pages and each role's first page. Parse, one call, render."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from rivya_app.briefs import access, actions, pages
from rivya_app.briefs.forms import BriefForm
from rivya_app.briefs.home import home_page
from rivya_app.core.guard import members
from rivya_app.core.htmx import fragment, live_answer
from rivya_app.generations import failures
from rivya_app.generations.actions import NoKey
from rivya_app.library.uses import FileGone
from rivya_app.workspaces.requests import MemberRequest

submitters = members(*actions.MAY_SUBMIT)


@require_safe
@members()
def home(request: MemberRequest) -> HttpResponse:
    return render(request, "home.html", home_page(request.member))


@require_GET
@members()
def home_live(request: MemberRequest) -> HttpResponse:
    return live_answer(request, "home.html", home_page(request.member))


@require_safe
@members()
def index(request: MemberRequest) -> HttpResponse:
    return render(request, "briefs/index.html", pages.index_page(request.member, request.GET))


def _new_form(request: MemberRequest) -> BriefForm:
    if request.method == "POST":
        return BriefForm(
            request.POST, request.FILES, member=request.member, is_shown_anew=_is_refresh(request)
        )
    return BriefForm(initial=pages.form_start(request.member, request.GET), member=request.member)


def _is_refresh(request: MemberRequest) -> bool:
    """Buttons that only show the form anew, for browsers without scripts."""
    return bool({"refresh", "switch_to"}.intersection(request.POST))


@submitters
def new(request: MemberRequest) -> HttpResponse:
    """The form, and its sending. A refusal keeps everything that was typed."""
    form, refused = _new_form(request), ""
    if request.method == "POST" and not _is_refresh(request) and form.is_valid():
        try:
            brief = actions.submit_brief(member=request.member, wanted=form.wanted())
        except NoKey:
            refused = "no_key"
        except actions.ModelGone:
            form.add_error("model_id", failures.in_short("model_gone"))
        except FileGone:
            form.add_error(None, failures.in_short("reference_gone"))
        else:
            return redirect("briefs:show-brief", brief.public_id)
    return _form_answer(request, form, refused)


def _form_answer(request: MemberRequest, form: BriefForm, refused: str = "") -> HttpResponse:
    """The form again; `refused` is the code of a refusal that concerns none of its fields."""
    is_wrong = request.method == "POST" and not _is_refresh(request)
    if not is_wrong and form.is_bound:
        form.stay_silent()
    refusal = failures.refusal(refused, request.member) if refused else None
    context = {**pages.form_page(request.member, form), "refusal": refusal}
    return render(request, "briefs/new.html", context, status=422 if is_wrong else 200)


@require_POST
@submitters
def new_kind(request: MemberRequest) -> HttpResponse:
    return _form_part(request, "adapts")


@require_POST
@submitters
def new_controls(request: MemberRequest) -> HttpResponse:
    return _form_part(request, "controls")


@require_POST
@submitters
def preview_prompt(request: MemberRequest) -> HttpResponse:
    return _form_part(request, "prompt")


@require_POST
@submitters
def preview_price(request: MemberRequest) -> HttpResponse:
    return _form_part(request, "price")


def _form_part(request: MemberRequest, part: str) -> HttpResponse:
    form = BriefForm(request.POST, member=request.member, is_shown_anew=part == "adapts")
    form.stay_silent()
    return fragment(request, "briefs/new.html", part, pages.form_page(request.member, form))


@require_safe
@members()
def show(request: MemberRequest, public_id: UUID) -> HttpResponse:
    return render(request, "briefs/show.html", pages.show_page(request.member, public_id))


@require_GET
@members()
def show_live(request: MemberRequest, public_id: UUID) -> HttpResponse:
    page = pages.show_page(request.member, public_id, request.GET.get("v", ""))
    return live_answer(request, "briefs/show.html", page)


@require_POST
@submitters
def resume(request: MemberRequest, public_id: UUID) -> HttpResponse:
    try:
        actions.resume(member=request.member, public_id=public_id)
    except NoKey:
        messages.error(request, failures.in_short("no_key"))
    except actions.ModelGone:
        messages.error(request, failures.in_short("model_gone"))
    except FileGone:
        messages.error(request, failures.in_short("reference_gone"))
    return redirect("briefs:show-brief", public_id)


@require_safe
@members()
def of_job(request: MemberRequest, job_id: UUID) -> HttpResponse:
    """From a job to its brief; empty where the job belongs to none."""
    draft = access.draft_of_job(request.member, job_id)
    if draft is None:
        home = access.home_of_job(request.member, job_id)
        return redirect(home) if home else HttpResponse(status=404)
    return redirect("briefs:show-brief", draft.brief.public_id)
