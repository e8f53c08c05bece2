"""Signed events on their way to other systems. The row is the queue.

Claim under a lock; post outside any transaction; settle under a lock. A worker that dies only
delays the event by its lease, and the same event may then arrive twice, under the same id.
"""

import json
import logging
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.core.rows import found_or_404
from rivya_app.handoff import access, destinations, gate, history, links, manifest, posting
from rivya_app.handoff.destinations import PACKAGE_READY
from rivya_app.handoff.links import NotDone
from rivya_app.handoff.models import Package
from rivya_app.handoff.outgoing_models import DeliveryTry, Destination, OutgoingEvent
from rivya_app.notices import actions as notices
from rivya_app.notices.models import Notice
from rivya_app.workspaces.models import Membership, Role

logger = logging.getLogger(__name__)

TEST = "destination.test"
LEASE = timedelta(seconds=60)  # four times what a try may take
# Before each try, after the one before: 17 and a half hours in all.
PAUSES = tuple(
    timedelta(seconds=seconds) for seconds in (0, 5, 60, 300, 1800, 7200, 18_000, 36_000)
)
LINK_DAYS = 30
SWEEP_BATCH = 50
State = OutgoingEvent.State


# --- What a person asks for -----------------------------------------------------------------------


def send(*, member: Membership, package_id: UUID, destination_id: UUID) -> OutgoingEvent:
    """Tell another system of a package, with a link of its own to fetch it by.

    While an earlier sending of it there is still under way, that is it: two presses are one.
    Raises Http404, PermissionDenied and NotDone.
    """
    if not member.has_role(*links.MAY_SHARE):
        raise PermissionDenied
    with transaction.atomic(durable=True):
        package = access.package(member, package_id, lock=True)
        destination = destinations.destination(member, destination_id, lock=True)
        under_way = _under_way(destination, package=package, type=PACKAGE_READY)
        if under_way is not None:
            return under_way
        if destination.state != Destination.State.ACTIVE:
            raise NotDone("not_in_use")
        if not gate.may_leave(package):
            raise NotDone("not_ready")
        return _make_package_event(member, package, destination)


def send_test(*, member: Membership, destination_id: UUID) -> OutgoingEvent:
    """An event that says nothing, to see whether the other side takes it. Raises NotDone."""
    if not member.has_role(Role.OWNER):
        raise PermissionDenied
    with transaction.atomic(durable=True):
        destination = destinations.destination(member, destination_id, lock=True)
        if destination.state != Destination.State.ACTIVE:
            raise NotDone("not_in_use")
        under_way = _under_way(destination, type=TEST)
        if under_way is not None:
            return under_way
        return _make(destination, TEST, member, {"destination": destination.name}, subject="test")


def send_again(*, member: Membership, event_id: UUID) -> OutgoingEvent:
    """Take up an event that was given up: the same bytes under the same id. Raises NotDone."""
    if not member.has_role(*links.MAY_SHARE):
        raise PermissionDenied
    with transaction.atomic(durable=True):
        event = event_of(member, event_id, lock=True)
        if event.state != State.GIVEN_UP:
            raise NotDone("not_given_up")
        if event.destination.state != Destination.State.ACTIVE:
            raise NotDone("not_in_use")
        link = event.link
        if link and (link.revoked_at or link.expires_at <= clock.now()):
            raise NotDone("link_over")
        event.state, event.attempt_count, event.next_try_at = State.WAITING, 0, clock.now()
        event.save(update_fields=["state", "attempt_count", "next_try_at"])
        _publish(event.pk)
    return event


def event_of(member: Membership, public_id: UUID, *, lock: bool = False) -> OutgoingEvent:
    """One event for a destination of the member's workspace. Raises Http404."""
    rows = OutgoingEvent.objects.filter(destination__in=destinations.destinations(member))
    return found_or_404(rows.select_related("destination"), lock=lock, public_id=public_id)


