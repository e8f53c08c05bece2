"""Who may use a view. A view without a policy is refused: forgetting means nobody gets in.

Knows no domain word: roles are texts, and `request.member` is put there by a middleware above.
"""

import functools
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, TypeVar, cast

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

log = logging.getLogger(__name__)

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class Who(Enum):
    PUBLIC = "anybody"
    SIGNED_IN = "anybody who signed in"
    MEMBERS = "members"
    STAFF = "staff"
    STAFF_OR_DEMO = "staff, or anybody in the demo"


@dataclass(frozen=True)
class Policy:
    """Who may use a view. For MEMBERS, no roles means a member of any role.

    `is_confirmed`: only within CONFIRMED_FOR of giving the password or a code.
    """

    who: Who
    roles: frozenset[str] = frozenset()
    is_confirmed: bool = False


class HasRoles(Protocol):
    def has_role(self, *roles: str) -> bool: ...


CONFIRMED_FOR = 15 * 60  # seconds
AFTER_SECOND_STEP = "after_second_step"  # in the session: where somebody was held back

PUBLIC = Policy(Who.PUBLIC)
SIGNED_IN = Policy(Who.SIGNED_IN)

# All views of another package under one namespace. What it registers there later is no wider open.
FOREIGN_SPACES: dict[str, Policy] = {"admin": Policy(Who.STAFF, is_confirmed=True)}

# Other packages' views, by the name of their route. Those that are not listed are refused.
FOREIGN_VIEWS: dict[str, Policy] = {
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_inactive": PUBLIC,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "account_change_password": SIGNED_IN,
    "account_reauthenticate": SIGNED_IN,
    "mfa_authenticate": PUBLIC,  # the second step of signing in
    "mfa_reauthenticate": SIGNED_IN,
    "mfa_index": SIGNED_IN,
    "mfa_activate_totp": SIGNED_IN,
    "mfa_deactivate_totp": SIGNED_IN,
    "mfa_view_recovery_codes": SIGNED_IN,
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_download_recovery_codes": SIGNED_IN,
}


def _with_policy(view: View, policy: Policy) -> View:
    if hasattr(view, "access_policy"):
        raise ImproperlyConfigured(f"{view.__qualname__} names two access policies.")

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(*args, **kwargs)

    marked = cast(Any, guarded)
    marked.access_policy = policy
    # Read by LoginRequiredMiddleware; for STAFF_OR_DEMO the guard itself asks for a sign-in.
    marked.login_required = policy.who in {Who.SIGNED_IN, Who.MEMBERS, Who.STAFF}
    return cast(View, guarded)


def public(view: View) -> View:
    """Anybody may use this view, signed in or not."""
    return _with_policy(view, PUBLIC)


def signed_in(view: View) -> View:
    """Anybody who signed in may use this view, member of a workspace or not."""
    return _with_policy(view, SIGNED_IN)


def members(*roles: str, is_confirmed: bool = False) -> Callable[[View], View]:
    """Members holding one of `roles` may use this view; without roles, every member.

    Inside the view `request.member` is set. Being staff opens nothing here. With `is_confirmed` a
    member whose last sign-in is long ago is asked for the password first and comes back by GET:
    what a form held is not kept anywhere, because it may be a secret. Such a view answers GET.
    """
    policy = Policy(Who.MEMBERS, frozenset(roles), is_confirmed)
    return functools.partial(_with_policy, policy=policy)


def staff_or_demo(view: View) -> View:
    """Members of staff, and in the demo anybody, may use this view."""
    return _with_policy(view, Policy(Who.STAFF_OR_DEMO))


def staff(view: View) -> View:
    """Members of staff alone may use this view, in the demo too."""
    return _with_policy(view, Policy(Who.STAFF))


