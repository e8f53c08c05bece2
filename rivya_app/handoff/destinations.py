"""What an owner does with other systems that are sent signed events.

Secrets pass through here, are kept sealed and are shown once.
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404

from rivya_app.core import addresses, clock
from rivya_app.core.rows import found_or_404
from rivya_app.core.sealed import Secret
from rivya_app.gateway import public_address
from rivya_app.handoff.links import NotDone
from rivya_app.handoff.models import ShareLink
from rivya_app.handoff.outgoing_models import Destination, OutgoingEvent
from rivya_app.workspaces.models import Membership, Role, Workspace

MOST = 10  # of a workspace
PACKAGE_READY = "package.ready"
BOTH_SIGN_FOR = timedelta(hours=24)  # after the secret was changed
ROTATION_TAKES = timedelta(seconds=60)  # a second press meanwhile would lose the first secret
_State = Destination.State


@dataclass(frozen=True, slots=True)
class Made:
    """A destination and the secret that is shown once."""

    destination: Destination
    secret: Secret


def destinations(member: Membership) -> QuerySet[Destination]:
    """Those of the member's workspace that were not removed."""
    return Destination.objects.filter(workspace=member.workspace_id).exclude(state=_State.REMOVED)


def destination(member: Membership, public_id: UUID | str, *, lock: bool = False) -> Destination:
    """One destination of the member's workspace. Raises Http404."""
    return found_or_404(destinations(member), lock=lock, public_id=public_id)


def id_in(typed: str) -> UUID:
    """What a form sent as a destination's id. Raises Http404 for what is no id at all."""
    try:
        return UUID(typed)
    except ValueError:
        raise Http404 from None


def make(*, member: Membership, name: str, url: str) -> Made:
    """Another system at `url`. Raises NotDone with the rule that the address breaks."""
    _require_owner(member)
    check_address(url)
    secret = new_secret()
    with transaction.atomic(durable=True):
        Workspace.objects.select_for_update().get(pk=member.workspace_id)  # so that MOST holds
        if destinations(member).filter(url=url).exists():
            raise NotDone("same_url")
        if destinations(member).count() >= MOST:
            raise NotDone("too_many")
        row = Destination.objects.create(
            workspace=member.workspace,
            name=name,
            url=url,
            event_types=[PACKAGE_READY],
            secret=secret,
            created_by=member,
        )
    return Made(row, secret)


def rotate(*, member: Membership, public_id: UUID) -> Made:
    """A new secret. For BOTH_SIGN_FOR every event is signed with both. Raises NotDone."""
    _require_owner(member)
    with transaction.atomic(durable=True):
        row, now = destination(member, public_id, lock=True), clock.now()
        if row.former_until and now < row.former_until - BOTH_SIGN_FOR + ROTATION_TAKES:
            raise NotDone("rotating")
        row.former_secret, row.former_until = row.secret, now + BOTH_SIGN_FOR
        row.secret = secret = new_secret()
        _save(row)
    return Made(row, secret)


def pause(*, member: Membership, public_id: UUID) -> Destination:
    """Nothing is sent there; what waits, waits."""
    return _switch(member, public_id, state=_State.PAUSED)


def resume(*, member: Membership, public_id: UUID) -> Destination:
    """What waits is sent at once."""
    return _switch(member, public_id, state=_State.ACTIVE, failure_count=0)


def remove(*, member: Membership, public_id: UUID) -> Destination:
    """Nothing is sent there any more: its secrets are forgotten, what waits is given up, and the
    links that were sent there open nothing."""
    gone = {"state": _State.REMOVED, "secret": "", "former_secret": "", "former_until": None}
    return _switch(member, public_id, **gone)


def check_address(url: str) -> None:
    """Raises NotDone with the first rule that is broken. Asks the name servers.

    What counts is asked again for every connection (core/strangers.py): a name may turn.
    """
    parsed, rules = _parsed(url), public_address.rules(url)
    may_be_private = settings.HANDOFF_ALLOW_PRIVATE_DESTINATIONS
    if not any(rule.is_kept for rule in rules):
        raise NotDone("address")  # it could not even be read
    for rule in rules:
        is_waived = may_be_private and rule.code in ("https", "local_name", "private")
        if not (rule.is_kept or is_waived or rule.code == "answered"):
            raise NotDone(rule.code)
    try:
        addresses.of(parsed.host, parsed.port or 443, may_be_private=may_be_private)
    except addresses.Refused:
        raise NotDone("private") from None
    except (OSError, UnicodeError):
        raise NotDone("unknown_name") from None


def new_secret() -> Secret:
    """In the form of Standard Webhooks: 256 random bits."""
    return Secret("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())


def _parsed(url: str) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):
        raise NotDone("address") from None
    if parsed.scheme not in ("https", "http") or not parsed.host:
        raise NotDone("address")
    return parsed


def _require_owner(member: Membership) -> None:
    if not member.has_role(Role.OWNER):
        raise PermissionDenied


def _switch(member: Membership, public_id: UUID, **values: Any) -> Destination:
    _require_owner(member)
    with transaction.atomic(durable=True):
        row = destination(member, public_id, lock=True)
        for name, value in values.items():
            setattr(row, name, value)
        _save(row)
        waiting = row.events.filter(state=OutgoingEvent.State.WAITING)
        if row.state == _State.ACTIVE:
            waiting.update(next_try_at=clock.now())
        elif row.state == _State.REMOVED:
            waiting.update(state=OutgoingEvent.State.GIVEN_UP, next_try_at=None)
            sent = ShareLink.objects.filter(events__destination=row, revoked_at=None)
            sent.update(revoked_at=clock.now(), revoked_by=member)
    return row


def _save(row: Destination) -> None:
    row.changed_at = clock.now()
    row.save()
