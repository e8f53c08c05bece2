"""The pages of the team. Parse, one call, render."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rivya_app.core.csv_stream import CsvStream
from rivya_app.core.guard import members
from rivya_app.core.htmx import form_page
from rivya_app.workspaces import (
    access,
    audit_page,
    invitations,
    second_step,
    team,
    team_page,
    workspace_settings,
)
from rivya_app.workspaces.models import Membership, Role
from rivya_app.workspaces.requests import MemberRequest
from rivya_app.workspaces.team_forms import (
    HeirForm,
    InviteForm,
    RolesForm,
    SettingsForm,
    settings_of,
)
from rivya_app.workspaces.team_words import REFUSALS

owners = members(Role.OWNER)
confirmed_owners = members(Role.OWNER, is_confirmed=True)
auditors = members(Role.OWNER, Role.SUPPORT)
form_methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@members()
def index(request: MemberRequest) -> HttpResponse:
    return render(request, "workspaces/team.html", team_page.team_page(request.member))


@form_methods
@confirmed_owners
def invite(request: MemberRequest) -> HttpResponse:
    """The form, and its sending. A refusal keeps everything that was typed."""
    form = InviteForm(_typed(request))
    if form.is_valid():
        try:
            row = invitations.invite(member=request.member, wanted=form.wanted)
        except invitations.NotDone as refusal:
            form.refuse(refusal.code, "email")
        else:
            messages.success(request, _("A letter goes to %(email)s.") % {"email": row.email})
            return redirect("team:index")
    return form_page(request, "workspaces/invite.html", form)


@require_POST
@owners
def send_again(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """A new letter with a new link."""
    try:
        row = invitations.send_again(member=request.member, public_id=public_id)
    except invitations.NotDone as refusal:
        messages.warning(request, REFUSALS[refusal.code])
    else:
        said = _("A new letter goes to %(email)s. The link of the earlier one opens nothing now.")
        messages.success(request, said % {"email": row.email})
    return redirect("team:index")


@require_POST
@owners
def revoke(request: MemberRequest, public_id: UUID) -> HttpResponse:
    try:
        invitations.revoke(member=request.member, public_id=public_id)
    except invitations.NotDone as refusal:
        messages.warning(request, REFUSALS[refusal.code])
    else:
        messages.success(request, _("The invitation is revoked. Its link opens nothing now."))
    return redirect("team:index")


@form_methods
@confirmed_owners
def change_roles(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """The boxes, and their sending."""
    person = access.colleague(request.member, public_id)
    form = RolesForm(_typed(request), initial={"roles": person.roles})
    if form.is_valid():
        try:
            team.change_roles(
                member=request.member, public_id=public_id, roles=form.cleaned_data["roles"]
            )
        except team.LastOwner:
            form.refuse("last_owner", "roles")
        else:
            messages.success(request, _("The roles of %(name)s are changed.") % {"name": person})
            return redirect("team:index")
    return form_page(request, "workspaces/roles.html", form, {"person": person})


@form_methods
@confirmed_owners
def remove(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """Asks who goes on with the work, then takes the person out."""
    person = access.colleague(request.member, public_id)
    form = _heir_form(request, person, first=request.member)
    if form.is_valid():
        try:
            team.remove(
                member=request.member, public_id=public_id, heir_id=form.cleaned_data["heir"]
            )
        except (team.LastOwner, team.NoHeir) as refusal:
            form.refuse(_code_of(refusal))
        else:
            said = _("%(name)s is out of the team, and signed out everywhere.")
            messages.success(request, said % {"name": person})
            return redirect("team:index")
    return form_page(request, "workspaces/remove.html", form, {"person": person})


@form_methods
@members()
def leave(request: MemberRequest) -> HttpResponse:
    """The same for oneself."""
    workspace = request.member.workspace
    form = _heir_form(request, request.member)
    if form.is_valid():
        try:
            team.leave(member=request.member, heir_id=form.cleaned_data["heir"])
        except (team.LastOwner, team.NoHeir) as refusal:
            form.refuse(_code_of(refusal))
        else:
            logout(request)
            messages.success(request, _("You left %(workspace)s.") % {"workspace": workspace})
            return redirect("account_login")
    return form_page(request, "workspaces/leave.html", form)


@form_methods
@confirmed_owners
def settings(request: MemberRequest) -> HttpResponse:
    """Show and keep what holds for the whole workspace."""
    workspace = request.member.workspace
    form = SettingsForm(_typed(request), initial=settings_of(workspace))
    if form.is_valid():
        try:
            workspace_settings.change_settings(member=request.member, wanted=form.wanted)
        except workspace_settings.OwnStepFirst:
            form.refuse("own_step_first", "requires_two_steps")
        else:
            messages.success(request, _("The settings are saved."))
            return redirect("team:settings")
    context = {"has_own_step": second_step.has_one(request.user)}
    return form_page(request, "workspaces/settings.html", form, context)


@require_safe
@auditors
def audit(request: MemberRequest) -> HttpResponse:
    """Newest first; filters and `?page=` in the URL."""
    page = audit_page.audit_page(request.member, request.GET)
    return render(request, "workspaces/audit.html", page)


@require_safe
@auditors
def audit_csv(request: MemberRequest) -> CsvStream:
    """What the filters find, as a table to take away."""
    return CsvStream(audit_page.csv_rows(request.member, request.GET), name="audit")


def _typed(request: MemberRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _heir_form(
    request: MemberRequest, leaver: Membership, first: Membership | None = None
) -> HeirForm:
    initial = {"heir": str(first.public_id)} if first else None
    return HeirForm(_typed(request), heirs=access.heirs_for(leaver), initial=initial)


def _code_of(refusal: Exception) -> str:
    return "last_owner" if isinstance(refusal, team.LastOwner) else "no_heir"
