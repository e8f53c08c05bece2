"""Waiting for what happens in another thread or process."""

import time
from collections.abc import Callable


def wait_for(condition: Callable[[], object], seconds: float = 30, what: str = "it") -> None:
    """Return once `condition()` holds; it is asked fifty times a second."""
    give_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up_at, f"{what} did not happen in {seconds:.0f} s"
        time.sleep(0.02)
