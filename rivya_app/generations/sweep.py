"""Finds open jobs whose time has come and looks at them, many at once over one connection pool."""

import logging
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from time import monotonic
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import F

from rivya_app.core import clock
from rivya_app.gateway import webhooks
from rivya_app.gateway.access import acting_key
from rivya_app.gateway.clients import client_for
from rivya_app.gateway.models import ApiKey
from rivya_app.generations import jobs, lifecycle, overdue, schedule
from rivya_app.generations.models import Generation, Status
from rivya_app.rivya_api import RivyaClient, errors
from rivya_app.rivya_api.types import Job
from rivya_app.workspaces import pauses
from rivya_app.workspaces.models import Workspace

logger = logging.getLogger(__name__)

TIME_BUDGET = 20  # seconds one sweep may go on claiming; the next tick continues
SELDOM = 15  # seconds between two looks at what changes slowly
_SELDOM_LOCK = "generations:seldom"


@dataclass(frozen=True, slots=True)
class Due:
    """An open job at Rivya that is to be looked at now."""

    public_id: UUID
    task_id: str
    remote_status: str
    api_key_id: int
    trouble_count: int
    is_announced: bool  # a healthy webhook should tell of its end


def sweep() -> int:
    """Send what waits, take up what a dead worker left, poll what runs. Returns how many polls."""
    _take_back_lost_sends()
    _publish_waiting()
    if cache.add(_SELDOM_LOCK, 1, SELDOM):
        overdue.ask_about_late_jobs()
        hurry_unannounced()
    started, polled = monotonic(), 0
    while monotonic() - started < TIME_BUDGET:
        due = claim_due(settings.POLL_BATCH)
        polled += poll(due)
        if len(due) < settings.POLL_BATCH:
            break
    return polled


def hurry_unannounced() -> int:
    """Bring forward the far looks at jobs whose webhook is no longer healthy. Returns how many."""
    now = clock.now()
    far = Generation.objects.filter(
        status=Status.PROCESSING,
        needs_look=False,
        trouble_count=0,
        next_check_at__gt=now + timedelta(seconds=schedule.LATEST_UNANNOUNCED),
    )
    return far.exclude(api_key_id__in=webhooks.announced_key_ids()).update(next_check_at=now)


@transaction.atomic(durable=True)
def _take_back_lost_sends() -> None:
    """A send whose lease ran out has an unknown end: it is asked again with the same key."""
    stale = Generation.objects.select_for_update(skip_locked=True).filter(
        status=Status.SUBMITTING, next_check_at__lte=clock.now()
    )
    for generation in stale[:100]:
        generation.is_uncertain = True
        generation.next_check_at = clock.now()
        lifecycle.move(generation, Status.QUEUED, cause="sweep", kind="send_lost")


def _publish_waiting() -> None:
    """Hand due QUEUED rows to the workers; their next time moves on, past the next ticks."""
    from rivya_app.generations.tasks import submit_generation  # tasks import this module

    with transaction.atomic(durable=True):
        waiting = Generation.objects.select_for_update(skip_locked=True).filter(
            pauses.left_out(), status=Status.QUEUED, next_check_at__lte=clock.now()
        )
        ids = list(waiting.order_by("next_check_at", "id").values_list("pk", "public_id")[:200])
        later = clock.now() + schedule.PUBLISH_PAUSE
        Generation.objects.filter(pk__in=[pk for pk, _ in ids]).update(next_check_at=later)
    for _pk, public_id in ids:
        submit_generation.delay(generation_id=str(public_id))


def resume_after_pause(workspace: Workspace | None) -> None:
    """What waited is due at once, in the order it was asked for. In the pause's own transaction."""
    waiting = Generation.objects.filter(status=Status.QUEUED, next_check_at__isnull=False)
    mine = waiting.filter(workspace=workspace) if workspace else waiting
    mine.update(next_check_at=F("created_at"))


# Built from constants of ours only.
_CLAIM_SQL = f"""
    UPDATE generations_generation
       SET check_count = check_count + 1, next_check_at = {schedule.NEXT_CHECK_SQL}
     WHERE id IN (
         SELECT id FROM generations_generation
          WHERE status = 'processing' AND next_check_at <= %(now)s
          ORDER BY next_check_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
    RETURNING public_id, task_id, remote_status, api_key_id, trouble_count,
              api_key_id = ANY(%(announced)s)
"""  # noqa: S608


def claim_due(limit: int) -> list[Due]:
    """Up to `limit` running jobs whose time has come. Their next time is set in the same statement,
    so a worker that dies here only delays them by one interval."""
    announced = list(webhooks.announced_key_ids())
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM_SQL, {"now": clock.now(), "limit": limit, "announced": announced})
        return [Due(*row) for row in cursor.fetchall()]


def poll(due: list[Due]) -> int:
    """Ask Rivya about each, concurrently; apply what changed in this thread alone."""
    by_key = defaultdict(list)
    for row in due:
        by_key[row.api_key_id].append(row)
    for key in ApiKey.objects.filter(pk__in=by_key):
        with client_for(acting_key(key)) as rivya:
            for row, (answer, took) in _answers(rivya, by_key[key.pk]):
                _take(row, answer, took)
    return len(due)


def _answers(
    rivya: RivyaClient, rows: list[Due]
) -> Iterator[tuple[Due, tuple[Job | Exception, int]]]:
    """Each answer with the milliseconds it took."""
    asked: dict[Future[tuple[Job | Exception, int]], Due] = {
        _pool().submit(_ask, rivya, row.task_id): row for row in rows
    }
    for future in as_completed(asked):
        yield asked[future], future.result()


def _ask(rivya: RivyaClient, task_id: str) -> tuple[Job | Exception, int]:
    began = monotonic()
    try:
        answer: Job | Exception = rivya.generations.get(task_id)
    except Exception as error:  # noqa: BLE001  whoever applies it decides
        answer = error
    return answer, jobs.milliseconds(began)


def _take(row: Due, answer: Job | Exception, took: int) -> None:
    """Apply one answer; a fault with one job never stops the others."""
    try:
        if isinstance(answer, errors.RateBudgetExceeded):
            return  # it keeps the next time the claim gave it
        if isinstance(answer, errors.RivyaError):
            jobs.record_poll_error(row.public_id, answer, took)
        elif isinstance(answer, Exception):
            raise answer
        elif answer.is_final or answer.status != row.remote_status or row.trouble_count:
            is_changed = jobs.apply_remote(row.public_id, answer, cause="poll", took=took)
            if is_changed and row.is_announced and _was_to_be_told(answer):
                webhooks.note_missed(row.api_key_id)
    except Exception:
        logger.exception("job %s could not be checked", row.public_id)


def _was_to_be_told(answer: Job) -> bool:
    """An end so long ago that the webhook had its fair time to tell of it."""
    if not answer.is_final or answer.updated_at is None:
        return False
    return clock.now() - answer.updated_at >= timedelta(seconds=schedule.FAIR_TIME)


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    """One pool a process, so that overlapping sweeps share one bound."""
    return ThreadPoolExecutor(settings.POLL_THREADS, thread_name_prefix="poll")
