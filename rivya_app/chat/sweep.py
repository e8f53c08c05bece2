"""Finds turns whose time has come: a worker that died, a task that was lost, a cost not known."""

import logging
from datetime import timedelta

import redis
from django.db import transaction

from rivya_app.chat import endings, feed
from rivya_app.chat.locks import lock_with_conversation
from rivya_app.chat.models import CLOSED_STATUSES, Status, Turn
from rivya_app.chat.schedule import PUBLISH_PAUSE
from rivya_app.core import clock
from rivya_app.workspaces import pauses
from rivya_app.workspaces.models import Workspace

logger = logging.getLogger(__name__)
BATCH = 200


def sweep() -> int:
    """Returns how many turns were taken up. May run at any time, and beside itself."""
    return _take_up_lost() + _publish_waiting() + _publish_unsettled()


def _take_up_lost() -> int:
    """An answer whose lease ran out has no worker any more: what came of it is kept."""
    stale = Turn.objects.filter(status=Status.STREAMING, next_check_at__lte=clock.now())
    lost = list(stale.order_by("next_check_at").values_list("public_id", flat=True)[:BATCH])
    for turn_id in lost:
        _interrupt(str(turn_id))
    return len(lost)


def _interrupt(turn_id: str) -> None:
    """One turn's trouble never stops the others."""
    try:
        with transaction.atomic(durable=True):
            turn = lock_with_conversation(turn_id)
            if turn.status == Status.STREAMING and (
                turn.next_check_at is None or turn.next_check_at <= clock.now()
            ):
                _close_lost(turn)
    except Exception:
        logger.exception("turn %s could not be taken up", turn_id)


def _close_lost(turn: Turn) -> None:
    text = turn.answer + _passed_on_since(turn)
    turn.is_uncertain = True
    if turn.stop_asked_at is not None:  # somebody wanted just that
        endings.stopped(turn, text=text, cause="sweep")
    else:
        endings.interrupted(turn, text=text, cause="sweep", code="worker_lost")


def _passed_on_since(turn: Turn) -> str:
    """What the live feed holds beyond the row: pages showed it, so it must not go away."""
    if turn.answer and not turn.streamed_to:
        return ""  # the feed broke before, and is no continuation
    try:
        if not feed.goes_on_from(turn.public_id, turn.streamed_to):
            return ""
        entries = list(feed.read_after(turn.public_id, turn.streamed_to))
    except redis.RedisError:
        return ""
    return "".join(entry.data for entry in entries if entry.kind == feed.TEXT)


def _publish_waiting() -> int:
    """Hand due PENDING turns to the workers; their next time moves on, past the next ticks."""
    from rivya_app.chat.tasks import answer_turn  # tasks import this module

    with transaction.atomic(durable=True):
        due = Turn.objects.select_for_update(skip_locked=True).filter(
            pauses.left_out(), status=Status.PENDING, next_check_at__lte=clock.now()
        )
        ids = list(due.order_by("next_check_at", "id").values_list("pk", "public_id")[:BATCH])
        later = clock.now() + timedelta(seconds=PUBLISH_PAUSE)
        Turn.objects.filter(pk__in=[key for key, _ in ids]).update(next_check_at=later)
    for _key, public_id in ids:
        answer_turn.delay(turn_id=str(public_id))
    return len(ids)


def _publish_unsettled() -> int:
    """Have the sessions of closed turns looked at; the look itself sets the next time. A task that
    nobody begins in time is dropped, because it is published again at every tick until then."""
    from rivya_app.chat.tasks import settle_turn

    due = Turn.objects.filter(
        status__in=CLOSED_STATUSES, settled_at=None, next_check_at__lte=clock.now()
    )
    ids = list(due.order_by("next_check_at").values_list("public_id", flat=True)[:BATCH])
    for public_id in ids:
        settle_turn.apply_async(kwargs={"turn_id": str(public_id)}, expires=PUBLISH_PAUSE)
    return len(ids)


def resume_after_pause(workspace: Workspace | None) -> None:
    """What waited is due at once. In the pause's own transaction."""
    waiting = Turn.objects.filter(status=Status.PENDING)
    mine = waiting.filter(workspace=workspace) if workspace else waiting
    mine.update(next_check_at=clock.now())
