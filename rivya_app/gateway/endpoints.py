"""What an owner does with webhook endpoints. Rivya is asked outside any transaction.

The row comes first and its id is part of the address, so that whatever is cut off in between can
be found at Rivya by that address and finished. Secrets pass through here and are kept sealed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from rivya_app.core import clock
from rivya_app.core.sealed import Secret
from rivya_app.gateway import access, public_address
from rivya_app.gateway.clients import client_for
from rivya_app.gateway.models import ApiKey
from rivya_app.gateway.webhook_models import WebhookEndpoint
from rivya_app.rivya_api import RivyaClient, errors
from rivya_app.rivya_api.types import WebhookDelivery
from rivya_app.rivya_api.types import WebhookEndpoint as Remote
from rivya_app.workspaces import audit
from rivya_app.workspaces.models import Membership, Role

Answer = TypeVar("Answer")
State = WebhookEndpoint.State
# So long a rotation is taken to be under way, and another one waits.
ROTATION_TAKES = timedelta(seconds=60)


class NotDone(Exception):
    """Rivya, or a rule of its, refused. `code` is a row of gateway/webhook_words.py."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an owner types. `public_id` comes with the form: sent again, it is the same endpoint."""

    public_id: UUID
    name: str
    event_types: tuple[str, ...]
    api_key: ApiKey


@dataclass(frozen=True, slots=True)
class Made:
    """An endpoint and the secret that is shown once; without one where Rivya told none now."""

    endpoint: WebhookEndpoint
    secret: Secret


def create(*, member: Membership, wanted: Wanted) -> Made:
    """Register an address of ours at Rivya. Raises NotDone.

    The same form sent again makes no second one, and shows no secret.
    """
    _require_owner(member)
    if not public_address.is_reachable():
        raise NotDone("address")
    endpoint, is_new = _begin(member, wanted)
    return _make(endpoint) if is_new else Made(endpoint, Secret(""))


def finish(*, member: Membership, public_id: UUID) -> Made:
    """Go on where making was cut off: what Rivya has under its address is taken over, with a new
    secret; where it has nothing, the endpoint is made. Raises NotDone."""
    _require_owner(member)
    endpoint = access.webhook_endpoint(member, public_id)
    if endpoint.state != State.MAKING:
        return Made(endpoint, Secret(""))
    remote = _ask(endpoint, lambda rivya: _at_address(rivya, endpoint.url))
    if remote is None:
        return _make(endpoint)
    _keep(endpoint, remote, Secret(""))
    return rotate(member=member, public_id=public_id)


def rotate(*, member: Membership, public_id: UUID) -> Made:
    """A new secret. The old one is accepted for WEBHOOK_OLD_SECRET_MINUTES more. Raises NotDone.

    Cut off between Rivya's answer and our row, the new secret is lost: the row says so.
    """
    _require_owner(member)
    endpoint = _begin_rotation(member, public_id)
    remote = _ask(
        endpoint,
        lambda rivya: rivya.webhooks.rotate_secret(endpoint.remote_id),
        on_refusal=lambda: _end_rotation(endpoint, None),
    )
    secret = Secret(remote.signing_secret)
    if not secret:
        raise NotDone("no_secret")
    return Made(_end_rotation(endpoint, secret, member), secret)


def test(*, member: Membership, public_id: UUID) -> WebhookDelivery:
    """Have Rivya post its test event now; what it says of the delivery. Raises NotDone."""
    _require_owner(member)
    endpoint = access.webhook_endpoint(member, public_id)
    if endpoint.state != State.ACTIVE:
        raise NotDone("not_in_use")
    return _ask(endpoint, lambda rivya: rivya.webhooks.test(endpoint.remote_id))


def pause(*, member: Membership, public_id: UUID) -> WebhookEndpoint:
    """From now on its events do nothing here; then Rivya is asked to send none.

    Raises NotDone where Rivya would not; it is paused here all the same.
    """
    return _switch(member, public_id, State.PAUSED)


def resume(*, member: Membership, public_id: UUID) -> WebhookEndpoint:
    """Take events again; relied on after the first one that holds. Raises NotDone as pause."""
    return _switch(member, public_id, State.ACTIVE)


