"""The stuck clock: open jobs that have taken too long go to the desk, and are asked about on."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from rivya_app.core import clock
from rivya_app.generations import lifecycle, looks, schedule
from rivya_app.generations.history import usual_times
from rivya_app.generations.models import Generation, Status
from rivya_app.workspaces import pauses

BATCH = 100  # rows of one call; the next one continues
MOST_MODELS = 200


def ask_about_late_jobs() -> int:
    """Ask a person about every job over its limit, a batch of each sort. Returns how many."""
    return _ask(_running_too_long(), "overdue") + _ask(_waiting_too_long(), "")


@transaction.atomic(durable=True)
def _ask(rows: QuerySet[Generation], reason: str) -> int:
    late = rows.select_for_update(of=("self",), skip_locked=True)
    found = list(late.select_related("workspace", "requested_by")[:BATCH])
    for generation in found:
        why = reason or generation.waits_for or generation.error_code
        looks.ask(generation, _WAITS.get(why, why))
        lifecycle.note(generation, "overdue", cause="sweep", details={"reason": why[:40]})
    return len(found)


# What a job waits for, as the code of the question to a person.
_WAITS = {"references": "references_late"}


def _running_too_long() -> QuerySet[Generation]:
    earliest = clock.now() - timedelta(seconds=schedule.LEAST_MOST_RUNNING)
    running = Generation.objects.filter(
        status=Status.PROCESSING, needs_look=False, submitted_at__lte=earliest
    )
    kinds = running.order_by().values_list("model_id", "media_kind").distinct()[:MOST_MODELS]
    return running.filter(_over_their_limits(list(kinds))).order_by("submitted_at")


def _over_their_limits(kinds: Iterable[tuple[str, str]]) -> Q:
    """True of no row where there is no kind."""
    models = list(kinds)
    usual = usual_times([model_id for model_id, _kind in models])
    over = Q(pk__in=[])
    for model_id, media_kind in models:
        known = usual[model_id]
        limit = schedule.most_running(media_kind, known.late_after if known else None)
        since = clock.now() - timedelta(seconds=limit)
        over |= Q(model_id=model_id, media_kind=media_kind, submitted_at__lte=since)
    return over


def _waiting_too_long() -> QuerySet[Generation]:
    """Never sent: the references are not at Rivya yet, or Rivya refuses the key.

    "Not now" is no reason: Rivya said that it will take the job later. A pause is none either.
    """
    earliest = clock.now() - timedelta(seconds=schedule.MOST_WAITING)
    waiting = Generation.objects.filter(
        pauses.left_out(since=earliest),
        status=Status.QUEUED,
        needs_look=False,
        created_at__lte=earliest,
    )
    for_a_key = Q(error_code__startswith="api_key_") | Q(error_code="api_scope_denied")
    return waiting.filter(~Q(waits_for="") | for_a_key).order_by("created_at")
