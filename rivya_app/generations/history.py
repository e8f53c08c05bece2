"""What our own past jobs say about a model: how long it usually takes."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.cache import cache
from django.db.models import F

from rivya_app.generations.models import Generation, Status

SAMPLE = 200  # the newest successes looked at
ENOUGH = 5  # fewer say nothing
KEPT = 60  # seconds in the cache


@dataclass(frozen=True, slots=True)
class UsualTime:
    """Seconds from acceptance to the end, from past successes: the middle eight tenths, and p95."""

    low: float
    high: float
    late_after: float
    count: int


def usual_times(model_ids: list[str]) -> dict[str, UsualTime | None]:
    """For several models at once, from the cache where fresh; None where history is too short."""
    keys = {f"usual-time:{model_id}": model_id for model_id in set(model_ids)}
    found = cache.get_many(keys)
    missing = {key: _measure(model_id) for key, model_id in keys.items() if key not in found}
    if missing:
        cache.set_many(missing, KEPT)
    return {model_id: (found | missing)[key] for key, model_id in keys.items()}


def _measure(model_id: str) -> UsualTime | None:
    done = Generation.objects.filter(
        model_id=model_id, status=Status.SUCCEEDED, submitted_at__isnull=False
    ).order_by("-finished_at")
    spans = done.annotate(span=F("finished_at") - F("submitted_at")).values_list("span", flat=True)
    seconds = sorted(span.total_seconds() for span in spans[:SAMPLE] if span >= timedelta(0))
    if len(seconds) < ENOUGH:
        return None

    def at(share: float) -> float:
        return seconds[min(len(seconds) - 1, int(share * len(seconds)))]

    return UsualTime(low=at(0.1), high=at(0.9), late_after=at(0.95), count=len(seconds))
