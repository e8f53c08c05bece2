"""Whether this process is alive, and whether it can serve. Words only: no addresses."""

import logging
import uuid
from collections.abc import Callable

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from rivya_app.core.guard import public

log = logging.getLogger(__name__)


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _broker() -> str:
    cache.get("readiness")  # the cache and the broker are one server
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "waiting" if waiting else "ok"


def _storage() -> str:
    name = default_storage.save(f"readiness/{uuid.uuid4()}", ContentFile(b"ok"))
    default_storage.delete(name)
    return "ok"


PROBES: dict[str, Callable[[], str]] = {
    "database": _database,
    "broker": _broker,
    "migrations": _migrations,
    "storage": _storage,
}


def _ask(name: str, probe: Callable[[], str]) -> str:
    try:
        return probe()
    except Exception:
        log.exception("Not ready: %s", name)
        return "unreachable"


@public
@never_cache
@require_safe
def alive(_request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@public
@never_cache
@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """200 when everything a request needs is there, else 503; each part in one word."""
    parts = {name: _ask(name, probe) for name, probe in PROBES.items()}
    is_ready = set(parts.values()) == {"ok"}
    return JsonResponse({"ready": is_ready, **parts}, status=200 if is_ready else 503)
