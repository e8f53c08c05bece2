"""What Rivya says of the webhook endpoints of our accounts, beside what we know. Reads only."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from rivya_app.gateway import access, webhooks
from rivya_app.gateway.clients import client_for
from rivya_app.gateway.models import ApiKey
from rivya_app.gateway.webhook_models import InboxEvent, WebhookEndpoint
from rivya_app.rivya_api import RivyaClient, assumptions, errors
from rivya_app.rivya_api.types import WebhookDelivery
from rivya_app.rivya_api.types import WebhookEndpoint as Remote
from rivya_app.workspaces.models import Membership

logger = logging.getLogger(__name__)

DELIVERIES_SHOWN = 25  # for each endpoint, the newest


@dataclass(frozen=True, slots=True)
class Attempt:
    """A delivery as Rivya lists it, and the same event in our inbox where it came in."""

    delivery: WebhookDelivery
    event: InboxEvent | None


@dataclass(frozen=True, slots=True)
class Listed:
    """An endpoint at Rivya. `ours` is None for one that was not made here."""

    remote: Remote
    ours: WebhookEndpoint | None
    attempts: list[Attempt] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Account:
    """What one environment's key sees; `listed` is None where Rivya could not be asked."""

    api_key: ApiKey
    listed: list[Listed] | None


def accounts_of(member: Membership) -> list[Account]:
    """Ask Rivya now, with one key for each environment. Never raises what Rivya answers."""
    ours = list(access.webhook_endpoints(member))
    return [_look(member, key, ours) for key in access.webhook_keys(member)]


def check_all() -> None:
    """Compare every endpoint in use with Rivya's list; what is gone or off there is in trouble."""
    in_use = WebhookEndpoint.objects.filter(state=WebhookEndpoint.State.ACTIVE)
    by_key: dict[ApiKey, list[WebhookEndpoint]] = {}
    for endpoint in in_use.select_related("api_key"):
        by_key.setdefault(access.acting_key(endpoint.api_key), []).append(endpoint)
    for key, endpoints in by_key.items():
        try:
            with client_for(key) as rivya:
                remotes = {remote.id: remote for remote in rivya.webhooks.list()}
        except errors.RivyaError as error:
            logger.warning("endpoints not compared: %s", error)
            continue
        for endpoint in endpoints:
            webhooks.note_remote(endpoint.pk, _trouble(remotes.get(endpoint.remote_id)))


def _trouble(remote: Remote | None) -> str:
    """ASSUMED: which words mean that Rivya sends nothing. Unknown ones mean nothing here."""
    if remote is None or remote.revoked_at or remote.status in ("revoked", "deleted"):
        return WebhookEndpoint.Trouble.GONE
    if remote.disabled_at or remote.status == assumptions.ENDPOINT_OFF:
        return WebhookEndpoint.Trouble.DISABLED
    return ""


def _look(member: Membership, key: ApiKey, ours: list[WebhookEndpoint]) -> Account:
    try:
        with client_for(key) as rivya:
            return Account(key, [_one(member, rivya, each, ours) for each in rivya.webhooks.list()])
    except errors.RivyaError:
        return Account(key, None)


def _one(
    member: Membership, rivya: RivyaClient, remote: Remote, ours: Iterable[WebhookEndpoint]
) -> Listed:
    mine = next((row for row in ours if remote.id == row.remote_id or remote.url == row.url), None)
    if mine is None:
        return Listed(remote, None)
    deliveries = rivya.webhooks.deliveries(remote.id, pages=1)[:DELIVERIES_SHOWN]
    events = access.inbox_of(member).filter(event_id__in=[each.event_id for each in deliveries])
    known = {event.event_id: event for event in events}
    attempts = [Attempt(each, known.get(each.event_id)) for each in deliveries]
    return Listed(remote, mine, attempts)
