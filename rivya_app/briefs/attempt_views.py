"""One more attempt at a draft: the same again, or with changes. Parse, one call, render."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rivya_app.briefs import access, actions, attempts, recipes
from rivya_app.briefs.attempts import AttemptForm
from rivya_app.core.guard import members
from rivya_app.core.htmx import fragment
from rivya_app.generations import failures
from rivya_app.generations.actions import NoKey
from rivya_app.library.uses import FileGone
from rivya_app.workspaces.requests import MemberRequest

submitters = members(*actions.MAY_SUBMIT)


@require_http_methods(["GET", "HEAD", "POST"])
@submitters
def new_attempt(request: MemberRequest, public_id: UUID, position: int) -> HttpResponse:
    """The form and its sending; sent with nothing but its number it is the same again."""
    if request.method == "POST" and "model_id" not in request.POST:
        return _same_again(request, public_id, position)
    form = _form(request, public_id, position)
    if request.method != "POST":
        return _first_look(request, form)
    if "refresh" in request.POST:
        form.stay_silent()
        return _answer(request, form, status=200)
    if form.is_valid() and _start(request, form):
        return redirect("briefs:show-brief", public_id)
    return _answer(request, form, status=422)


def _form(request: MemberRequest, public_id: UUID, position: int) -> AttemptForm:
    is_sent = request.method == "POST"
    return attempts.form_for(
        request.member,
        public_id,
        position,
        data=request.POST if is_sent else None,
        files=request.FILES if is_sent else None,
        like=request.POST.get("like") or request.GET.get("like", ""),
        prompt_from=request.POST.get("prompt_from") or request.GET.get("prompt_from", ""),
    )


def _first_look(request: MemberRequest, form: AttemptForm) -> HttpResponse:
    if form.draft.generation.is_open:
        messages.info(request, _("This draft is still being made. Try again once it is over."))
        return redirect("briefs:show-brief", form.draft.brief.public_id)
    return _answer(request, form, status=200)


def _answer(request: MemberRequest, form: AttemptForm, *, status: int) -> HttpResponse:
    context = attempts.page(request.member, form)
    return render(request, "briefs/attempt.html", context, status=status)


def _start(request: MemberRequest, form: AttemptForm) -> bool:
    """Whether it is started, or kept until there are credits; the form says why not."""
    wanted = form.wanted()
    try:
        draft = actions.new_attempt(
            member=request.member,
            public_id=form.draft.brief.public_id,
            position=form.draft.position,
            attempt=form.cleaned_data["attempt"],
            wanted=wanted,
        )
    except NoKey:
        form.add_error(None, failures.in_short("no_key"))
    except actions.ModelGone:
        form.add_error("model_id", failures.in_short("model_gone"))
    except FileGone:
        form.add_error(None, failures.in_short("reference_gone"))
    else:
        if draft and recipes.of_job(draft.generation) != wanted:
            words = _("This attempt was started already, in another window, with other changes.")
            messages.warning(request, words)
        return True
    return False


def _same_again(request: MemberRequest, public_id: UUID, position: int) -> HttpResponse:
    attempt = request.POST.get("attempt", "")
    if not attempt.isdecimal() or len(attempt) > 5:
        return HttpResponse(status=400)
    try:
        actions.new_attempt(
            member=request.member, public_id=public_id, position=position, attempt=int(attempt)
        )
    except NoKey:
        messages.error(request, failures.in_short("no_key"))
    except (actions.ModelGone, FileGone):
        words = _("It cannot be made just the same any more. Look at what to change.")
        messages.warning(request, words)
        return redirect("briefs:new-attempt", public_id, position)
    return redirect("briefs:show-brief", public_id)


@require_POST
@submitters
def attempt_controls(request: MemberRequest, public_id: UUID, position: int) -> HttpResponse:
    return _part(request, public_id, position, "controls")


@require_POST
@submitters
def attempt_price(request: MemberRequest, public_id: UUID, position: int) -> HttpResponse:
    return _part(request, public_id, position, "price")


@require_POST
@submitters
def attempt_wishes(request: MemberRequest, public_id: UUID, position: int) -> HttpResponse:
    return _part(request, public_id, position, "wishes")


@require_POST
@submitters
def attempt_text(request: MemberRequest, public_id: UUID, position: int) -> HttpResponse:
    return _part(request, public_id, position, "changes")


def _part(request: MemberRequest, public_id: UUID, position: int, part: str) -> HttpResponse:
    like = request.POST.get("like", "")
    form = attempts.form_for(request.member, public_id, position, data=request.POST, like=like)
    form.stay_silent()
    context = {**attempts.page(request.member, form), "is_part": True}
    return fragment(request, "briefs/attempt.html", part, context)


@require_safe
@submitters
def attempt_of_job(request: MemberRequest, job_id: UUID) -> HttpResponse:
    """From a job to the form of a new attempt that starts from it; 404 where it is no draft."""
    draft = access.draft_of_job(request.member, job_id)
    if draft is None:
        home = access.home_of_job(request.member, job_id)
        return redirect(home) if home else HttpResponse(status=404)
    url = reverse("briefs:new-attempt", args=[draft.brief.public_id, draft.position])
    return redirect(f"{url}?like={draft.attempt}")