def _under_way(destination: Destination, **wanted: Any) -> OutgoingEvent | None:
    rows = OutgoingEvent.objects.filter(destination=destination, state=State.WAITING, **wanted)
    return rows.first()


def _make_package_event(
    member: Membership, package: Package, destination: Destination
) -> OutgoingEvent:
    made = links.add(package, member, destination.name, days=LINK_DAYS)
    path = reverse("shared-zip", args=[made.token.reveal()])
    told = {
        "package": {
            "id": str(package.public_id),
            "title": package.title,
            "packed_at": _moment(package.built_at),
            "files": _files(package),
        },
        "download": {
            "url": f"{settings.PUBLIC_URL}{path}",
            "expires_at": _moment(made.link.expires_at),
        },
    }
    subject = str(package.public_id)
    event = _make(
        destination, PACKAGE_READY, member, told, subject=subject, package=package, link=made.link
    )
    history.note(package, "sent", member=member, to=destination.name)
    return event


def _make(
    destination: Destination,
    kind: str,
    member: Membership,
    told: dict[str, Any],
    *,
    subject: str,
    **columns: Any,
) -> OutgoingEvent:
    """Under a lock that both of two presses want: the earlier sendings give it its number."""
    now = clock.now()
    earlier = OutgoingEvent.objects.filter(
        destination=destination, type=kind, package=columns.get("package")
    )
    body = {"type": kind, "timestamp": _moment(now), "data": told}
    event = OutgoingEvent.objects.create(
        destination=destination,
        event_key=f"{kind}:{subject}:{earlier.count() + 1}",
        type=kind,
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        sent_by=member,
        created_at=now,
        next_try_at=now,
        **columns,
    )
    _publish(event.pk)
    return event


def _files(package: Package) -> list[dict[str, Any]]:
    """As the manifest lists them."""
    wanted = ("name", "sha256", "size", "mime_type")
    return [
        {name: file.get(name) for name in wanted}
        for item in manifest.document(package).get("items", [])
        for file in item.get("files", [])
    ]


def _moment(moment: Any) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


# --- The queue ------------------------------------------------------------------------------------


def deliver(event_id: int) -> None:
    """Try one event, if it is due and nobody else has it."""
    claimed = _claim(event_id)
    if claimed is None:
        return
    destination, body = claimed.destination, claimed.body.reveal()
    headers = posting.signed(id_of(claimed), body, _keys(destination))
    outcome = posting.post(destination.url, body.encode(), headers)
    _settle(claimed, outcome)


def sweep() -> int:
    """Publish what is due: its task was lost, its worker died, or its time has come."""
    forget_former_secrets()
    due = OutgoingEvent.objects.filter(
        next_try_at__lte=clock.now(), destination__state=Destination.State.ACTIVE
    )
    ids = list(due.order_by("next_try_at").values_list("pk", flat=True)[:SWEEP_BATCH])
    for event_id in ids:
        _send_task(event_id)
    return len(ids)


def forget_former_secrets() -> None:
    """Wipe the secrets that no longer sign."""
    over = Destination.objects.filter(former_until__lt=clock.now())
    over.update(former_secret="", former_until=None)


def id_of(event: OutgoingEvent) -> str:
    """What the other side knows an event by: the same for every try."""
    return f"evt_{event.public_id.hex}"


@transaction.atomic(durable=True)
def _claim(event_id: int) -> OutgoingEvent | None:
    """Take it for LEASE."""
    event = _lock(event_id)
    if event is None or event.destination.state != Destination.State.ACTIVE:
        return None
    event.attempt_count += 1
    event.next_try_at = clock.now() + LEASE
    event.save(update_fields=["attempt_count", "next_try_at"])
    return event


def _lock(event_id: int) -> OutgoingEvent | None:
    """The event under its lock, where it is due."""
    rows = OutgoingEvent.objects.select_for_update(of=("self",)).select_related("destination")
    return rows.filter(pk=event_id, state=State.WAITING, next_try_at__lte=clock.now()).first()


