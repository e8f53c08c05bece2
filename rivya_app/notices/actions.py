"""Telling members something, once, and what they do with it."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from rivya_app.core import clock
from rivya_app.notices import access
from rivya_app.notices.models import Notice
from rivya_app.workspaces.access import hearers
from rivya_app.workspaces.models import Membership


class OutsideTransaction(RuntimeError):
    """`tell` was called where what it tells of could still fail to happen."""


def tell(
    members: Iterable[Membership],
    *,
    kind: str,
    facts: Mapping[str, Any],
    link: str,
    event_key: str,
) -> None:
    """Tell each member once about `event_key`; telling again changes nothing. For somebody who
    left, whoever goes on with their work hears it.

    `facts` are safe words for the sentence (notices/words.py), `link` a path of ours.
    Raises OutsideTransaction, and ValueError for a link that leads elsewhere.
    """
    if not connection.in_atomic_block:
        raise OutsideTransaction("Tell inside the transaction that decides what happened.")
    if not _is_path_of_ours(link):
        raise ValueError("A notice leads to a page of ours.")
    Notice.objects.bulk_create(
        [
            Notice(
                member=member,
                kind=Notice.Kind(kind),
                facts=dict(facts),
                link=link,
                event_key=event_key,
            )
            for member in hearers(members)
        ],
        ignore_conflicts=True,
    )


def _is_path_of_ours(link: str) -> bool:
    return link.startswith("/") and not link.startswith(("//", "/\\"))


def mark_read(*, member: Membership, public_id: UUID) -> Notice:
    """Mark one of the member's own notices as read. Raises Http404."""
    with transaction.atomic(durable=True):
        notice = access.notice(member, public_id, lock=True)
        if notice.read_at is None:
            notice.read_at = clock.now()
            notice.save(update_fields=["read_at"])
    return notice


def mark_all_read(*, member: Membership) -> int:
    """Mark everything the member has not read. Returns how many that were."""
    return access.notices_of(member).filter(read_at=None).update(read_at=clock.now())
