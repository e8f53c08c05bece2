"""A PostgreSQL or Valkey of one test's own, which may be killed without harm to other tests."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

from rivya_app.local.prepared import Service, start


class OwnService:
    """A service that can be killed and started again at the same address."""

    def __init__(self, service: Service, log: Path) -> None:
        self._service = service
        self._log = log
        self.url = service.url

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End it without a chance to tidy up; for PostgreSQL SIGQUIT is the crash of all of it."""
        process = self._service.process
        assert process is not None
        os.kill(process.pid, number)
        process.wait()

    def start_again(self) -> None:
        self._service = start(self._service.prepared, self._log)

    def stop(self) -> None:
        self._service.stop()


def own(starter: Callable[..., Service], folder: Path, *, durable: bool) -> OwnService:
    """Start one with `starter`, whatever service this run was given.

    A `durable` one keeps through a crash what it said was committed, as in production.
    """
    given = {name: os.environ.pop(name) for name in ("DATABASE_URL", "REDIS_URL")}
    try:
        return OwnService(starter(folder, durable=durable), folder.with_suffix(".log"))
    finally:
        os.environ.update(given)
