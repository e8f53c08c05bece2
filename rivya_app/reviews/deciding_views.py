"""The page of one review: looking, pinning, deciding. Parse, one call, render."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rivya_app.core.guard import members
from rivya_app.core.htmx import fragment
from rivya_app.reviews import access, actions, onward, page, pins, refusal_words
from rivya_app.reviews.page import Here, Typed
from rivya_app.reviews.refusals import AlreadyDecided, ReviewRefused, TooLate, WordsMissing
from rivya_app.reviews.verdict_form import NoteForm, PinForm, ReasonForm, VerdictForm
from rivya_app.workspaces.requests import MemberRequest

deciders = members(*access.DECIDERS)


def _page(
    request: MemberRequest, public_id: UUID, typed: Typed | None = None, *, status: int = 200
) -> HttpResponse:
    context = page.show_page(request.member, public_id, Here.read(request.GET), typed)
    return render(request, "reviews/show.html", context, status=status)


@require_safe
@members()
def show(request: MemberRequest, public_id: UUID) -> HttpResponse:
    return _page(request, public_id)


@require_POST
@deciders
def decide(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """A refusal keeps everything that was typed; the same press again finds the decision."""
    review = access.review_to_decide(request.member, public_id)
    form = VerdictForm(request.POST, member=request.member, review=review)
    if "refresh" in request.POST:
        form.stay_silent()
        return _page(request, public_id, Typed(verdict=form))
    if not form.is_valid():
        return _page(request, public_id, Typed(verdict=form), status=422)
    try:
        decision = actions.decide(
            member=request.member, public_id=public_id, verdict=form.verdict()
        )
    except AlreadyDecided as late:
        if onward.is_same_press(late, request.member, form):
            return redirect(onward.url(request.member, review, Here.read(request.GET)))
        typed = Typed(verdict=form, alert=refusal_words.words_of(late))
        return _page(request, public_id, typed, status=422)
    except ReviewRefused as refusal:
        form.refuse(refusal)
        return _page(request, public_id, Typed(verdict=form), status=422)
    if said := onward.last_words(decision):
        messages.success(request, said)
    return redirect(onward.url(request.member, review, Here.read(request.GET)))


@require_POST
@deciders
def take_back(request: MemberRequest, public_id: UUID) -> HttpResponse:
    try:
        review = actions.take_back(
            member=request.member,
            public_id=public_id,
            decision_id=request.POST.get("decision", ""),
        )
    except TooLate as late:
        typed = Typed(alert=refusal_words.words_of(late))
        return _page(request, public_id, typed, status=422)
    messages.info(request, _("Taken back. It waits for a decision again."))
    return redirect(Here.read(request.GET).address(review))


@require_POST
@deciders
def reverse_decision(request: MemberRequest, public_id: UUID) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, public_id, Typed(reason=form), status=422)
    try:
        review = actions.reverse_decision(
            member=request.member, public_id=public_id, reason=form.cleaned_data["reason"]
        )
    except WordsMissing as refusal:
        form.refuse(refusal)
        return _page(request, public_id, Typed(reason=form), status=422)
    except TooLate as late:
        typed = Typed(reason=form, alert=refusal_words.words_of(late))
        return _page(request, public_id, typed, status=422)
    messages.info(request, _("Opened again. It waits for a decision."))
    return redirect(Here.read(request.GET).address(review))


@require_POST
@deciders
def video_price(request: MemberRequest, public_id: UUID) -> HttpResponse:
    review = access.review_to_decide(request.member, public_id)
    form = VerdictForm(request.POST, member=request.member, review=review)
    form.stay_silent()
    if form.video is None:
        return HttpResponse(status=204)
    context = {"review": review, "form": form, "video": form.video, "is_part": True}
    return fragment(request, "reviews/_video.html", "price", context)


@require_POST
@deciders
def put_pin(request: MemberRequest, public_id: UUID) -> HttpResponse:
    review = access.review_to_decide(request.member, public_id)
    form = PinForm(request.POST, review=review)
    if not form.is_valid():
        return _page(request, public_id, Typed(pin=form), status=422)
    try:
        pins.put(
            member=request.member,
            public_id=public_id,
            sha256=form.cleaned_data["sha256"],
            place=form.place(),
            note=form.cleaned_data["pin_note"],
        )
    except (ReviewRefused, pins.TooManyPins) as refusal:
        return _page(request, public_id, Typed(alert=onward.pin_words(refusal)), status=422)
    return _pinned(request, public_id)


@require_POST
@deciders
def reword_pin(request: MemberRequest, public_id: UUID, pin_id: UUID) -> HttpResponse:
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, public_id, Typed(alert=form.first_error()), status=422)
    try:
        pins.reword(
            member=request.member,
            public_id=public_id,
            pin_id=pin_id,
            note=form.cleaned_data["pin_note"],
        )
    except AlreadyDecided as late:
        return _page(request, public_id, Typed(alert=refusal_words.words_of(late)), status=422)
    return _pinned(request, public_id)


@require_POST
@deciders
def remove_pin(request: MemberRequest, public_id: UUID, pin_id: UUID) -> HttpResponse:
    try:
        pins.remove(member=request.member, public_id=public_id, pin_id=pin_id)
    except AlreadyDecided as late:
        return _page(request, public_id, Typed(alert=refusal_words.words_of(late)), status=422)
    return _pinned(request, public_id)


def _pinned(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Back to the page as it was looked at, where the pins are."""
    review = access.review(request.member, public_id)
    return redirect(Here.read(request.GET).whole_address(review) + "#pins")
