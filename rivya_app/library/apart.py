"""Does work on hostile bytes in a process of its own, with limits of time and memory.

A thread that decodes hostile bytes cannot be stopped and takes its worker with it; a process can
be. `answer` starts one and reads what it says; `tell` is what such a process does. It is handed
paths and plain words: no settings, no rows and no secrets.
"""

import contextlib
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from rivya_app.library import pictures
from rivya_app.library.errors import Trouble

MOST_MEMORY = 1_536 * 1024 * 1024  # bytes of address space; about 300 MB of it are libraries
_ROOT = Path(__file__).resolve().parents[2]
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH")
_TROUBLE, _NO_MEMORY = 3, 4  # exit codes


def answer(
    module: str, *words: str, seconds: float, environment: Mapping[str, str] | None = None
) -> bytes:
    """What `python -m module words` says within so many seconds, start included.

    Raises Trouble: the one the process met, timed_out, out_of_memory, no_space, or broken_media
    where the process itself broke. `environment` is all it knows beside the way to its programs.
    """
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603  (our own module; the paths are ours too)
            [sys.executable, "-m", module, *words],
            cwd=_ROOT,
            env={**kept, **(environment or {})},
            timeout=seconds,
            capture_output=True,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Trouble("timed_out") from None
    if done.returncode == 0:
        return done.stdout
    raise Trouble(_reason(done.returncode, done.stdout))


def _reason(code: int, said: bytes) -> str:
    if code == _TROUBLE:
        return said.decode("ascii", "replace").strip()
    if code in (-signal.SIGXCPU, -signal.SIGALRM):
        return "timed_out"
    if code in (_NO_MEMORY, -signal.SIGKILL):
        return "out_of_memory"
    return "broken_media"  # a decoder that crashed


# --- In the process itself ----------------------------------------------------------------------


def tell(work: Callable[[], str], *, seconds: int, most_memory: int = MOST_MEMORY) -> int:
    """Do `work` and say what it returns, or the code of the trouble; the exit code to end with."""
    _limit(seconds, most_memory)
    try:
        with pictures.decoding():
            said, code = work(), 0
    except Trouble as trouble:
        said, code = trouble.code, _TROUBLE
    except MemoryError:
        said, code = "", _NO_MEMORY
    sys.stdout.write(said)
    return code


def _limit(seconds: int, most_memory: int) -> None:
    """Ends this process when it takes too long or too much, even where its parent is gone."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    signal.alarm(seconds)
    with contextlib.suppress(ValueError, OSError):  # some systems know no limit of this kind
        resource.setrlimit(resource.RLIMIT_AS, (most_memory, most_memory))
