"""The record of acts that must not pass unseen. `note` is the only writer of AuditEntry."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise

from rivya_app.workspaces.models import AuditEntry, Membership, User, Workspace

_acts: dict[str, "str | Promise"] = {}


def register(acts: Mapping[str, "str | Promise"]) -> None:
    """A room says in `ready()` which acts it notes, as {"key.added": gettext_lazy("Added a key")}.

    The part before the point is the room's own; a second meaning for one act is a fault.
    """
    for act, words in acts.items():
        if _acts.get(act, words) != words:
            raise ImproperlyConfigured(f"The act '{act}' has two meanings.")
        _acts[act] = words


def acts() -> Mapping[str, "str | Promise"]:
    """Every act that can be noted, with its words."""
    return dict(sorted(_acts.items()))


def words_of(act: str) -> str:
    """What an act is called, in the language active now; the act itself where nobody knows it."""
    return str(_acts.get(act, act))


def note(
    workspace: Workspace,
    act: str,
    *,
    member: Membership | None = None,
    user: User | None = None,
    subject: str = "",
    facts: Mapping[str, Any] | None = None,
    address: str | None = None,
) -> AuditEntry:
    """Record an act, inside the transaction that does it. Nobody named: the server did it itself.

    `subject` and `facts` are safe words. Raises ImproperlyConfigured for an act nobody registered.
    """
    if act not in _acts:
        raise ImproperlyConfigured(f"The act '{act}' is not registered.")
    person = user or (member.user if member else None)
    return AuditEntry.objects.create(
        workspace=workspace,
        user=person,
        by=str(person)[:120] if person else "",
        act=act,
        subject=subject[:200],
        facts=dict(facts or {}),
        address=address,
    )
