"""Telling members something, once, and what they do with it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from rivya_app.core import clock
from rivya_app.notices import access, mailing, unsubscribing, ways
from rivya_app.notices.models import Mail, Notice, Postbox
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
    now = clock.now()
    Notice.objects.bulk_create(
        [
            Notice(
                member=member,
                kind=Notice.Kind(kind),
                facts=dict(facts),
                link=link,
                event_key=event_key,
                created_at=now,
                mail_due_at=mailing.due_after(now),
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


def mark_seen(*, member: Membership, event_keys: Collection[str]) -> int:
    """What they tell of stands on the member's screen, so they are read. Returns how many."""
    unread = access.notices_of(member).filter(read_at=None, event_key__in=event_keys)
    return unread.update(read_at=clock.now())


def mark_all_read(*, member: Membership, until: datetime | None = None) -> int:
    """Mark everything the member has not read, of what was there at `until`. Returns how many."""
    now = clock.now()
    unread = access.notices_of(member).filter(read_at=None, created_at__lte=until or now)
    return unread.update(read_at=now)


@dataclass(frozen=True)
class Choices:
    """Where a member wants to be told. `by_kind` names the kinds that were on the page."""

    wants_mail: bool
    digest_hour: int  # of the member's own day, 0 to 23
    by_kind: Mapping[str, ways.Choice] = field(default_factory=dict)


def choose(*, member: Membership, choices: Choices) -> None:
    """Keep what the member chose. It holds too for what waits to be mailed."""
    with transaction.atomic(durable=True):
        Postbox.objects.update_or_create(
            member=member,
            defaults={"wants_mail": choices.wants_mail, "digest_hour": choices.digest_hour},
        )
        ways.keep(member, choices.by_kind)
        mailing.look_again(member)


def stop_mail(token: str) -> unsubscribing.Stop:
    """Do what the signed address of a letter says; twice is as once. Raises Http404."""
    with transaction.atomic(durable=True):
        stop = unsubscribing.stop_of(token)
        if stop.kind:
            choice = ways.of(stop.member)[stop.kind]
            ways.keep(stop.member, {stop.kind: ways.Choice(Mail.NONE, choice.browser)})
        else:
            Postbox.objects.update_or_create(member=stop.member, defaults={"wants_mail": False})
    return stop


def forget() -> int:
    """Delete what was read and is older than NOTICES_KEPT_DAYS. Returns how many."""
    before = clock.now() - timedelta(days=settings.NOTICES_KEPT_DAYS)
    return Notice.objects.filter(read_at__isnull=False, created_at__lt=before).delete()[0]
