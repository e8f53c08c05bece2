"""A person's own page, their language, and signing in to the demo."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from rivya_app.core.guard import public, signed_in
from rivya_app.core.htmx import form_page
from rivya_app.workspaces import actions, demo, switching
from rivya_app.workspaces.forms import ProfileForm, profile_of
from rivya_app.workspaces.models import User
from rivya_app.workspaces.requests import MemberRequest


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: MemberRequest) -> HttpResponse:
    """Show and keep how the person likes to read."""
    form = ProfileForm(request.POST or None, initial=profile_of(request.user))
    if not (form.is_bound and form.is_valid()):
        return form_page(request, "workspaces/profile.html", form)
    actions.set_preferences(user=request.user, preferences=form.preferences)
    with override(form.preferences.language or None):
        messages.success(request, _("Your profile is saved."))
    return remember_language(redirect("workspaces:profile"), form.preferences.language)


@signed_in
@require_POST
def switch(request: MemberRequest) -> HttpResponse:
    """Open another of the person's workspaces. 404 for one that is not theirs."""
    switching.switch(request, request.POST.get("workspace", ""))
    return redirect("home")


@public
@require_POST
def choose_language(request: HttpRequest) -> HttpResponseBase:
    """Change the language, in the browser and, for a person signed in, for good."""
    if isinstance(request.user, User):
        actions.choose_language(user=request.user, language=request.POST.get("language", ""))
    return set_language(request)


@public
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Become one of the demo's people. 404 outside the demo."""
    return demo.sign_in(request, request.POST.get("email", ""))


def remember_language(response: HttpResponse, language: str) -> HttpResponse:
    """The cookie serves where nobody is signed in: the entrance and pages that do not exist."""
    if language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.SESSION_COOKIE_AGE,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
    else:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return response
