"""Decides whether a failed call may be sent again at once, and how long to wait. Sends nothing."""

import random
import time
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from rivya_app.rivya_api import assumptions
from rivya_app.rivya_api.errors import (
    ApiError,
    PublicApiDisabled,
    RateLimited,
    RivyaError,
    TransportError,
)

MAX_WAIT = 10.0  # seconds; a longer wait belongs to whoever schedules the job
_FIRST_WAIT = 0.5
_LONGEST_SENSIBLE = 86_400.0
_UNIX_TIMES_BEGIN = 1_000_000_000


def is_worth_a_quick_retry(error: RivyaError, *, is_safe: bool, is_read: bool) -> bool:
    """Say whether sending again at once can help without doing anything twice.

    `is_safe` means a repeat cannot act twice (a GET, or an idempotency key). A call that never
    left may always go again. A cut answer is asked again only when reading: for a create, the
    caller has to know that it is uncertain.
    """
    if isinstance(error, TransportError):
        return not error.maybe_sent or (is_read and not error.is_timeout)
    if not is_safe or isinstance(error, PublicApiDisabled) or not isinstance(error, ApiError):
        return False
    return isinstance(error, RateLimited) or error.status in (429, 502, 503, 504)


def wait_before(retry: int, error: RivyaError) -> float | None:
    """Return the seconds to wait before quick retry 1, 2, ...; None when it is too long for one."""
    if error.retry_after is not None:
        return error.retry_after if error.retry_after <= MAX_WAIT else None
    return random.uniform(0, min(MAX_WAIT, _FIRST_WAIT * 2 ** (retry - 1)))  # noqa: S311


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read how long to wait, in seconds, from Retry-After or a rate-limit reset; None if unsaid.

    Never negative, and never more than a day.
    """
    said = headers.get(assumptions.RETRY_AFTER_HEADER)
    waits = [_from_retry_after(said)] if said else []
    waits += [_from_reset(headers[h]) for h in assumptions.RATE_RESET_HEADERS if h in headers]
    return next((min(wait, _LONGEST_SENSIBLE) for wait in waits if wait is not None), None)


def _from_retry_after(value: str) -> float | None:
    seconds = _number(value)
    return max(0.0, seconds) if seconds is not None else _from_date(value)


def _from_date(value: str) -> float | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, aware.timestamp() - time.time())


def _from_reset(value: str) -> float | None:
    number = _number(value)
    if number is None:
        return None
    if number >= _UNIX_TIMES_BEGIN * 1000:
        number /= 1000
    return max(0.0, number - time.time() if number >= _UNIX_TIMES_BEGIN else number)


def _number(value: str) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return number if abs(number) < 1e15 else None  # also drops nan and the infinities
