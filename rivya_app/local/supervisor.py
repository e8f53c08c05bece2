"""Runs named processes together: their output, their readiness, their restart and their end.

One thread does all of it, because the kernel ties a child to the thread that started it.
"""

import contextlib
import selectors
import signal
import socket
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Self

from rivya_app.local.console import Console
from rivya_app.local.logs import LogFile
from rivya_app.local.processes import Program, spawn

_TICK_SECONDS = 0.5
_STEADY_SECONDS = 30.0  # alive this long, a process has earned a quick restart
_LONGEST_WAIT_SECONDS = 30.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(Exception):
    """The person or the system asked the whole run to end."""


class PartFailed(Exception):
    """A process ended, or stayed silent, when it was needed; the message holds its last lines."""


@dataclass(frozen=True)
class Part:
    """One process of the run.

    Parts of a higher `stage` are ended first, those of one stage together.
    `is_quiet` keeps its lines in the log file and off the console.
    """

    program: Program
    stage: int
    answers: Callable[[], bool] = lambda: True
    ready_seconds: float = 60.0
    is_quiet: bool = False


@dataclass
class _Running:
    part: Part
    process: "subprocess.Popen[bytes]"
    log: LogFile
    started_at: float
    failures: int = 0
    restart_at: float | None = None
    rest: bytes = b""
    last: deque[str] = field(default_factory=lambda: deque(maxlen=15))


