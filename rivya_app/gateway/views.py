"""The owner's pages of keys. What ends or brings in a secret asks for the password again."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rivya_app.core.guard import members
from rivya_app.core.htmx import form_page
from rivya_app.gateway import access, actions, key_pages, key_words, rotation
from rivya_app.gateway.forms import ExpiryForm, KeyForm, SecretForm
from rivya_app.gateway.models import ApiKey
from rivya_app.workspaces.models import Role
from rivya_app.workspaces.requests import MemberRequest


@members(Role.OWNER)
@require_safe
def keys(request: MemberRequest) -> HttpResponse:
    """Keys by purpose, and how each of them fares."""
    return render(request, "gateway/keys.html", key_pages.keys_page(request.member))


@members(Role.OWNER, is_confirmed=True)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("secret")
def add_key(request: MemberRequest) -> HttpResponse:
    """Paste another one."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    said = _("The key for %(purpose)s is in use.")
    key = _taken(form, lambda: actions.add_key(member=request.member, **form.cleaned_data))
    if key is None:
        return form_page(request, "gateway/add_key.html", form)
    messages.success(request, said % {"purpose": key.purpose})
    return redirect("gateway:keys")


@members(Role.OWNER)
@require_safe
def show_key(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """What it may do, what uses it, what happened to it."""
    return render(request, "gateway/key.html", key_pages.key_page(request.member, public_id))


@members(Role.OWNER, is_confirmed=True)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("secret")
def rotate_key(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Paste a new secret for the same purpose."""
    old = access.key(request.member, public_id)
    form = SecretForm(request.POST if request.method == "POST" else None)

    def rotate() -> ApiKey:
        secret = form.cleaned_data["secret"]
        return rotation.rotate_key(member=request.member, public_id=public_id, secret=secret)

    key = _taken(form, rotate)
    if key is None:
        return form_page(request, "gateway/rotate_key.html", form, {"key": old})
    said = _("The key for %(purpose)s has a new secret. Running jobs end with the old one.")
    messages.success(request, said % {"purpose": key.purpose})
    return redirect("gateway:show-key", key.public_id)


def _taken(form: SecretForm, act: Callable[[], ApiKey]) -> ApiKey | None:
    """The key that a right form brought; None where nothing was typed, or it was refused."""
    if not (form.is_bound and form.is_valid()):
        return None
    try:
        return act()
    except actions.KeyNotAccepted as refusal:
        form.explain(refusal)
        return None


@members(Role.OWNER, is_confirmed=True)
@require_http_methods(["GET", "HEAD", "POST"])
def retire_key(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Take a key out of use, after saying what that means; running jobs end with it."""
    if request.method != "POST":
        return render(
            request, "gateway/retire_key.html", key_pages.key_page(request.member, public_id)
        )
    key = actions.retire_key(member=request.member, public_id=public_id)
    said = _("The key for %(purpose)s is retired.") % {"purpose": key.purpose}
    messages.success(request, said)
    return redirect("gateway:keys")


@members(Role.OWNER)
@require_POST
def check_key(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Ask Rivya about a stored key again."""
    try:
        key = actions.check_key(member=request.member, public_id=public_id)
    except actions.KeyNotAccepted as refusal:
        messages.error(request, key_words.words(refusal.code, refusal.scopes))
    else:
        said = _("Rivya accepts the key for %(purpose)s.") % {"purpose": key.purpose}
        messages.success(request, said)
    return redirect("gateway:show-key", public_id)


@members(Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
def set_expiry(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Keep when it ends, as Rivya's page says."""
    key = access.key(request.member, public_id)
    form = ExpiryForm(request.POST or None, initial={"ends_on": key.expires_on})
    if not (form.is_bound and form.is_valid()):
        return form_page(request, "gateway/key_expiry.html", form, {"key": key})
    day = form.cleaned_data["ends_on"]
    rotation.set_expiry(member=request.member, public_id=public_id, ends_on=day)
    return redirect("gateway:show-key", public_id)
