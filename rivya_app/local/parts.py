"""Which processes make up the product on one machine, and in which order they end."""

import socket
import sys
import urllib.error
import urllib.request
from typing import Final

from rivya_app.local.home import CHECKOUT, Home
from rivya_app.local.prepared import Prepared
from rivya_app.local.processes import Program
from rivya_app.local.supervisor import Part

# Ended from the highest to the lowest: who makes work first, who keeps it last.
BEAT, WORKERS, WEB, STAND_IN, VALKEY, POSTGRES = 6, 5, 4, 3, 2, 1
WORKER_THREADS: Final = {"default": 8, "media": 2, "chat": 16}


def service_part(prepared: Prepared, stage: int) -> Part | None:
    """The part that runs a service, or None where somebody else runs it."""
    if prepared.program is None:
        return None
    return Part(prepared.program, stage, answers=prepared.answers, is_quiet=True)


def stand_in_part(home: Home, port: int, environment: dict[str, str]) -> Part:
    """The stand-in Rivya on `port` of this machine, its tasks and wallet kept in the home."""
    words = ["--host", "127.0.0.1", "--port", str(port), "--state", str(home.stand_in)]
    program = _python("stand-in", environment, "rivya_app.simulator", *words, "--parent-death")
    return Part(program, STAND_IN, answers=lambda: accepts(port))


def web_part(host: str, port: int, environment: dict[str, str]) -> Part:
    """Pages, static files and streams in one ASGI process."""
    words = ["rivya_app.asgi:application", "--host", host, "--port", str(port)]
    # Without the limit an open stream keeps it from ending.
    words += ["--lifespan", "on", "--timeout-graceful-shutdown", "3", "--no-server-header"]
    return Part(
        _python("web", environment, "uvicorn", *words), WEB, answers=lambda: _is_alive(port)
    )


def worker_parts(environment: dict[str, str]) -> list[Part]:
    """One worker for each queue, so that a slow copy never holds up a submit."""
    return [worker_part(queue, count, environment) for queue, count in WORKER_THREADS.items()]


def worker_part(queue: str, threads: int, environment: dict[str, str]) -> Part:
    """A worker of one queue that does so many things at a time."""
    words = _worker_words(queue, threads)
    return Part(_celery(f"worker-{queue}", environment, *words), WORKERS)


def _worker_words(queue: str, threads: int) -> list[str]:
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return ["worker", "-P", "threads", "-Q", queue, "-c", str(threads), "-n", f"{queue}@%h", *quiet]


def beat_part(environment: dict[str, str]) -> Part:
    """The clock that publishes the sweeps; there must be one."""
    return Part(_celery("beat", environment, "beat", "--pidfile="), BEAT)


def module(name: str, environment: dict[str, str], *words: str) -> Program:
    """A module of this project as a program."""
    return _python(name, environment, *words)


def _celery(name: str, environment: dict[str, str], *words: str) -> Program:
    # Celery warns of root because of pickled messages; ours are JSON only.
    quiet = {"PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}
    return _python(name, environment | quiet, "celery", "--quiet", "-A", "rivya_app", *words)


def _python(name: str, environment: dict[str, str], *words: str) -> Program:
    return Program(name, (sys.executable, "-m", *words), environment, CHECKOUT)


def free_port(host: str, wanted: int = 0) -> int:
    """`wanted`, or the next port after it that can be had; 0 means any."""
    for port in range(wanted, wanted + 100) if wanted else [0]:
        with socket.socket() as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind((host, port))
            except OSError:
                continue
            return int(attempt.getsockname()[1])
    raise OSError(f"no free port from {wanted} on")


def accepts(port: int) -> bool:
    """Whether something listens on `port` of this machine."""
    with socket.socket() as attempt:
        attempt.settimeout(1)
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def _is_alive(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return True  # it answers; the pages themselves are another matter
    except OSError:
        return False
