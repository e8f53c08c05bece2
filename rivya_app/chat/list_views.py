"""The list of conversations, what is done to a whole one, and the member's own cap."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rivya_app.chat import access, actions, cap_page, caps, export, listing
from rivya_app.chat.cap_page import CapForm
from rivya_app.chat.models import Conversation
from rivya_app.chat.paths import path_of
from rivya_app.core.guard import members
from rivya_app.core.htmx import form_page
from rivya_app.workspaces.requests import MemberRequest

chatters = members(*access.MAY_CHAT)


@require_safe
@members()
def index(request: MemberRequest) -> HttpResponse:
    """The member's conversations, or what others share."""
    page = listing.index_page(request.member, request.GET)
    return render(request, "chat/index.html", page)


@require_POST
@chatters
def rename(request: MemberRequest, public_id: UUID) -> HttpResponse:
    title = request.POST.get("title", "").replace("\x00", "")
    act = partial(actions.rename, title=title)
    return _done(request, public_id, act, _("The conversation has its new name."))


@require_POST
@chatters
def archive(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Out of the list, or back in it."""
    is_archived = request.POST.get("is_archived") == "1"
    said = _("Archived. You find it under “Archived”.") if is_archived else _("Back in your list.")
    return _done(request, public_id, partial(actions.archive, is_archived=is_archived), said)


@require_POST
@chatters
def share(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Let the workspace read it, or nobody else any more."""
    is_shared = request.POST.get("is_shared") == "1"
    said = (
        _("Everybody in the workspace can read it now.")
        if is_shared
        else _("Only you can read it now.")
    )
    return _done(request, public_id, partial(actions.share, is_shared=is_shared), said)


def _done(
    request: MemberRequest, public_id: UUID, act: Callable[..., Conversation], said: str
) -> HttpResponse:
    """Do it, say so, and go back to the page it was asked on."""
    conversation = act(member=request.member, conversation_id=public_id)
    messages.success(request, said)
    page = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(page, allowed_hosts=None)
    return redirect(page if is_ours else path_of(conversation))


@require_safe
@members()
def save_as_markdown(request: MemberRequest, public_id: UUID) -> HttpResponseBase:
    """The conversation as a file, for whoever may read it."""
    return export.download(access.readable_conversation(request.member, public_id))


@require_http_methods(["GET", "HEAD", "POST"])
@chatters
def own_cap(request: MemberRequest) -> HttpResponse:
    """What the member wants to spend a month at most, and what else counts for them."""
    member = request.member
    form = CapForm(request.POST if request.method == "POST" else None, member=member)
    if form.is_bound and form.is_valid():
        amount = form.wanted()
        caps.set_cap(member=member, amount=amount)
        messages.success(
            request, _("You have no cap.") if amount is None else _("Your cap is set.")
        )
        return redirect("chat:index")
    return form_page(request, "chat/cap.html", form, cap_page.page_of(member))
