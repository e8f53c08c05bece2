"""What a workspace's finished jobs say about each model. Reads only."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Aggregate, Count, F, Q

from rivya_app.core import clock
from rivya_app.gateway.records import Record
from rivya_app.generations.models import CLOSED_STATUSES, Generation, Status
from rivya_app.workspaces.models import Workspace

LOOKED_BACK = timedelta(days=90)
MOST_KEPT = 50


class _AtShare(Aggregate):
    """The value below which a share of the others lie, interpolated."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    allow_distinct = False


def of_models(workspace: Workspace, model_ids: list[str]) -> Mapping[str, Record]:
    """By model id, over the last 90 days, in one query."""
    done = Q(status=Status.SUCCEEDED, submitted_at__isnull=False)
    span = F("finished_at") - F("submitted_at")
    rows = (
        Generation.objects.filter(
            workspace=workspace,
            created_at__gte=clock.now() - LOOKED_BACK,
            model_id__in=model_ids,
            status__in=CLOSED_STATUSES,
        )
        .order_by()
        .values("model_id")
        .annotate(
            jobs=Count("pk"),
            successes=Count("pk", filter=Q(status=Status.SUCCEEDED)),
            usual=_AtShare(span, share=0.5, filter=done),
            slow=_AtShare(span, share=0.95, filter=done),
            price=_AtShare(F("final_credits"), share=0.5, filter=done),
        )
    )
    return {
        row["model_id"]: Record(
            jobs=row["jobs"],
            successes=row["successes"],
            usual_seconds=_seconds(row["usual"]),
            slow_seconds=_seconds(row["slow"]),
            usual_price=None if row["price"] is None else round(row["price"], 2),
        )
        for row in rows
    }


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else max(0.0, span.total_seconds())


def kept_by_failed(workspace: Workspace, since: datetime) -> Sequence[Decimal]:
    """What Rivya kept of jobs that failed since then, newest first, at most MOST_KEPT of them."""
    failed = Generation.objects.filter(
        workspace=workspace, status=Status.FAILED, finished_at__gte=since, final_credits__gt=0
    )
    newest = failed.order_by("-finished_at").values_list("final_credits", flat=True)
    return [amount for amount in newest[:MOST_KEPT] if amount]
