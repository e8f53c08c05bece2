"""The pages about models. Parse, one call, render."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from rivya_app.core.guard import members
from rivya_app.gateway import key_words, kinds, model_actions, models_page
from rivya_app.rivya_api import errors
from rivya_app.workspaces.models import Role
from rivya_app.workspaces.requests import MemberRequest


@require_safe
@members()
def index(request: MemberRequest) -> HttpResponse:
    context = models_page.index_page(request.member, request.GET)
    return render(request, "gateway/models.html", context)


@require_safe
@members()
def show_model(request: MemberRequest, model_id: str) -> HttpResponse:
    return render(request, "gateway/model.html", models_page.show_page(request.member, model_id))


@require_POST
@members(Role.OWNER)
def refresh(request: MemberRequest) -> HttpResponse:
    """Read Rivya's model list now instead of at its next time."""
    try:
        changes = model_actions.refresh(member=request.member)
    except errors.RivyaError:
        words = _("Rivya's model list could not be read. The list as last read stays in use.")
        messages.error(request, words)
    else:
        messages.success(request, key_words.changes(changes))
    return redirect("models:index")


@require_POST
@members(Role.OWNER)
def permit(request: MemberRequest, media_kind: str) -> HttpResponse:
    """Which models a kind may use, and which one it starts from."""
    _require_kind(media_kind)
    only = request.POST.get("which") == "only"
    chosen = request.POST.getlist("allowed") if only else []
    if only and not chosen:
        messages.error(request, _("Choose at least one model, or permit them all."))
        return redirect("models:index")
    try:
        model_actions.permit(
            member=request.member,
            media_kind=media_kind,
            model_ids=chosen,
            start_from=request.POST.get("start_from", ""),
        )
    except model_actions.NotPermitted as refusal:
        messages.error(request, _refusal_words(refusal))
    else:
        messages.success(request, _("Saved. New briefs follow it from now on."))
    return redirect("models:index")


@require_POST
@members(Role.OWNER)
def start_from(request: MemberRequest, media_kind: str) -> HttpResponse:
    """Let new briefs begin with one model."""
    _require_kind(media_kind)
    model_id = request.POST.get("model_id", "")
    try:
        model_actions.start_from(member=request.member, media_kind=media_kind, model_id=model_id)
    except model_actions.NotPermitted as refusal:
        messages.error(request, _refusal_words(refusal))
    else:
        messages.success(request, _("Saved. New briefs start from this model."))
    return redirect("models:show-model", model_id) if model_id else redirect("models:index")


def _require_kind(media_kind: str) -> None:
    if media_kind not in kinds.KINDS:
        raise Http404


def _refusal_words(refusal: model_actions.NotPermitted) -> str:
    if refusal.code == "unknown":
        return _("A chosen model is no longer on the list. Look at the list again.")
    return _("Briefs cannot start from this model: it is not permitted or cannot be used.")
