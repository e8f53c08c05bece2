"""The worker processes of one test, started and killed at will."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from rivya_app.local.processes import die_with_parent
from tests.local.conftest import lives
from tests.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]


class Launcher:
    """A process that has imported the product and forks workers of it."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.log = folder / "workers.log"
        self._schedule = folder / "beat-schedule"
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "tests.flows.launcher"],
                env={**os.environ, **environment, "LOG_LEVEL": "WARNING"},
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
                preexec_fn=die_with_parent,
            )
        assert self._answer() == "ready", self.log.read_text()

    def fork(self, **order: str) -> int:
        """Start a program as launcher.py describes; its process number."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"schedule": str(self._schedule), **order}) + "\n")
        self._process.stdin.flush()
        return int(self._answer())

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


class Plant:
    """What runs during one test. Everything is killed at its end."""

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher
        self._running: list[int] = []
        self._log_start = launcher.log.stat().st_size

    def worker(self, *, die_at: str = "", without: str = "") -> int:
        """A Celery worker for every queue, which kills itself at a step or lacks a guard."""
        return self._start(program="worker", die_at=die_at, without=without)

    @property
    def running(self) -> list[int]:
        """The numbers of the processes that were started here and still live."""
        return [number for number in self._running if lives(number)]

    def clock(self) -> int:
        """Celery beat."""
        return self._start(program="beat")

    def _start(self, **order: str) -> int:
        number = self._launcher.fork(**order)
        self._running.append(number)
        return number

    def kill(self, number: int) -> None:
        """End a process as the kernel does when memory runs out."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
        wait_for(lambda: not lives(number), 10, "the end of a process")
        self._running.remove(number)

    def wait_until_dead(self, number: int, die_at: str, seconds: float = 30) -> None:
        """Return once the worker has killed itself at the step it was told to."""
        wait_for(lambda: not lives(number), seconds, f"death at '{die_at}'")
        assert f"died: {die_at}" in self.log()

    def log(self) -> str:
        """What the processes of this test have printed."""
        with self._launcher.log.open("rb") as file:
            file.seek(self._log_start)
            return file.read().decode(errors="replace")

    def close(self) -> None:
        for number in list(self._running):
            self.kill(number)