def move(*, member: Membership, public_id: UUID) -> WebhookEndpoint:
    """Tell Rivya the address this site has now. Raises NotDone."""
    _require_owner(member)
    endpoint = access.webhook_endpoint(member, public_id)
    url = public_address.url_of(endpoint.public_id)
    if not public_address.is_reachable():
        raise NotDone("address")
    if endpoint.remote_id and endpoint.url != url:
        _ask(endpoint, lambda rivya: rivya.webhooks.update(endpoint.remote_id, url=url))
    with transaction.atomic(durable=True):
        endpoint = access.webhook_endpoint(member, public_id, lock=True)
        endpoint.url = url
        endpoint.save(update_fields=["url"])
        _note(endpoint, "moved", member)
    return endpoint


def remove(*, member: Membership, public_id: UUID) -> WebhookEndpoint:
    """Take it away at Rivya, then here. Raises NotDone where Rivya could not be asked; where no
    key may ask any more, it is removed here all the same."""
    _require_owner(member)
    endpoint = access.webhook_endpoint(member, public_id)
    try:
        _ask(endpoint, lambda rivya: _delete(rivya, endpoint))
    except NotDone as refusal:
        if refusal.code not in ("key", "scope"):
            raise
        _forget(member, public_id)
        raise NotDone("left_at_rivya") from None
    return _forget(member, public_id)


def _forget(member: Membership, public_id: UUID) -> WebhookEndpoint:
    with transaction.atomic(durable=True):
        endpoint = access.webhook_endpoint(member, public_id, lock=True)
        endpoint.state, endpoint.removed_at = State.REMOVED, clock.now()
        endpoint.secret = endpoint.old_secret = ""
        endpoint.save()
        _note(endpoint, "removed", member)
    return endpoint


def remove_foreign(*, member: Membership, api_key: ApiKey, remote_id: str) -> None:
    """Take away an endpoint that somebody else made in this account. Raises NotDone."""
    _require_owner(member)
    if access.webhook_endpoints(member).filter(remote_id=remote_id).exists():
        raise NotDone("ours")
    _ask_with(api_key, lambda rivya: rivya.webhooks.delete(remote_id))


def forget_old_secrets() -> None:
    """Wipe the secrets that are no longer accepted."""
    over = WebhookEndpoint.objects.filter(old_secret_until__lt=clock.now()).exclude(old_secret="")
    over.update(old_secret="")


# --- Rows -----------------------------------------------------------------------------------------


def _require_owner(member: Membership) -> None:
    if not member.has_role(Role.OWNER):
        raise PermissionDenied


@transaction.atomic(durable=True)
def _begin(member: Membership, wanted: Wanted) -> tuple[WebhookEndpoint, bool]:
    """Raises NotDone for a form that names another workspace's endpoint."""
    defaults = {
        "api_key": wanted.api_key,
        "name": wanted.name,
        "event_types": list(wanted.event_types),
        "url": public_address.url_of(wanted.public_id),
        "created_by": member,
        "created_at": clock.now(),
    }
    try:
        endpoint, is_new = WebhookEndpoint.objects.get_or_create(
            public_id=wanted.public_id, workspace=member.workspace, defaults=defaults
        )
    except IntegrityError:
        raise NotDone("not_in_use") from None
    if is_new:
        _note(endpoint, "made", member)
    return endpoint, is_new


@transaction.atomic(durable=True)
def _keep(endpoint: WebhookEndpoint, remote: Remote, secret: Secret) -> WebhookEndpoint:
    row = WebhookEndpoint.objects.select_for_update(of=("self",)).get(pk=endpoint.pk)
    if row.state == State.MAKING:
        row.remote_id, row.state = remote.id, State.ACTIVE
        row.secret = secret
        row.save()
    return row


