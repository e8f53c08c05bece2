"""What an owner does with keys. Rivya is asked first, outside any transaction."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from rivya_app.core import clock
from rivya_app.core.sealed import Secret
from rivya_app.gateway import access, catalogue, key_links, keys, workflow_shipped
from rivya_app.gateway.clients import client_for, client_for_new
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.rivya_api import errors
from rivya_app.workspaces import audit
from rivya_app.workspaces.models import Membership, Role, Workspace


class KeyNotAccepted(Exception):
    """A key was not taken. `code` is a row of gateway/key_words.py; `scopes` are those it lacks."""

    def __init__(self, code: str, scopes: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code = code
        self.scopes = scopes


@dataclass(frozen=True, slots=True)
class NewKey:
    """What an owner types. The secret hides itself."""

    purpose: str
    environment: str
    secret: Secret


def add_key(*, member: Membership, purpose: str, environment: str, secret: Secret | str) -> ApiKey:
    """Check a secret against Rivya and keep it, sealed. Raises KeyNotAccepted."""
    require_owner(member)
    sealed = secret if isinstance(secret, Secret) else Secret(secret)
    new = NewKey(purpose, environment, sealed)
    return install_key(workspace=member.workspace, new=new, created_by=member)


def install_key(
    *, workspace: Workspace, new: NewKey, created_by: Membership | None = None
) -> ApiKey:
    """As add_key, for whoever runs the server. Workflows without a working key get this one."""
    _refuse_at_once(workspace, new)
    checked = ask_rivya(new.secret)
    catalogue.default_model_id()  # has the list read where it never was: workflows start from it
    try:
        return _keep(workspace, new, checked, created_by)
    except IntegrityError:
        _refuse_at_once(workspace, new)  # somebody was quicker; says which rule it was
        raise


def retire_key(*, member: Membership, public_id: UUID) -> ApiKey:
    """Take a key out of use. Its sealed secret stays, so that running jobs end where they began.

    Workflows go over to another key in use, where there is one.
    """
    require_owner(member)
    with transaction.atomic(durable=True):
        key = access.key(member, public_id, lock=True)
        if key.state not in keys.OVER:
            key.state = ApiKey.State.RETIRED
            key.retired_at = clock.now()
            key.save(update_fields=["state", "retired_at"])
            _hand_over(key)
            key_links.wake([key.pk])
            facts = {"key": key.shown}
            audit.note(
                key.workspace, "key.retired", member=member, subject=key.purpose, facts=facts
            )
    return key


def check_key(*, member: Membership, public_id: UUID) -> ApiKey:
    """Ask Rivya about a stored key again; one that was refused by mistake is in use afterwards.

    Raises KeyNotAccepted.
    """
    require_owner(member)
    return _check(access.key(member, public_id), member)


def recheck_refused() -> int:
    """Ask about every refused key again: a refusal may have been Rivya's own trouble. Returns how
    many are in use again."""
    refused = ApiKey.objects.filter(state=ApiKey.State.REFUSED).select_related("workspace")
    return sum(_is_taken_again(key) for key in refused)


def _is_taken_again(key: ApiKey) -> bool:
    try:
        return _check(key, None).state == ApiKey.State.ACTIVE
    except KeyNotAccepted:
        return False


def _check(key: ApiKey, member: Membership | None) -> ApiKey:
    if key.state in keys.OVER:
        raise KeyNotAccepted(key.state)
    try:
        with client_for(key) as rivya:
            checked = keys.check(rivya)
    except errors.RivyaError as error:
        raise KeyNotAccepted(refusal_code(error)) from None
    _require_scopes(checked)
    return _accept(key, checked, member)


@transaction.atomic(durable=True)
def _accept(key: ApiKey, checked: keys.Checked, member: Membership | None) -> ApiKey:
    row = ApiKey.objects.select_for_update(of=("self",)).get(pk=key.pk)
    if row.state in keys.OVER:
        raise KeyNotAccepted(row.state)
    if row.state == ApiKey.State.REFUSED:
        row.state = ApiKey.State.ACTIVE
        key_links.wake(access.line_of(row))
        audit.note(row.workspace, "key.accepted", member=member, subject=row.purpose)
    row.scopes_found = list(checked.found)
    row.checked_at = clock.now()
    row.last_error_code = ""
    row.save(update_fields=["state", "scopes_found", "checked_at", "last_error_code"])
    _attach(row)
    return row


def require_owner(member: Membership) -> None:
    """Raises PermissionDenied for whoever may not hold keys."""
    if not member.has_role(Role.OWNER):
        raise PermissionDenied


def _refuse_at_once(workspace: Workspace, new: NewKey) -> None:
    """What can be said without asking Rivya."""
    refuse_secret(new.secret)
    same_name = ApiKey.objects.filter(
        workspace=workspace, purpose=new.purpose, environment=new.environment
    )
    if same_name.exclude(state__in=keys.OVER).exists():
        raise KeyNotAccepted("purpose_taken")


def refuse_secret(secret: Secret) -> None:
    """Raises KeyNotAccepted for what is no key, and for one that is here already."""
    if not keys.is_well_formed(secret.reveal()):
        raise KeyNotAccepted("malformed")
    if ApiKey.objects.filter(fingerprint__in=keys.all_fingerprints(secret.reveal())).exists():
        raise KeyNotAccepted("known")


def ask_rivya(secret: Secret) -> keys.Checked:
    """What a secret may do. Raises KeyNotAccepted where Rivya does not take it for our work."""
    try:
        with client_for_new(secret) as rivya:
            checked = keys.check(rivya)
    except errors.RivyaError as error:
        raise KeyNotAccepted(refusal_code(error)) from None
    _require_scopes(checked)
    return checked


def _require_scopes(checked: keys.Checked) -> None:
    lacking = tuple(sorted(keys.NEEDED_SCOPES.intersection(checked.missing)))
    if lacking:
        raise KeyNotAccepted("missing_scopes", lacking)


def refusal_code(error: errors.RivyaError) -> str:
    """The row of key_words for what Rivya answered to a key."""
    known: dict[type[errors.RivyaError], str] = {
        errors.ApiKeyRevoked: "revoked",
        errors.ApiKeyExpired: "expired",
        errors.ApiScopeDenied: "missing_scopes",
        errors.PublicApiDisabled: "disabled",
    }
    if isinstance(error, errors.AuthenticationFailed):
        return known.get(type(error), "invalid")
    return known.get(type(error), "unreachable")


@transaction.atomic(durable=True)
def _keep(
    workspace: Workspace,
    new: NewKey,
    checked: keys.Checked,
    created_by: Membership | None,
) -> ApiKey:
    key = write_key(workspace, new, checked, created_by)
    workflow_shipped.ensure_shipped(workspace)
    _attach(key)
    facts = {"key": key.shown, "environment": key.environment}
    audit.note(workspace, "key.added", member=created_by, subject=key.purpose, facts=facts)
    return key


def write_key(
    workspace: Workspace,
    new: NewKey,
    checked: keys.Checked,
    created_by: Membership | None,
    *,
    line: UUID | None = None,
) -> ApiKey:
    """The row of a secret that Rivya takes, sealed. Inside the caller's transaction. `line` is that
    of the key it replaces."""
    prefix, last_four = keys.shown_parts(new.secret.reveal())
    now = clock.now()
    return ApiKey.objects.create(
        workspace=workspace,
        purpose=new.purpose,
        environment=new.environment,
        secret=new.secret,  # type: ignore[misc]  # the field takes a Secret
        fingerprint=keys.fingerprint(new.secret.reveal()),
        prefix=prefix,
        last_four=last_four,
        scopes_found=list(checked.found),
        line=line or uuid4(),
        created_by=created_by,
        created_at=now,
        checked_at=now,
        last_used_at=now,
    )


def _attach(key: ApiKey) -> None:
    """Give this key to the workflows that have none, or one that no longer works."""
    flows = Workflow.objects.filter(workspace=key.workspace_id)
    flows.exclude(api_key__state=ApiKey.State.ACTIVE).update(api_key=key)


def _hand_over(retired: ApiKey) -> None:
    others = ApiKey.objects.filter(workspace=retired.workspace_id, state=ApiKey.State.ACTIVE)
    Workflow.objects.filter(api_key=retired).update(api_key=others.order_by("created_at").first())
