"""The ways out of a package, for members. Parse, one call, render."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rivya_app.core.guard import members
from rivya_app.core.htmx import form_page
from rivya_app.handoff import access, destinations, gate, leaving_page, links, outgoing, serving
from rivya_app.handoff.leaving_forms import DestinationForm, LinkForm
from rivya_app.handoff.leaving_words import NOT_DONE
from rivya_app.handoff.zipping import Changed
from rivya_app.workspaces.models import Role
from rivya_app.workspaces.requests import MemberRequest

DESTINATIONS = "handoff/destinations.html"
sharers = members(*links.MAY_SHARE)


@members()
@require_safe
def download(request: MemberRequest, public_id: UUID) -> HttpResponseBase:
    """The zip, or a page that says why not."""
    package = access.package(request.member, public_id)
    if not gate.may_leave(package):
        return render(request, "handoff/not_yet.html", {"package": package}, status=409)
    count = partial(links.count_own_download, member=request.member, package=package)
    try:
        return serving.zip_answer(request, package, on_start=count)
    except Changed as changed:
        context = {"package": package, "changed": changed.name}
        return render(request, "handoff/not_yet.html", context, status=409)


@sharers
@require_http_methods(["GET", "HEAD", "POST"])
def make_link(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """A link for people without an account; what was made is shown once."""
    package = access.package(request.member, public_id)
    form = LinkForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = links.make_link(
                member=request.member, package_id=public_id, wanted=form.wanted()
            )
        except links.NotDone as refusal:
            form.explain(refusal.code)
        else:
            return _shown_once(
                request, "handoff/link_made.html", {"made": made, "url": made.url.reveal()}
            )
    return form_page(request, "handoff/new_link.html", form, {"package": package})


@sharers
@require_POST
def revoke_link(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """From now on the link opens nothing."""
    link = links.revoke_link(member=request.member, public_id=public_id)
    messages.success(request, _("The link opens nothing any more."))
    return redirect(leaving_page.url_of(link.package))


@sharers
@require_POST
def send_package(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Tell another system of the package."""
    package = access.package(request.member, public_id)
    act = partial(
        outgoing.send,
        member=request.member,
        package_id=public_id,
        destination_id=destinations.id_in(request.POST.get("destination", "")),
    )
    _done(request, act, _("It is on its way. How it went is shown here."))
    return redirect(leaving_page.url_of(package))


@sharers
@require_POST
def send_again(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Take up an event that was given up."""
    event = outgoing.event_of(request.member, public_id)
    act = partial(outgoing.send_again, member=request.member, event_id=public_id)
    _done(request, act, _("It is sent again."))
    if request.POST.get("from") == "package" and event.package:
        return redirect(leaving_page.url_of(event.package))
    return redirect("handoff:show-destination", event.destination.public_id)


# --- Destinations ---------------------------------------------------------------------------------


@members(Role.OWNER)
@require_safe
def show_destinations(request: MemberRequest) -> HttpResponse:
    """Other systems, and the form for another one."""
    context = leaving_page.destinations_of(request.member)
    return form_page(request, DESTINATIONS, DestinationForm(), context)


@members(Role.OWNER)
@require_POST
def make_destination(request: MemberRequest) -> HttpResponse:
    """Another system; its secret is shown once."""
    form = DestinationForm(request.POST)
    if form.is_valid():
        try:
            made = destinations.make(member=request.member, **form.cleaned_data)
        except links.NotDone as refusal:
            form.explain(refusal.code)
        else:
            return _show_secret(request, made)
    return form_page(request, DESTINATIONS, form, leaving_page.destinations_of(request.member))


@members(Role.OWNER)
@require_safe
def show_destination(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """One of them, with every delivery and its tries."""
    context = leaving_page.destination_of(request.member, public_id, request.GET.get("page"))
    return render(request, "handoff/destination.html", context)


@members(Role.OWNER)
@require_POST
def test_destination(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Send an event that says nothing."""
    act = partial(outgoing.send_test, member=request.member, destination_id=public_id)
    _done(request, act, _("A test is on its way. How it went is shown below."))
    return redirect("handoff:show-destination", public_id)


@members(Role.OWNER)
@require_POST
def pause_destination(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Send nothing there for now."""
    destinations.pause(member=request.member, public_id=public_id)
    messages.success(request, _("Nothing is sent there now. What waits is kept."))
    return redirect("handoff:show-destination", public_id)


@members(Role.OWNER)
@require_POST
def resume_destination(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Send there again."""
    destinations.resume(member=request.member, public_id=public_id)
    messages.success(request, _("What waits is sent now."))
    return redirect("handoff:show-destination", public_id)


@members(Role.OWNER)
@require_POST
def rotate_secret(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """A new secret, shown once; the former one signs as well for a while."""
    try:
        made = destinations.rotate(member=request.member, public_id=public_id)
    except links.NotDone as refusal:
        messages.error(request, NOT_DONE[refusal.code])
        return redirect("handoff:show-destination", public_id)
    return _show_secret(request, made)


@members(Role.OWNER)
@require_POST
def remove_destination(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Send nothing there any more."""
    destinations.remove(member=request.member, public_id=public_id)
    messages.success(request, _("The destination is removed."))
    return redirect("handoff:destinations")


def _done(request: MemberRequest, act: Callable[[], object], said: str) -> None:
    try:
        act()
    except links.NotDone as refusal:
        messages.error(request, NOT_DONE[refusal.code])
    else:
        messages.success(request, said)


def _show_secret(request: MemberRequest, made: destinations.Made) -> HttpResponse:
    context = {"destination": made.destination, "secret": made.secret.reveal()}
    return _shown_once(request, "handoff/destination_secret.html", context)


def _shown_once(request: MemberRequest, page: str, context: dict[str, object]) -> HttpResponse:
    """The answer itself: kept in no session, by no cache."""
    answer = render(request, page, context)
    answer.headers["Cache-Control"] = "no-store"
    return answer