class Supervisor:
    """Use as a context manager: leaving it, in whatever way, ends every process in order."""

    def __init__(self, logs: Path, console: Console) -> None:
        self._logs = logs
        self._console = console
        self._running: dict[str, _Running] = {}
        self._selector = selectors.DefaultSelector()
        self._signals_seen = 0
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        self._wake_reader.setblocking(False)
        self._wake_writer.setblocking(False)
        self._selector.register(self._wake_reader, selectors.EVENT_READ)
        signal.set_wakeup_fd(self._wake_writer.fileno(), warn_on_full_buffer=False)
        for number in _SIGNALS:
            if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                continue  # nohup asked for it
            self._before[number] = signal.signal(number, self._note_signal)
        return self

    def __exit__(self, *_error: object) -> None:
        try:
            self.stop_all()
        finally:
            signal.set_wakeup_fd(-1)
            for number, before in self._before.items():
                signal.signal(number, before)
            self._selector.close()
            self._wake_reader.close()
            self._wake_writer.close()

    # --- Starting -----------------------------------------------------------------------------

    def start(self, part: Part) -> None:
        """Start `part` and return once it answers. Raises PartFailed or StopRequested."""
        self.begin(part)
        self.wait_for(part)

    def begin(self, part: Part) -> None:
        """Start `part` without waiting for it."""
        self._running[part.program.name] = self._spawn(part)

    def wait_for(self, part: Part) -> None:
        """Return once a part that was begun answers. Raises PartFailed or StopRequested."""
        running = self._running[part.program.name]
        give_up_at = time.monotonic() + part.ready_seconds
        while not part.answers():
            self._pump(0.05)
            self._raise_if_asked_to_stop()
            if running.process.poll() is not None:
                raise PartFailed(self._obituary(running))
            if time.monotonic() > give_up_at:
                raise PartFailed(f"{part.program.name} does not answer.\n{_indent(running.last)}")

    def run_once(self, program: Program) -> list[str]:
        """Run a program that ends by itself; returns its last lines.

        Raises PartFailed when it ends with another code than 0, or StopRequested.
        """
        running = self._spawn(Part(program, stage=99, is_quiet=True))
        self._running[program.name] = running
        while running.process.poll() is None:
            self._pump(0.1)
            self._raise_if_asked_to_stop()
        self._drain(running)
        del self._running[program.name]
        if running.process.returncode != 0:
            raise PartFailed(self._obituary(running))
        return list(running.last)

    def pids(self) -> dict[str, int]:
        return {name: running.process.pid for name, running in self._running.items()}

    # --- Living -------------------------------------------------------------------------------

    def watch(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Keep everything running until `until()` is true. Raises StopRequested."""
        while not until():
            self._pump(_TICK_SECONDS)
            self._raise_if_asked_to_stop()
            for running in self._running.values():
                self._keep_alive(running)

    def _keep_alive(self, running: _Running) -> None:
        now = time.monotonic()
        if running.restart_at is None:
            if running.process.poll() is not None:
                self._plan_restart(running, now)
        elif now >= running.restart_at:
            again = self._spawn(running.part, log=running.log)
            again.failures = running.failures
            self._running[running.part.program.name] = again

    def _plan_restart(self, running: _Running, now: float) -> None:
        self._drain(running)
        if now - running.started_at > _STEADY_SECONDS:
            running.failures = 0
        wait = min(0.5 * 2**running.failures, _LONGEST_WAIT_SECONDS)
        running.failures += 1
        running.restart_at = now + wait
        code = running.process.returncode
        self._console.say_for(
            running.part.program.name, f"ended with code {code}; starts again in {wait:g} s"
        )

    # --- Ending -------------------------------------------------------------------------------

    def stop_all(self) -> None:
        """End every process, highest stage first. A second signal meanwhile ends them by force."""
        for stage in sorted({one.part.stage for one in self._running.values()}, reverse=True):
            self._stop_together([one for one in self._running.values() if one.part.stage == stage])
        for running in self._running.values():
            running.log.close()
        self._running.clear()

    def _stop_together(self, group: list[_Running]) -> None:
        alive = [one for one in group if one.process.poll() is None]
        for running in alive:
            running.process.send_signal(running.part.program.stop_signal)
        began, signals_seen = time.monotonic(), self._signals_seen
        while any(one.process.poll() is None for one in alive):
            self._pump(0.05)
            for running in alive:
                is_late = time.monotonic() - began > running.part.program.stop_seconds
                if (
                    is_late or self._signals_seen > signals_seen
                ) and running.process.poll() is None:
                    running.process.kill()
        for running in group:
            self._drain(running)

    # --- Signals ------------------------------------------------------------------------------

    def _note_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals_seen += 1

    def _raise_if_asked_to_stop(self) -> None:
        if self._signals_seen:
            raise StopRequested

    # --- Output -------------------------------------------------------------------------------

    def _spawn(self, part: Part, log: LogFile | None = None) -> _Running:
        name = part.program.name
        process = spawn(part.program, output=subprocess.PIPE)
        assert process.stdout is not None  # noqa: S101 - asked for above
        running = _Running(
            part, process, log or LogFile(self._logs / f"{name}.log"), time.monotonic()
        )
        self._selector.register(process.stdout, selectors.EVENT_READ, running)
        return running

    def _pump(self, seconds: float) -> None:
        for key, _events in self._selector.select(seconds):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    self._wake_reader.recv(64)
            else:
                self._read(key.data)
        self._console.spin()

    def _read(self, running: _Running) -> bool:
        """Take what the process has written; False at the end of its output."""
        stream = running.process.stdout
        if stream is None or stream.closed:
            return False
        chunk = stream.read1(65536)  # type: ignore[attr-defined]
        if not chunk:
            self._selector.unregister(stream)
            stream.close()
            return False
        *lines, running.rest = (running.rest + chunk).split(b"\n")
        self._write(running, lines)
        return True

    def _drain(self, running: _Running) -> None:
        """Read what an ended process left, without waiting for children it may have left."""
        stream = running.process.stdout
        while stream is not None and not stream.closed:
            with selectors.DefaultSelector() as now:
                now.register(stream, selectors.EVENT_READ)
                if not now.select(0) or not self._read(running):
                    break
        if stream is not None and not stream.closed:
            self._selector.unregister(stream)
            stream.close()
        if running.rest:
            self._write(running, [running.rest])
            running.rest = b""

    def _write(self, running: _Running, lines: Iterable[bytes]) -> None:
        for line in lines:
            running.log.write_line(line.rstrip())
            text = line.decode(errors="replace").rstrip()
            running.last.append(text)
            if not running.part.is_quiet:
                self._console.say_for(running.part.program.name, text)

    def _obituary(self, running: _Running) -> str:
        self._drain(running)
        name, code = running.part.program.name, running.process.returncode
        return f"{name} ended with code {code}.\n{_indent(running.last)}"


def _indent(lines: Iterable[str]) -> str:
    return "\n".join(f"  {line}" for line in lines)
