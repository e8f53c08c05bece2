"""What the pages of keys show. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rivya_app.core import clock
from rivya_app.gateway import access, catalogue, key_links, keys
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.gateway.refusal_words import WORDS
from rivya_app.gateway.refusals import FailureWords
from rivya_app.workspaces import audit
from rivya_app.workspaces.models import AuditEntry, Membership

SOON = 14  # days before its end that a key's page warns
ACTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Health:
    """How a key fares. `trouble` are the words of Rivya's last refusal, None where none holds."""

    key: ApiKey
    workflows: Sequence[Workflow]
    trouble: FailureWords | None
    ends: str
    is_ending: bool

    @property
    def waits_for_owner(self) -> bool:
        """Whether its workflows stand still until a new secret is there."""
        return self.key.state == ApiKey.State.REFUSED

    @property
    def missing(self) -> list[str]:
        """Scopes that could be tried and are not there."""
        tried = {"credits:read", *keys.PROBES}
        return sorted(tried - set(self.key.scopes_found)) if self.key.scopes_found else []


def health_of(key: ApiKey, workflows: Sequence[Workflow]) -> Health:
    left = days_left(key)
    return Health(
        key=key,
        workflows=workflows,
        trouble=WORDS.get(key.last_error_code),
        ends="" if left is None else _ends(left),
        is_ending=left is not None and left <= SOON,
    )


def days_left(key: ApiKey) -> int | None:
    """Until the day it ends, below zero after it; None where nobody noted one."""
    return None if key.expires_on is None else (key.expires_on - _today()).days


def _today() -> date:
    return timezone.localdate(clock.now())


def _ends(left: int) -> str:
    if left < 0:
        return _("Its end date is past")
    if left == 0:
        return _("It ends today")
    return ngettext("It ends in %(count)d day", "It ends in %(count)d days", left) % {"count": left}


def keys_page(member: Membership) -> dict[str, Any]:
    """Keys in use first; replaced and retired ones apart."""
    rows = list(access.keys_of(member))
    flows = Workflow.objects.filter(workspace=member.workspace_id, archived_at=None)
    by_key: dict[int | None, list[Workflow]] = {}
    for flow in flows:
        by_key.setdefault(flow.api_key_id, []).append(flow)
    shown = [health_of(row, by_key.get(row.pk, [])) for row in rows]
    return {
        "current": [one for one in shown if one.key.state not in keys.OVER],
        "over": [one for one in shown if one.key.state in keys.OVER],
        "model_list": catalogue.standing(),
    }


def key_page(member: Membership, public_id: UUID) -> dict[str, Any]:
    """One key. Raises Http404."""
    key = access.key(member, public_id)
    flows = list(key.workflows.filter(archived_at=None))
    line = [pk for pk in access.line_of(key) if pk < key.pk]
    return {
        "key": key,
        "health": health_of(key, flows),
        "is_over": key.state in keys.OVER,
        "endpoints": key.webhook_endpoints.exclude(state="removed"),
        "uses": key_links.uses_of(member, key),
        "earlier": ApiKey.objects.filter(pk__in=line).defer("secret").order_by("-pk"),
        "acts": _acts(member, key),
    }


def _acts(member: Membership, key: ApiKey) -> list[tuple[str, AuditEntry]]:
    """What was done about this purpose, the newest first."""
    named = Q(subject=key.purpose) | Q(subject__startswith=f"{key.purpose} (")
    rows = AuditEntry.objects.filter(named, workspace=member.workspace_id, act__startswith="key.")
    return [(audit.words_of(row.act), row) for row in rows[:ACTS_SHOWN]]
