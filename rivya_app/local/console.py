"""What the person at the keyboard sees: steps with their times, and the processes' own lines."""

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import TextIO

_COLOURS = (36, 32, 35, 33, 34, 96, 92, 95)
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class Console:
    """Writes to `stream`; colours and a spinner only where it is a terminal.

    Never raises for a terminal that has gone: the run must still end its processes.
    """

    def __init__(self, stream: TextIO | None = None, *, shows_processes: bool = True) -> None:
        self._shows_processes = shows_processes
        self._stream = stream or sys.stdout
        self.is_terminal = self._stream.isatty()
        self._speaks_unicode = (self._stream.encoding or "").lower().startswith("utf")
        self._colour_of: dict[str, int] = {}
        self._step: tuple[str, float] | None = None

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Say that `title` is being done, then how long it took or that it failed."""
        started = time.monotonic()
        self._step = (title, started)
        self.spin()
        try:
            yield
        except BaseException:
            self._end_step("✗" if self._speaks_unicode else "failed:", 31)
            raise
        self._end_step("✓" if self._speaks_unicode else "done:", 32)

    def spin(self) -> None:
        """Draw the running step again; does nothing where there is no terminal."""
        if self._step is None or not self.is_terminal:
            return
        title, started = self._step
        seconds = time.monotonic() - started
        mark = _SPINNER[int(seconds * 10) % len(_SPINNER)] if self._speaks_unicode else "..."
        self._write(f"\r\x1b[2K  {mark} {title}  {seconds:.0f} s")

    def say(self, text: str = "") -> None:
        self._write(f"\r\x1b[2K{text}\n" if self.is_terminal else f"{text}\n")
        self.spin()

    def say_for(self, name: str, line: str) -> None:
        """One line of the process `name`; the log file has it in any case."""
        if not self._shows_processes:
            return
        prefix = f"{name:<15}"
        if self.is_terminal:
            colour = self._colour_of.setdefault(
                name, _COLOURS[len(self._colour_of) % len(_COLOURS)]
            )
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        self.say(f"{prefix}{line}")

    def box(self, lines: list[str]) -> None:
        """Lines in a frame, for what must be found again after a screenful of output."""
        width = max(map(len, lines)) + 2
        top, side, bottom = ("╭─╮", "│", "╰─╯") if self._speaks_unicode else ("+-+", "|", "+-+")
        self.say()
        self.say(top[0] + top[1] * width + top[2])
        for line in lines:
            self.say(f"{side} {line:<{width - 1}}{side}")
        self.say(bottom[0] + bottom[1] * width + bottom[2])
        self.say()

    def _end_step(self, mark: str, colour: int) -> None:
        if self._step is None:
            return
        title, started = self._step
        self._step = None
        if self.is_terminal:
            mark = f"\x1b[{colour}m{mark}\x1b[0m"
        self.say(f"  {mark} {title}  {time.monotonic() - started:.1f} s")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # the terminal has gone
            self._stream.write(text)
            self._stream.flush()
