"""Starts and stops one child process that cannot outlive this one. The only place that forks."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Program:
    """What to run and how it is ended.

    `orphan_signal` is sent by the kernel when the parent dies, however it dies (Linux).
    `uid` drops to another user and group of the same number; only root can ask for it.
    `keep_open` are descriptors the child inherits.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ), repr=False)
    cwd: Path = Path("/")
    uid: int | None = None
    keep_open: tuple[int, ...] = ()
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    stop_seconds: float = 10


def spawn(program: Program, *, output: int | IO[bytes]) -> "subprocess.Popen[bytes]":
    """Start `program` in a session of its own, both its outputs going to `output`.

    Call it from the main thread: the kernel ties the child to the thread that forked it.
    A session of its own keeps the terminal's Ctrl-C for the parent, which knows the order.
    """
    parent = os.getpid()
    orphan_signal = int(program.orphan_signal)

    def tie_to_parent() -> None:
        die_with_parent(orphan_signal)
        if os.getppid() != parent:  # it died between the fork and the line above
            os._exit(1)

    return subprocess.Popen(
        program.argv,
        env=dict(program.env),
        cwd=program.cwd,
        user=program.uid,
        group=program.uid,
        extra_groups=None if program.uid is None else [],
        pass_fds=program.keep_open,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=tie_to_parent,  # one system call, which nothing else can make
    )


def die_with_parent(orphan_signal: int = signal.SIGKILL) -> None:
    """Ask the kernel to send `orphan_signal` to this process when its parent ends."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, orphan_signal, 0, 0, 0)


def stop(process: "subprocess.Popen[bytes]", program: Program) -> None:
    """End a child politely, then by force after `program.stop_seconds`; returns when it is gone."""
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(program.stop_signal)
    try:
        process.wait(program.stop_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