def policy_of(view: Callable[..., Any], route_name: str | None) -> Policy | None:
    """The policy a view carries, or the one the table gives to its route, else None."""
    policy = getattr(view, "access_policy", None)
    if isinstance(policy, Policy):
        return policy
    if view.__module__.startswith("rivya_app."):
        return None
    name = route_name or ""
    return FOREIGN_VIEWS.get(name) or FOREIGN_SPACES.get(name.partition(":")[0])


class AccessGuard:
    """Refuses every request whose view has no policy, and every person the policy does not name."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        mark_async_like(self, get_response)

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        _args: tuple[Any, ...],
        _kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        policy = policy_of(view, match.view_name if match else None)
        if policy is None:
            return _refuse_unguarded(view)
        return _CHECKS[policy.who](request, policy)


def mark_async_like(middleware: Any, get_response: Callable[..., Any]) -> None:
    """Let a middleware object that only hands on be awaited when what it wraps is awaited."""
    from asgiref.sync import iscoroutinefunction, markcoroutinefunction

    if iscoroutinefunction(get_response):
        markcoroutinefunction(middleware)


def _refuse_unguarded(view: Callable[..., Any]) -> HttpResponseBase | None:
    name = f"{view.__module__}.{getattr(view, '__qualname__', type(view).__name__)}"
    if settings.DEBUG or settings.STRICT_GUARD:
        raise ImproperlyConfigured(f"{name} says nowhere who may use it (core/guard.py).")
    log.error("A view without an access policy was asked for and refused: %s", name)
    raise PermissionDenied


def _let_through(_request: HttpRequest, _policy: Policy) -> None:
    return None


def _check_signed_in(request: HttpRequest, _policy: Policy) -> HttpResponseBase | None:
    if request.user.is_authenticated:
        return None
    return redirect_to_login(request.get_full_path())


def _check_member(request: HttpRequest, policy: Policy) -> HttpResponseBase | None:
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    member: HasRoles | None = getattr(request, "member", None)
    if getattr(request, "held_back_by", None) is not None:
        return _lead_to_second_step(request)
    request.session.pop(AFTER_SECOND_STEP, None)
    if member is None:
        raise PermissionDenied(
            _("You are not a member of a workspace. Ask the account owner to add you.")
        )
    if policy.roles and not member.has_role(*policy.roles):
        raise PermissionDenied(_("Your role does not include this page."))
    if policy.is_confirmed and not _was_confirmed(request):
        return redirect_to_login(request.path, reverse("account_reauthenticate"))
    return None


def _lead_to_second_step(request: HttpRequest) -> HttpResponseBase:
    """Where the second step is set up. Its pages offer the way back to this one afterwards."""
    if request.method == "GET" and not request.headers.get("HX-Request"):
        request.session[AFTER_SECOND_STEP] = request.get_full_path()
    return redirect("mfa_activate_totp")


def _was_confirmed(request: HttpRequest) -> bool:
    """Whether the password or a code was given in this session a short while ago."""
    records = get_authentication_records(request, request.user)
    return any(time.time() - record["at"] < CONFIRMED_FOR for record in records)


def _check_staff_or_demo(request: HttpRequest, policy: Policy) -> HttpResponseBase | None:
    return None if settings.DEMO else _check_staff(request, policy)


def _check_staff(request: HttpRequest, policy: Policy) -> HttpResponseBase | None:
    if not request.user.is_authenticated:
        return _check_signed_in(request, policy)
    if not (request.user.is_active and request.user.is_staff):
        raise PermissionDenied(_("This page is for members of staff."))
    if policy.is_confirmed and not _was_confirmed(request):
        return redirect_to_login(request.path, reverse("account_reauthenticate"))
    return None


_CHECKS: dict[Who, Callable[[HttpRequest, Policy], HttpResponseBase | None]] = {
    Who.PUBLIC: _let_through,
    Who.SIGNED_IN: _check_signed_in,
    Who.MEMBERS: _check_member,
    Who.STAFF: _check_staff,
    Who.STAFF_OR_DEMO: _check_staff_or_demo,
}
