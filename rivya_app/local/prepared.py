"""What PostgreSQL and Valkey share as local services: an address, a readiness, a folder."""

import hashlib
import importlib.util
import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rivya_app.local.processes import Program, spawn, stop

READY_SECONDS = 60.0  # crash recovery of a large folder may take a while
CONTAINER_WAY = (
    "Start them in containers and say where they are, for example:\n"
    "  docker run -d -p 127.0.0.1:5432:5432 -e POSTGRES_PASSWORD=local -e POSTGRES_DB=rivya"
    " postgres:18\n"
    "  docker run -d -p 127.0.0.1:6379:6379 valkey/valkey:9\n"
    "  export DATABASE_URL=postgresql://postgres:local@127.0.0.1:5432/rivya\n"
    "  export REDIS_URL=redis://127.0.0.1:6379/0"
)


class ServiceUnavailable(Exception):
    """A local service cannot be had; the message is written for the person at the keyboard."""


@dataclass(frozen=True)
class Prepared:
    """A service that can be started, again and again, at one unchanging address.

    `program` is None where the environment names a service that somebody else runs.
    `answers` says whether it takes commands now; it never raises. `sockets` is the folder its
    socket lies in.
    """

    name: str
    url: str
    program: Program | None
    answers: Callable[[], bool]
    sockets: Path | None = None


@dataclass(frozen=True)
class Service:
    """A running service: its address, and its process unless somebody else runs it."""

    url: str
    process: "subprocess.Popen[bytes] | None"
    prepared: Prepared

    def stop(self) -> None:
        """End the process, if it is ours, and clear its socket away; returns when it is gone."""
        if self.process is not None and self.prepared.program is not None:
            stop(self.process, self.prepared.program)
        if self.prepared.sockets is not None:
            shutil.rmtree(self.prepared.sockets, ignore_errors=True)


def start(prepared: Prepared, log: Path) -> Service:
    """Start a prepared service with its output in `log`; returns when it answers.

    Raises ServiceUnavailable, with the end of the log, when it ends instead.
    """
    if prepared.program is None:
        check_given(prepared)
        return Service(prepared.url, None, prepared)
    with log.open("ab") as output:
        process = spawn(prepared.program, output=output)
    service = Service(prepared.url, process, prepared)
    try:
        wait_until_it_answers(prepared, process, log)
    except BaseException:
        service.stop()
        raise
    return service


def check_given(prepared: Prepared) -> None:
    """Raise ServiceUnavailable where the service the environment names does not answer.

    Its address is not part of the message: it may hold a password.
    """
    if not prepared.answers():
        raise ServiceUnavailable(f"The {prepared.name} that the environment names does not answer.")


def wait_until_it_answers(
    prepared: Prepared, process: "subprocess.Popen[bytes]", log: Path
) -> None:
    """Return once the service answers; raises ServiceUnavailable when it ends or takes too long."""
    give_up_at = time.monotonic() + READY_SECONDS
    while not prepared.answers():
        if process.poll() is not None:
            raise ServiceUnavailable(
                f"{prepared.name} ended with code {process.returncode}.\n{last_lines(log)}"
            )
        if time.monotonic() > give_up_at:
            raise ServiceUnavailable(
                f"{prepared.name} did not answer within {READY_SECONDS:.0f} seconds.\n"
                f"{last_lines(log)}"
            )
        time.sleep(0.02)


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log, indented, for a message."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
    return "\n".join(f"  {line}" for line in lines)


def package_folder(name: str) -> Path | None:
    """Where the package `name` is installed, without importing it; None when it is not."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def socket_folder(data: Path, *, owner: int | None) -> Path:
    """A short private folder (mode 0700) for the socket of the service whose data is in `data`.

    Always the same for the same data, because a restarted service must be found again, and
    outside the checkout, because a socket's path is limited to 108 bytes.
    Raises ServiceUnavailable when somebody else has taken the name.
    """
    name = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]
    folder = _short_temporary_folder() / f"rivya-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.getuid(), owner}:
        raise ServiceUnavailable(f"{folder} belongs to somebody else; remove it or set TMPDIR.")
    if owner is not None:
        os.chown(folder, owner, owner)
    folder.chmod(0o700)
    return folder


def _short_temporary_folder() -> Path:
    folder = Path(tempfile.gettempdir())
    return folder if len(str(folder)) <= 60 else Path("/tmp")  # noqa: S108 - see socket_folder
