"""The product's one clock. Everything that records a time reads `now()`, so that tests and the
demo's history can say when something happened without touching rows afterwards."""

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_fixed: ContextVar[datetime | None] = ContextVar("fixed_clock", default=None)


def now() -> datetime:
    """The current time, aware, in UTC."""
    return _fixed.get() or timezone.now()


def zone_named(name: str) -> zoneinfo.ZoneInfo:
    """A time zone that somebody chose; UTC where its name is not known on this machine."""
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Within this block, in this thread, it is `moment`."""
    token = _fixed.set(moment)
    try:
        yield
    finally:
        _fixed.reset(token)
