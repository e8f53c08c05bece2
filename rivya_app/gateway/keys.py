"""What is known of a secret: its shape, its fingerprint, its scopes, and if Rivya takes it."""

import hashlib
import hmac
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from rivya_app.core import clock
from rivya_app.gateway.models import ApiKey
from rivya_app.rivya_api import RivyaClient, errors
from rivya_app.workspaces import audit

PREFIX = "rvya_sk_"
_SHAPE = re.compile(r"rvya_sk_[A-Za-z0-9_\-]{8,200}")  # ASSUMED: the alphabet is not documented
_SHOWN_PREFIX = 12  # characters: Rivya's fixed prefix and four of the key's own

# One call a scope, and none can spend (docs/api-authentication). Reads ask for ids nobody has; the
# create has an empty body, and without a model there is nothing to make. The scopes files:create
# and chat:create are left: they come with their reading twins on every key Rivya makes.
PROBES: dict[str, Callable[[RivyaClient], object]] = {
    "generations:read": lambda rivya: rivya.generations.get("task_scope_probe"),
    "generations:create": lambda rivya: rivya.generations.create(b"{}", idempotency_key=_probe()),
    "files:read": lambda rivya: rivya.files.get("file_scope_probe"),
    "webhooks:manage": lambda rivya: rivya.webhooks.list(),
    "chat:read": lambda rivya: rivya.chat.sessions.list(),
}
NEEDED_SCOPES = frozenset({"credits:read", "generations:create", "generations:read"})
OVER = (ApiKey.State.RETIRED, ApiKey.State.REPLACED)  # nothing new is begun with these
_REFUSALS = (errors.ApiKeyRevoked, errors.ApiKeyExpired, errors.ApiKeyInvalid)


@dataclass(frozen=True, slots=True)
class Checked:
    """What Rivya said to a secret: the scopes that could be proved, and those it lacks."""

    found: tuple[str, ...]
    missing: tuple[str, ...]


def is_well_formed(secret: str) -> bool:
    return bool(_SHAPE.fullmatch(secret))


def shown_parts(secret: str) -> tuple[str, str]:
    """The prefix and the last four characters: all that is ever shown."""
    return secret[:_SHOWN_PREFIX], secret[-4:]


def fingerprint(secret: str) -> str:
    """A keyed hash by which the same secret is known again; useless without SECRET_KEY."""
    return _fingerprint(secret, settings.SECRET_KEY)


def all_fingerprints(secret: str) -> list[str]:
    """The fingerprints under SECRET_KEY and the keys it replaced.

    While an old key is listed in SECRET_KEY_FALLBACKS, secrets stored under it are still
    recognised. Afterwards one could be stored a second time, which costs nothing: two purposes
    would pay from one account, as two keys of that account do anyway.
    """
    return [
        _fingerprint(secret, key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]


def _fingerprint(secret: str, key: str) -> str:
    own_key = hashlib.sha256(b"gateway.keys.fingerprint:" + key.encode()).digest()
    return hmac.new(own_key, secret.encode(), hashlib.sha256).hexdigest()


def check(rivya: RivyaClient) -> Checked:
    """Try every scope that can be tried without spending. Raises what the first read raises.

    A probe that fails for another reason than its scope proves nothing and is left out.
    """
    rivya.credits.get()
    answers = {scope: _try(probe, rivya) for scope, probe in PROBES.items()}
    found = ["credits:read", *(scope for scope, has in answers.items() if has)]
    return Checked(tuple(found), tuple(scope for scope, has in answers.items() if has is False))


def _probe() -> str:
    """A key of its own for each try, so that no earlier answer is replayed."""
    return f"scope-probe-{uuid.uuid4()}"


def _try(probe: Callable[[RivyaClient], object], rivya: RivyaClient) -> bool | None:
    try:
        probe(rivya)
    except errors.ApiScopeDenied:
        return False
    except (errors.NotFound, errors.ValidationFailed):
        return True
    except errors.AuthenticationFailed:
        raise
    except errors.RivyaError:
        return None
    return True


def is_refusal(error: errors.RivyaError) -> bool:
    """Whether Rivya does not take this key at all any more."""
    return isinstance(error, _REFUSALS)


def refuse(api_key: ApiKey, code: str) -> bool:
    """Mark a key that Rivya does not take, and tell the owners, once. False where it was marked.

    Of a replaced key nobody is told: Rivya's own advice is to revoke it. Its successor goes on.
    """
    from rivya_app.gateway import rotation, telling

    with transaction.atomic(durable=True):
        row = ApiKey.objects.select_for_update().get(pk=api_key.pk)
        if row.state == ApiKey.State.REPLACED:
            return rotation.forget(row.pk)
        if row.state != ApiKey.State.ACTIVE:
            return False
        row.state = ApiKey.State.REFUSED
        row.last_error_code, row.last_error_at = code, clock.now()
        row.save(update_fields=["state", "last_error_code", "last_error_at"])
        telling.key_refused(row)
        audit.note(row.workspace, "key.refused", subject=row.purpose, facts={"code": code})
    api_key.state = row.state
    return True
