"""Signs a person in where something else than their password has shown who they are."""

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest

from rivya_app.workspaces import sign_in_audit
from rivya_app.workspaces.models import User, Workspace

CHOSEN = "workspace"  # in the session: the public id of the workspace that is open


def enter(request: HttpRequest, user: User) -> None:
    """Sign the person in, as after giving the password, and note it."""
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    record_authentication(request, user, method="password")
    sign_in_audit.note(request, user, "sign_in.done")


def choose(request: HttpRequest, workspace: Workspace) -> None:
    """Open this workspace from now on. The caller knows that the person is a member of it."""
    request.session[CHOSEN] = str(workspace.public_id)
