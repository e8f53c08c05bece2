"""What happened while a member was away, and where they want to be told of it."""

from datetime import datetime
from uuid import UUID

from django.conf import settings as conf
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rivya_app.core.guard import members, public
from rivya_app.core.htmx import form_page, fragment, nothing_new
from rivya_app.notices import actions, pages, unsubscribing
from rivya_app.notices.forms import SettingsForm
from rivya_app.workspaces.requests import MemberRequest


@members()
@require_safe
def index(request: MemberRequest) -> HttpResponse:
    """Newest first, narrowed by `?kind=` and `?unread=1`; the page's script asks for the list."""
    page = pages.index_page(request.member, request.GET.dict())
    if request.htmx:
        return fragment(request, "notices/index.html", "list", page)
    return render(request, "notices/index.html", page)


@members()
@require_safe
def live(request: MemberRequest) -> HttpResponse:
    """The number anew, and what a browser may show; 204 while the version in `v` holds."""
    unread = pages.unread_of(request.member)
    if unread.version == request.GET.get("v"):
        return nothing_new()
    fresh = pages.fresh_for(request.member)
    return render(request, "notices/_live.html", {"unread": unread, "fresh": fresh})


@members()
@require_http_methods(["GET", "POST"])
def open_notice(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Mark it read and go to what it is about."""
    notice = actions.mark_read(member=request.member, public_id=public_id)
    return redirect(notice.link or "notices:index")


@members()
@require_POST
def mark_all_read(request: MemberRequest) -> HttpResponse:
    """Everything that was there when the page was made counts as read."""
    until = _moment(request.POST.get("until", ""))
    actions.mark_all_read(member=request.member, until=until)
    return redirect("notices:index")


def _moment(typed: str) -> datetime | None:
    try:
        found = parse_datetime(typed)
    except ValueError:
        return None
    return found if found and is_aware(found) else None


@members()
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: MemberRequest) -> HttpResponse:
    """Show and keep where the member wants to be told."""
    form = SettingsForm(request.member, request.POST or None)
    if form.is_bound and form.is_valid():
        actions.choose(member=request.member, choices=form.choices)
        messages.success(request, _("Your notification settings are saved."))
        return redirect("notices:settings")
    page = pages.settings_page(request.member, form)
    return form_page(request, "notices/settings.html", form, page)


@csrf_exempt  # mail programs post here by themselves; the signed address is the permission
@public
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Ask by GET, which stops nothing; stop by POST. 404 for an address that is not ours."""
    is_post = request.method == "POST"
    stop = actions.stop_mail(token) if is_post else unsubscribing.stop_of(token)
    with override(_language_of(request, stop)):
        return render(request, "notices/unsubscribe.html", {"stop": stop})


def _language_of(request: HttpRequest, stop: unsubscribing.Stop) -> str | None:
    """The one chosen in this browser, else that of the letter's reader."""
    is_chosen = conf.LANGUAGE_COOKIE_NAME in request.COOKIES
    return get_language() if is_chosen else stop.member.user.language or get_language()
