"""The list of reviews, asking, approving several, and settings. Parse, one call, render."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rivya_app.core.guard import members
from rivya_app.reviews import access, actions, ask_page, bulk, queue_page
from rivya_app.reviews.ask_forms import SettingsForm
from rivya_app.reviews.models import Review, VideoConcept
from rivya_app.reviews.refusal_words import words_of
from rivya_app.reviews.refusals import ReviewRefused
from rivya_app.reviews.telling import path_of
from rivya_app.workspaces.models import Role
from rivya_app.workspaces.requests import MemberRequest

askers = members(*actions.MAY_ASK)
deciders = members(*access.DECIDERS)
owners = members(Role.OWNER)


@require_safe
@members()
def queue(request: MemberRequest) -> HttpResponse:
    return render(request, "reviews/queue.html", queue_page.queue_page(request.member, request.GET))


@require_http_methods(["GET", "HEAD", "POST"])
@deciders
def approve_many(request: MemberRequest) -> HttpResponse:
    """GET asks for the confirmation that POST gives."""
    if request.method != "POST":
        page = bulk.confirm_page(request.member, request.GET)
        return render(request, "reviews/approve_many.html", page)
    if missing := bulk.missing_ticks(request.member, request.POST):
        page = bulk.confirm_page(request.member, request.POST, missing=missing)
        return render(request, "reviews/approve_many.html", page, status=422)
    outcomes = bulk.approve_many(request.member, request.POST)
    return render(request, "reviews/approved.html", bulk.done_page(outcomes, request.POST))


@require_http_methods(["GET", "HEAD", "POST"])
@askers
def ask(request: MemberRequest) -> HttpResponse:
    """The form; and the one press for a draft with one result, which needs no form."""
    if request.method != "POST":
        page = ask_page.ask_page(request.member, request.GET)
        return render(request, "reviews/ask.html", page)
    if "is_form" not in request.POST:
        return _one_press(request)
    form = ask_page.form_of(request.member, request.POST)
    if form.is_valid():
        try:
            made = actions.request_review(member=request.member, **form.wanted)
        except ReviewRefused as refusal:
            form.add_error(None, words_of(refusal))
        else:
            return _sent(request, made)
    page = ask_page.ask_page(request.member, request.POST, form)
    return render(request, "reviews/ask.html", page, status=422)


def _one_press(request: MemberRequest) -> HttpResponse:
    press = ask_page.press_of(request.member, request.POST)
    if press.must_choose:
        return redirect(f"{request.path}?{urlencode({'job': press.jobs}, doseq=True)}")
    try:
        made = actions.request_review(member=request.member, file_ids=press.file_ids)
    except ReviewRefused as refusal:
        messages.error(request, words_of(refusal))
        return redirect("briefs:show-brief", press.brief_id)
    return _sent(request, made)


def _sent(request: MemberRequest, made: list[Review]) -> HttpResponse:
    words = ngettext("Sent for review.", "%(count)d drafts sent for review.", len(made))
    messages.success(request, words % {"count": len(made)})
    return redirect("briefs:show-brief", made[0].brief.public_id)


@require_POST
@askers
def withdraw(request: MemberRequest, public_id: UUID) -> HttpResponse:
    try:
        review = actions.withdraw(member=request.member, public_id=public_id)
    except ReviewRefused as refusal:
        messages.error(request, words_of(refusal))
        return redirect("reviews:show-review", public_id)
    messages.success(request, _("Withdrawn. It can be sent again."))
    return redirect("briefs:show-brief", review.brief.public_id)


@owners
def settings(request: MemberRequest) -> HttpResponse:
    form = SettingsForm(request.POST) if request.method == "POST" else None
    if form is None or not form.is_valid():
        page = ask_page.settings_page(request.member, form)
        return render(request, "reviews/settings.html", page, status=422 if form else 200)
    actions.change_settings(member=request.member, **form.cleaned_data)
    messages.success(request, _("Saved."))
    return redirect("reviews:settings")


@require_POST
@owners
def let_through(request: MemberRequest, public_id: UUID) -> HttpResponse:
    concept = actions.let_video_through(member=request.member, public_id=public_id)
    messages.success(request, _("It starts in a moment, beyond the budget."))
    return _back(request, concept)


@require_POST
@deciders
def try_video_again(request: MemberRequest, public_id: UUID) -> HttpResponse:
    concept = actions.try_video_again(member=request.member, public_id=public_id)
    if concept.state == VideoConcept.State.STARTED:
        messages.success(request, _("The video has started."))
    else:
        messages.warning(request, _("It still waits, for the same reason."))
    return _back(request, concept)


@require_POST
@deciders
def give_up_video(request: MemberRequest, public_id: UUID) -> HttpResponse:
    try:
        concept = actions.give_up_video(member=request.member, public_id=public_id)
    except ReviewRefused as refusal:
        messages.error(request, words_of(refusal))
        concept = access.concept(request.member, public_id)
    else:
        messages.success(request, _("The video is given up. Its credits are free again."))
    return _back(request, concept)


def _back(request: MemberRequest, concept: VideoConcept) -> HttpResponse:
    """To the page the button was on; else to the review, where the member may see it."""
    page = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(page, allowed_hosts=None):
        return redirect(page)
    try:
        return redirect(path_of(access.review(request.member, concept.decision.review.public_id)))
    except Http404:
        return redirect("home")
