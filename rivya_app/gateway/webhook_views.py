"""The owner's page about webhooks, and the door that Rivya posts to."""

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rivya_app.core.guard import members, public
from rivya_app.core.htmx import form_page, fragment
from rivya_app.gateway import access, endpoints, receiver, webhook_pages
from rivya_app.gateway.webhook_forms import EndpointForm
from rivya_app.gateway.webhook_words import NOT_DONE
from rivya_app.workspaces.models import Role
from rivya_app.workspaces.requests import MemberRequest

PAGE = "gateway/webhooks.html"


@public
@csrf_exempt
@require_POST
def rivya_hook(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take in one event: 202, or 401, 404 or 413 without a word."""
    body = _body(request)
    if body is None:
        status = receiver.refuse_size(public_id)
    else:
        status = receiver.take(public_id, request.headers, body)
    return HttpResponse(status=status, headers={"Content-Length": "0"})


def _body(request: HttpRequest) -> bytes | None:
    """The raw body, or None where it is, or says that it is, larger than may be."""
    stated = request.META.get("CONTENT_LENGTH") or "0"
    if not stated.isdecimal() or int(stated) > settings.WEBHOOK_MAX_BYTES:
        return None
    body = request.read(settings.WEBHOOK_MAX_BYTES + 1)
    return body if len(body) <= settings.WEBHOOK_MAX_BYTES else None


@members(Role.OWNER)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: MemberRequest) -> HttpResponse:
    """Endpoints, the inbox, and the form for another endpoint."""
    form = EndpointForm(request.POST if request.method == "POST" else None, member=request.member)
    if request.method == "POST" and form.is_valid():
        try:
            made = endpoints.create(member=request.member, wanted=form.wanted())
        except endpoints.NotDone as refusal:
            form.explain(refusal.code)
        else:
            return _show_secret(request, made)
    return form_page(request, PAGE, form, webhook_pages.index(request.member))


@members(Role.OWNER)
@require_safe
def at_rivya(request: MemberRequest) -> HttpResponse:
    """Rivya's own lists beside our inbox: a part of the page, or a page without scripts."""
    context = webhook_pages.at_rivya(request.member)
    if request.headers.get("HX-Request"):
        return fragment(request, "gateway/webhooks_at_rivya.html", "lists", context)
    return render(request, "gateway/webhooks_at_rivya.html", context)


@members(Role.OWNER)
@require_POST
def remove_foreign(request: MemberRequest, key_id: UUID, remote_id: str) -> HttpResponse:
    """Take away an endpoint at Rivya that was not made here."""
    key = access.key(request.member, key_id)
    try:
        endpoints.remove_foreign(member=request.member, api_key=key, remote_id=remote_id)
    except endpoints.NotDone as refusal:
        messages.error(request, NOT_DONE[refusal.code])
    else:
        messages.success(request, _("The endpoint is removed at Rivya."))
    return redirect("webhooks:index")


@members(Role.OWNER)
@require_POST
def finish(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Go on with an endpoint whose making was cut off."""
    return _with_secret(
        request, lambda: endpoints.finish(member=request.member, public_id=public_id)
    )


@members(Role.OWNER)
@require_POST
def rotate(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """A new secret; the old one is accepted for a while."""
    return _with_secret(
        request, lambda: endpoints.rotate(member=request.member, public_id=public_id)
    )


@members(Role.OWNER)
@require_POST
def test(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Have Rivya post a test event now."""
    try:
        delivery = endpoints.test(member=request.member, public_id=public_id)
    except endpoints.NotDone as refusal:
        messages.error(request, NOT_DONE[refusal.code])
    else:
        _say_how_it_went(request, delivery.response_status)
    return redirect("webhooks:index")


def _say_how_it_went(request: MemberRequest, answered: int | None) -> None:
    if answered is None:
        messages.info(request, _("Rivya sends a test event. It will be in the inbox below."))
    elif 200 <= answered < 300:
        messages.success(request, _("Rivya’s test event came in and was accepted."))
    else:
        messages.error(request, _("Rivya’s test event did not get through. See the refusals."))


@members(Role.OWNER)
@require_POST
def pause(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Let its events do nothing."""
    return _switched(request, endpoints.pause, public_id, _("The endpoint is paused."))


@members(Role.OWNER)
@require_POST
def resume(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Take its events again."""
    said = _("The endpoint takes events again. Send a test to prove it.")
    return _switched(request, endpoints.resume, public_id, said)


@members(Role.OWNER)
@require_POST
def move(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Tell Rivya the address this site has now."""
    return _switched(request, endpoints.move, public_id, _("Rivya has the new address."))


@members(Role.OWNER)
@require_POST
def remove(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Take the endpoint away, here and at Rivya."""
    return _switched(request, endpoints.remove, public_id, _("The endpoint is removed."))


def _switched(
    request: MemberRequest, act: Callable[..., object], public_id: UUID, said: str
) -> HttpResponse:
    try:
        act(member=request.member, public_id=public_id)
    except endpoints.NotDone as refusal:
        messages.warning(request, NOT_DONE[refusal.code])
    else:
        messages.success(request, said)
    return redirect("webhooks:index")


def _with_secret(request: MemberRequest, act: Callable[[], endpoints.Made]) -> HttpResponse:
    try:
        made = act()
    except endpoints.NotDone as refusal:
        messages.error(request, NOT_DONE[refusal.code])
        return redirect("webhooks:index")
    return _show_secret(request, made)


def _show_secret(request: MemberRequest, made: endpoints.Made) -> HttpResponse:
    """The only page with a secret. It is the answer itself: kept in no session, by no cache."""
    if not made.secret:
        return redirect("webhooks:index")
    context = {"endpoint": made.endpoint, "secret": made.secret.reveal()}
    response = render(request, "gateway/webhook_secret.html", context)
    response["Cache-Control"] = "no-store"
    return response
