"""A new secret under the same purpose. What was sent with the old one ends with it.

Then the old secret is wiped; its row stays, because jobs and ledger entries name it.
"""

from datetime import date, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from rivya_app.core import clock
from rivya_app.core.sealed import Secret
from rivya_app.gateway import access, actions, key_links, keys
from rivya_app.gateway.actions import KeyNotAccepted
from rivya_app.gateway.clients import client_for_new
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.gateway.webhook_models import WebhookEndpoint
from rivya_app.rivya_api import errors
from rivya_app.workspaces import audit
from rivya_app.workspaces.models import Membership, Workspace

State = ApiKey.State
REPLACEABLE = (State.ACTIVE, State.REFUSED)
# Longer than any one call takes: nothing that began with the old secret is still on its way.
KEPT_AT_LEAST = timedelta(minutes=5)


def rotate_key(*, member: Membership, public_id: UUID | str, secret: Secret) -> ApiKey:
    """Check a new secret against Rivya and put it in the place of this key's. Returns the new row.

    Raises KeyNotAccepted: also where somebody replaced or retired the key meanwhile ("replaced",
    "retired"), and where Rivya does not show this workspace's jobs to the new secret
    ("other_account"), because then running jobs could never be asked about with it.
    """
    actions.require_owner(member)
    old = access.key(member, public_id)
    _require_replaceable(old)
    actions.refuse_secret(secret)
    checked = actions.ask_rivya(secret)
    _require_same_account(member.workspace, secret)
    try:
        return _replace(member, public_id, secret, checked)
    except IntegrityError:
        actions.refuse_secret(secret)  # somebody stored the very same meanwhile
        raise


def _require_replaceable(key: ApiKey) -> None:
    if key.state not in REPLACEABLE:
        raise KeyNotAccepted(key.state)


def _require_same_account(workspace: Workspace, secret: Secret) -> None:
    task = key_links.known_task(workspace)
    if not task:
        return
    try:
        with client_for_new(secret) as rivya:
            rivya.generations.get(task)
    except errors.NotFound:
        raise KeyNotAccepted("other_account") from None
    except errors.RivyaError as error:
        raise KeyNotAccepted(actions.refusal_code(error)) from None


@transaction.atomic(durable=True)
def _replace(
    member: Membership, public_id: UUID | str, secret: Secret, checked: keys.Checked
) -> ApiKey:
    old = access.key(member, public_id, lock=True)
    _require_replaceable(old)
    old.state, old.replaced_at = State.REPLACED, clock.now()
    old.save(update_fields=["state", "replaced_at"])
    wanted = actions.NewKey(old.purpose, old.environment, secret)
    new = actions.write_key(old.workspace, wanted, checked, member, line=old.line)
    old.replaced_by = new
    old.save(update_fields=["replaced_by"])
    Workflow.objects.filter(api_key=old).update(api_key=new)
    WebhookEndpoint.objects.filter(api_key=old).update(api_key=new)
    key_links.follow(old, new)
    key_links.wake(access.line_of(new))
    facts = {"before": old.shown, "after": new.shown}
    audit.note(old.workspace, "key.rotated", member=member, subject=old.purpose, facts=facts)
    return new


@transaction.atomic(durable=True)
def set_expiry(*, member: Membership, public_id: UUID | str, ends_on: date | None) -> ApiKey:
    """Keep when a key ends at Rivya, as the owner reads it there; None where it does not."""
    actions.require_owner(member)
    key = access.key(member, public_id, lock=True)
    if key.expires_on != ends_on:
        key.expires_on = ends_on
        key.save(update_fields=["expires_on"])
        facts = {"day": ends_on.isoformat() if ends_on else ""}
        audit.note(key.workspace, "key.expiry", member=member, subject=key.purpose, facts=facts)
    return key


def forget_replaced() -> int:
    """Wipe secrets of replaced keys that no running work needs any more. Returns how many."""
    old_enough = clock.now() - KEPT_AT_LEAST
    waiting = ApiKey.objects.filter(
        state=State.REPLACED, forgotten_at=None, replaced_at__lte=old_enough
    )
    ids = set(waiting.values_list("pk", flat=True))
    ids -= key_links.still_needed(ids)
    return sum(forget(key_id) for key_id in ids)


@transaction.atomic
def forget(key_id: int) -> bool:
    """Wipe the secret of a replaced key; False where that was done already."""
    key = ApiKey.objects.select_for_update().get(pk=key_id)
    if key.state != State.REPLACED or key.forgotten_at:
        return False
    key.secret = Secret("")
    key.forgotten_at = clock.now()
    key.save(update_fields=["secret", "forgotten_at"])
    audit.note(key.workspace, "key.forgotten", subject=f"{key.purpose} ({key.shown})")
    return True
