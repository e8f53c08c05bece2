"""Notes in every workspace of a person how they sign in. The library tells of it by signals.

Only members are noted: a name that somebody tries and that nobody has leaves nothing behind.
"""

from typing import Any

from allauth.account import signals as account
from allauth.account.adapter import get_adapter
from allauth.mfa import signals as mfa
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from rivya_app.workspaces import access, audit
from rivya_app.workspaces.models import User

_ACTS = (
    (account.user_logged_in, "sign_in.done"),
    (account.password_changed, "sign_in.password_changed"),
    (account.password_reset, "sign_in.password_reset"),
)


def connect() -> None:
    """Listen to the library; once, when the apps are ready."""
    for signal, act in _ACTS:
        signal.connect(_hearer(act), weak=False, dispatch_uid=act)
    mfa.authenticator_added.connect(_step_hearer("sign_in.step_added"), weak=False)
    mfa.authenticator_removed.connect(_step_hearer("sign_in.step_removed"), weak=False)
    mfa.authenticator_reset.connect(_hearer("sign_in.codes_renewed"), weak=False)


def note(request: HttpRequest, user: User, act: str) -> None:
    """One entry in each workspace the person is a member of."""
    address = _address_of(request)
    with transaction.atomic():
        for member in access.memberships_of(user):
            audit.note(member.workspace, act, member=member, subject=str(user), address=address)


def note_failure(request: HttpRequest, email: str) -> None:
    """Somebody tried this address with a wrong password, as often as the library lets them."""
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        return
    address = _address_of(request)
    with transaction.atomic():
        for member in access.memberships_of(user):
            # Without a person: it is not known who tried.
            audit.note(member.workspace, "sign_in.failed", subject=str(user), address=address)


def _hearer(act: str) -> Any:
    def hear(request: HttpRequest, user: User, **_rest: Any) -> None:
        note(request, user, act)

    return hear


def _step_hearer(act: str) -> Any:
    """Recovery codes come and go with the app on the phone; one entry is enough."""

    def hear(request: HttpRequest, user: User, authenticator: Any, **_rest: Any) -> None:
        if authenticator.type == authenticator.Type.TOTP:
            note(request, user, act)

    return hear


def _address_of(request: HttpRequest) -> str | None:
    """As the library counts tries: behind our proxy, the one the proxy names."""
    try:
        return get_adapter().get_client_ip(request)
    except PermissionDenied:
        return None
