"""The way to Rivya: one connection pool a process, one budget a key, and what each key was told.

Nothing here may be used inside a database transaction, because Rivya may take long to answer.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import httpx
from django.conf import settings
from django.db import connection, transaction

from rivya_app.core import clock
from rivya_app.core.sealed import Secret
from rivya_app.gateway import rate
from rivya_app.gateway.models import ApiKey
from rivya_app.rivya_api import RivyaClient, errors
from rivya_app.rivya_api.pool import Deadline, Timeouts, open_pool
from rivya_app.rivya_api.wire import Answer, Call

T = TypeVar("T")

USE_IS_NOTED_EVERY = timedelta(minutes=1)
TIMEOUTS = Timeouts()


@dataclass(slots=True)
class _Told:
    """What Rivya said to a key while one client was open. Filled from any thread, written once."""

    last: errors.ApiError | None = None
    answers: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, error: errors.ApiError | None) -> None:
        with self.lock:
            self.answers += 1
            # A refusal of the key itself must not be hidden by a later, smaller error.
            if error and not isinstance(self.last, errors.AuthenticationFailed):
                self.last = error


class WatchedClient(RivyaClient):
    """A client of one key that notes each answer and passes a 429 on to the shared budget."""

    def __init__(self, api_key: str, *, key_id: int, told: _Told, **options: Any) -> None:
        super().__init__(api_key, **options)
        self._key_id = key_id
        self._told = told

    def ask(self, call: Call, read: Callable[[Answer], T]) -> T:
        """As in RivyaClient; the same errors are raised."""
        return self._watch(lambda: super(WatchedClient, self).ask(call, read))

    def open(self, call: Call) -> tuple[httpx.Response, Deadline]:
        """As in RivyaClient; the same errors are raised."""
        return self._watch(lambda: super(WatchedClient, self).open(call))

    def _watch(self, send: Callable[[], T]) -> T:
        try:
            answer = send()
        except errors.ApiError as error:
            self._told.note(error)
            if isinstance(error, errors.RateLimited) and error.retry_after:
                rate.block(self._key_id, error.retry_after)
            raise
        self._told.note(None)
        return answer


@contextmanager
def client_for(api_key: ApiKey) -> Iterator[RivyaClient]:
    """A client that pays with `api_key`; usable from several threads until the block ends.

    Every send passes the key's shared budget and may raise errors.RateBudgetExceeded. On leaving,
    in the thread that entered, the key's last use, last error and refusal are recorded.
    """
    _stay_outside_transactions()
    told = _Told()
    client = WatchedClient(
        api_key.secret.reveal(),
        key_id=api_key.pk,
        told=told,
        base_url=settings.RIVYA_BASE_URL,
        http=_pool(),
        before_send=partial(rate.take_turn, api_key.pk),
        timeout=TIMEOUTS,
    )
    try:
        yield client
    finally:
        _record(api_key, told)


@contextmanager
def public_client() -> Iterator[RivyaClient]:
    """A client without a key, for the model list and the published contract."""
    _stay_outside_transactions()
    yield RivyaClient(base_url=settings.RIVYA_BASE_URL, http=_pool())


@contextmanager
def client_for_new(secret: Secret) -> Iterator[RivyaClient]:
    """A client for a secret that is being checked and is not stored yet."""
    _stay_outside_transactions()
    yield RivyaClient(secret.reveal(), base_url=settings.RIVYA_BASE_URL, http=_pool())


def is_inside_transaction() -> bool:
    """Whether this thread has a transaction open (one that a test case wraps around aside)."""
    return any(not block._from_testcase for block in connection.atomic_blocks)  # type: ignore[attr-defined]  # noqa: SLF001


def _stay_outside_transactions() -> None:
    if is_inside_transaction():
        raise transaction.TransactionManagementError("Rivya is never called in a transaction.")


# --- The pool -----------------------------------------------------------------------------------

_pools: dict[int, httpx.Client] = {}
_pools_lock = threading.Lock()


def _pool() -> httpx.Client:
    """The process's own pool. A forked child opens another: sockets must not be shared."""
    process = os.getpid()
    pool = _pools.get(process)
    if pool is None:
        with _pools_lock:
            pool = _pools.get(process) or _pools.setdefault(
                process, open_pool(max_connections=settings.RIVYA_CONNECTIONS)
            )
    return pool


def _renew_lock_after_fork() -> None:
    """A fork may copy the lock while another thread holds it."""
    global _pools_lock
    _pools_lock = threading.Lock()


os.register_at_fork(after_in_child=_renew_lock_after_fork)


# --- What a key was told ------------------------------------------------------------------------


def _record(api_key: ApiKey, told: _Told) -> None:
    from rivya_app.gateway import keys  # keys uses this module to check a secret

    now = clock.now()
    row = ApiKey.objects.filter(pk=api_key.pk)
    if told.last is not None:
        row.update(last_error_code=_code(told.last), last_error_at=now)
        if keys.is_refusal(told.last):
            keys.refuse(api_key, told.last.code)
    if told.answers and _is_due(api_key):
        _noted[api_key.pk] = api_key.last_used_at = now
        row.update(last_used_at=now)


_noted: dict[int, datetime] = {}  # by key, what this process wrote last; others may write later


def _is_due(api_key: ApiKey) -> bool:
    """Hundreds of answers may have read the row before the first of them ends."""
    noted = [api_key.last_used_at, _noted.get(api_key.pk)]
    return all(at is None or clock.now() - at >= USE_IS_NOTED_EVERY for at in noted)


def _code(error: errors.ApiError) -> str:
    return (error.code or f"http_{error.status}")[:80]