@transaction.atomic(durable=True)
def _drop(endpoint: WebhookEndpoint) -> None:
    """Rivya proved that it has none: nothing is left to finish."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk, state=State.MAKING).delete()


def _begin_rotation(member: Membership, public_id: UUID) -> WebhookEndpoint:
    with transaction.atomic(durable=True):
        endpoint = access.webhook_endpoint(member, public_id, lock=True)
        began, now = endpoint.rotation_began_at, clock.now()
        if endpoint.state not in (State.ACTIVE, State.PAUSED):
            raise NotDone("not_in_use")
        if began is not None and now - began < ROTATION_TAKES:
            raise NotDone("rotating")
        endpoint.rotation_began_at = now
        endpoint.save(update_fields=["rotation_began_at"])
    return endpoint


@transaction.atomic(durable=True)
def _end_rotation(
    endpoint: WebhookEndpoint, secret: Secret | None, member: Membership | None = None
) -> WebhookEndpoint:
    """With the new secret, or None where Rivya proved that it made none."""
    row = WebhookEndpoint.objects.select_for_update(of=("self",)).get(pk=endpoint.pk)
    row.rotation_began_at = None
    if secret is not None and row.state != State.REMOVED:
        overlap = timedelta(minutes=settings.WEBHOOK_OLD_SECRET_MINUTES)
        row.old_secret, row.old_secret_until = row.secret, clock.now() + overlap
        row.secret = secret
        if member is not None:
            _note(row, "rotated", member)
    row.save()
    return row


def _note(endpoint: WebhookEndpoint, act: str, member: Membership) -> None:
    audit.note(endpoint.workspace, f"webhook.{act}", member=member, subject=endpoint.name)


def _switch(member: Membership, public_id: UUID, state: str) -> WebhookEndpoint:
    _require_owner(member)
    with transaction.atomic(durable=True):
        endpoint = access.webhook_endpoint(member, public_id, lock=True)
        if endpoint.state not in (State.ACTIVE, State.PAUSED):
            raise NotDone("not_in_use")
        endpoint.state, endpoint.verified_at = state, None
        endpoint.trouble, endpoint.trouble_at = "", None
        endpoint.missed_count = endpoint.refused_count = 0
        endpoint.save()
        _note(endpoint, "resumed" if state == State.ACTIVE else "paused", member)
    try:
        is_on = state == State.ACTIVE
        _ask(endpoint, lambda rivya: rivya.webhooks.switch(endpoint.remote_id, is_on=is_on))
    except NotDone:
        raise NotDone("only_here") from None
    return endpoint


# --- Rivya ----------------------------------------------------------------------------------------


def _make(endpoint: WebhookEndpoint) -> Made:
    remote = _ask(
        endpoint,
        lambda rivya: rivya.webhooks.create(
            name=endpoint.name, url=endpoint.url, event_types=endpoint.event_types
        ),
        on_refusal=lambda: _drop(endpoint),
    )
    secret = Secret(remote.signing_secret)
    return Made(_keep(endpoint, remote, secret), secret)


def _at_address(rivya: RivyaClient, url: str) -> Remote | None:
    return next((each for each in rivya.webhooks.list() if each.url == url), None)


def _delete(rivya: RivyaClient, endpoint: WebhookEndpoint) -> None:
    remote = None if endpoint.remote_id else _at_address(rivya, endpoint.url)
    remote_id = endpoint.remote_id or (remote.id if remote else "")
    try:
        if remote_id:
            rivya.webhooks.delete(remote_id)
    except errors.NotFound:
        return  # it is gone already


def _ask(
    endpoint: WebhookEndpoint,
    call: Callable[[RivyaClient], Answer],
    *,
    on_refusal: Callable[[], object] | None = None,
) -> Answer:
    """`on_refusal` runs where the error proves that nothing was done. Raises NotDone."""
    return _ask_with(access.acting_key(endpoint.api_key), call, on_refusal=on_refusal)


def _ask_with(
    api_key: ApiKey,
    call: Callable[[RivyaClient], Answer],
    *,
    on_refusal: Callable[[], object] | None = None,
) -> Answer:
    try:
        with client_for(api_key) as rivya:
            return call(rivya)
    except errors.RivyaError as error:
        if on_refusal is not None and not error.maybe_sent:
            on_refusal()
        raise NotDone(_code(error)) from None


_CODES: dict[type[errors.RivyaError], str] = {
    errors.WebhookUrlRejected: "url_rejected",
    errors.ApiScopeDenied: "scope",
    errors.NotFound: "gone",
    errors.ValidationFailed: "refused",
}


def _code(error: errors.RivyaError) -> str:
    if isinstance(error, errors.AuthenticationFailed) and type(error) not in _CODES:
        return "key"
    return _CODES.get(type(error), "unreachable")
