"""Our own record of each model. Who keeps the jobs answers; the gateway only asks."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ImproperlyConfigured

from rivya_app.workspaces.models import Workspace


@dataclass(frozen=True, slots=True)
class Record:
    """A workspace's finished jobs of one model. Times in seconds, prices in credits."""

    jobs: int
    successes: int
    usual_seconds: float | None  # half of the successes were quicker
    slow_seconds: float | None  # nineteen in twenty were quicker
    usual_price: Decimal | None  # what half of the successes cost at most

    @property
    def success_share(self) -> int:
        """Per cent."""
        return round(100 * self.successes / self.jobs) if self.jobs else 0


Provider = Callable[[Workspace, list[str]], Mapping[str, Record]]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Answer for the jobs of every model, in one query. A second answerer is an error."""
    if _providers and _providers != [provider]:
        raise ImproperlyConfigured("The record of models is kept by somebody already.")
    _providers[:] = [provider]


def of(workspace: Workspace, model_ids: Iterable[str]) -> Mapping[str, Record]:
    """By model id; a model without a finished job is missing."""
    return _providers[0](workspace, list(model_ids)) if _providers else {}