@transaction.atomic(durable=True)
def _settle(claimed: OutgoingEvent, outcome: posting.Outcome) -> None:
    """Write the try down and decide what follows. Locks the destination, then the event."""
    destination = Destination.objects.select_for_update().get(pk=claimed.destination_id)
    event = OutgoingEvent.objects.select_for_update(of=("self",)).get(pk=claimed.pk)
    DeliveryTry(
        event=event,
        number=event.tries.count() + 1,
        status=outcome.status,
        trouble=outcome.trouble,
        milliseconds=outcome.milliseconds,
        created_at=clock.now(),
    ).save()
    if event.state != State.WAITING or event.attempt_count != claimed.attempt_count:
        return  # somebody else took it over meanwhile, or it was settled
    if outcome.is_delivered:
        _delivered(event, destination)
    else:
        logger.warning("event %s not delivered: %s", event.public_id, outcome.trouble)
        _failed(event, destination, outcome)


def _delivered(event: OutgoingEvent, destination: Destination) -> None:
    event.state, event.next_try_at, event.delivered_at = State.DELIVERED, None, clock.now()
    event.save(update_fields=["state", "next_try_at", "delivered_at"])
    destination.failure_count, destination.last_success_at = 0, clock.now()
    destination.save(update_fields=["failure_count", "last_success_at"])


def _failed(event: OutgoingEvent, destination: Destination, outcome: posting.Outcome) -> None:
    destination.failure_count += 1
    destination.last_failure_at = clock.now()
    is_gone = outcome.status == posting.GONE
    is_over = is_gone or event.attempt_count >= len(PAUSES)
    if is_over:
        event.state, event.next_try_at = State.GIVEN_UP, None
    else:
        event.next_try_at = clock.now() + PAUSES[event.attempt_count]
    event.save(update_fields=["state", "next_try_at"])
    if is_gone or (is_over and _took_nothing_since(destination, event)):
        _pause(destination)
    destination.save(update_fields=["failure_count", "last_failure_at", "state", "changed_at"])


def _took_nothing_since(destination: Destination, event: OutgoingEvent) -> bool:
    last = destination.last_success_at
    return last is None or last < event.created_at


def _pause(destination: Destination) -> None:
    """Keep what waits, and tell whoever made the destination."""
    if destination.state != Destination.State.ACTIVE:
        return
    destination.state, destination.changed_at = Destination.State.PAUSED, clock.now()
    notices.tell(
        [destination.created_by],
        kind=Notice.Kind.DESTINATION_TROUBLE,
        facts={"name": destination.name},
        link=reverse("handoff:show-destination", args=[destination.public_id]),
        event_key=f"destination-paused:{destination.public_id}:{clock.now():%Y%m%d%H%M}",
    )


def _keys(destination: Destination) -> list[Any]:
    """The secret, and for a while the former one."""
    until = destination.former_until
    is_both = bool(destination.former_secret) and until is not None and until > clock.now()
    return [destination.secret, *([destination.former_secret] if is_both else [])]


def _publish(event_id: int) -> None:
    transaction.on_commit(partial(_send_task, event_id), robust=True)


def _send_task(event_id: int) -> None:
    from rivya_app.handoff.tasks import deliver as task

    task.apply_async(kwargs={"event_id": event_id}, expires=30)


# --- What pages ask -------------------------------------------------------------------------------


def newest_of(package: Package) -> dict[int, OutgoingEvent]:
    """The newest sending of a package to each destination, by its key, in one query."""
    rows = OutgoingEvent.objects.filter(package=package).defer("body").prefetch_related("tries")
    return {row.destination_id: row for row in rows.order_by("destination_id", "pk")}


def counts_of(member: Membership) -> dict[int, dict[str, int]]:
    """How many events of each state a destination has, by its key, in one query."""
    rows = destinations.destinations(member).annotate(
        **{state: Count("events", filter=Q(events__state=state)) for state in State.values}
    )
    return {row.pk: {state: getattr(row, state) for state in State.values} for row in rows}
