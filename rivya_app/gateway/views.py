"""The keys page of an owner."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from rivya_app.core.guard import members
from rivya_app.core.htmx import form_page
from rivya_app.gateway import access, actions, catalogue, key_words
from rivya_app.gateway.forms import KeyForm
from rivya_app.workspaces.models import Role
from rivya_app.workspaces.requests import MemberRequest


@members(Role.OWNER)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("secret")
def keys(request: MemberRequest) -> HttpResponse:
    """Keys by purpose, and the form for another one."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            key = actions.add_key(member=request.member, **form.cleaned_data)
        except actions.KeyNotAccepted as refusal:
            form.explain(refusal)
        else:
            said = _("The key for %(purpose)s is in use.") % {"purpose": key.purpose}
            messages.success(request, said)
            return redirect("gateway:keys")
    context: dict[str, Any] = {
        "keys": access.keys_of(request.member),
        "model_list": catalogue.standing(),
    }
    return form_page(request, "gateway/keys.html", form, context)


@members(Role.OWNER)
@require_POST
def retire_key(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Take a key out of use; running jobs end with it."""
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
    return redirect("gateway:keys")
