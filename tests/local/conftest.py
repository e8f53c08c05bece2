"""Local services of a test's own, and a way to see whether a process lives."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rivya_app.local.prepared import Service


@pytest.fixture
def keep() -> Iterator[Callable[[Service], Service]]:
    """Stop, at the end of the test, every service passed through here."""
    kept: list[Service] = []

    def note(service: Service) -> Service:
        kept.append(service)
        return service

    yield note
    for service in kept:
        service.stop()


def lives(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # it may end while it is read
        return False
