"""Everything a benchmark runs on: services, stand-in and processes of its own, on loopback only.

Nothing of Django may be imported before `open_stage` has set the environment.
"""

import base64
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from rivya_app.local.parts import beat_part, free_port, web_part, worker_parts
from rivya_app.local.postgres import NOBODY
from rivya_app.local.prepared import socket_folder
from rivya_app.local.processes import Program, spawn, stop
from rivya_app.local.services import start_postgres, start_valkey
from tests.simulator_process import Simulator

CREDITS = 1_000_000
PASSWORD = "a long enough pass phrase"
WAIT_SECONDS = 60.0


class Stage:
    """Where a benchmark plays: a workspace with its cast, the stand-in, and processes on demand."""

    def __init__(self, folder: Path, rivya: Simulator, port: int, closing: ExitStack) -> None:
        self.folder = folder
        self.rivya = rivya
        self.port = port
        self._closing = closing
        self.processes: dict[str, subprocess.Popen[bytes]] = {"stand-in": rivya.process}

    def start(self, *names: str) -> None:
        """Start `web`, `worker-default`, `worker-media` or `beat`; returns when the web answers."""
        environment = dict(os.environ)
        parts = [web_part("127.0.0.1", self.port, environment), beat_part(environment)]
        parts += worker_parts(environment)
        for part in parts:
            if part.program.name in names:
                self.run(part.program)
                wait_for(part.answers or (lambda: True), f"an answer of {part.program.name}")

    def run(self, program: Program) -> None:
        """Start a program that ends with the stage."""
        output = self._closing.enter_context((self.folder / f"{program.name}.log").open("ab"))
        process = spawn(program, output=output)
        self.processes[program.name] = process
        self._closing.callback(stop, process, program)

    def end(self, *names: str) -> None:
        """Kill processes that were started here."""
        for name in names:
            process = self.processes.pop(name)
            process.send_signal(signal.SIGKILL)
            process.wait()


def say(words: str) -> None:
    """Progress, beside the table on standard output."""
    sys.stderr.write(f"  {words}\n")


def wait_for(condition: Callable[[], object], what: str, seconds: float = WAIT_SECONDS) -> None:
    give_up_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up_at:
            raise TimeoutError(f"{what} did not happen in {seconds:.0f} s")
        time.sleep(0.05)


@contextmanager
def open_stage() -> Iterator[Stage]:
    """Start the services and the stand-in, migrate, and make the workspace with its cast."""
    folder = Path(tempfile.mkdtemp(prefix="rivya-bench-"))
    with ExitStack() as closing:
        closing.callback(_remove, folder)
        rivya = Simulator.start(50, folder / "stand-in")
        closing.callback(rivya.close)
        port = free_port("127.0.0.1")
        _set_environment(folder, rivya, port)
        for starter, name in ((start_postgres, "postgres"), (start_valkey, "valkey")):
            service = starter(folder / name, durable=True)
            closing.callback(service.stop)
            os.environ["DATABASE_URL" if name == "postgres" else "REDIS_URL"] = service.url
        _prepare()
        yield Stage(folder, rivya, port, closing)
        _close_connections()


def _set_environment(folder: Path, rivya: Simulator, port: int) -> None:
    made_up = base64.urlsafe_b64encode(hashlib.sha256(b"only for benchmarks").digest()).decode()
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "rivya_app.settings",
        "SECRET_KEY": "only-for-benchmarks-" + made_up,
        "FIELD_KEYS": made_up,
        "RIVYA_BASE_URL": rivya.base_url,
        "RIVYA_ALLOW_PRIVATE_RESULTS": "1",
        "RIVYA_REQUESTS_PER_SECOND": "0",
        "SITE_URL": f"http://localhost:{port}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
        "STATIC_ROOT": str(folder / "static"),
        "VAULT_DIR": str(folder / "vault"),
        "BEAT_SCHEDULE": str(folder / "beat-schedule"),
        "LOG_LEVEL": "ERROR",
        "PYTHONPATH": str(Path.cwd()),
    }


def _prepare() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)


def _close_connections() -> None:
    from django.db import connection

    connection.close()
    connection.close_pool()


def _remove(folder: Path) -> None:
    for data in (folder / "postgres", folder / "valkey"):
        shutil.rmtree(socket_folder(data, owner=NOBODY), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def make_shop(stage: Stage) -> Any:
    """The workspace of the tests on a real connection to the stand-in, and its cast by role."""
    from rivya_app.credits import wallet
    from rivya_app.gateway import catalogue
    from rivya_app.gateway.actions import add_key
    from rivya_app.gateway.models import ApiKey
    from rivya_app.workspaces.models import Membership, Role, User, Workspace
    from tests.bench.shop import BenchShop

    home = Workspace.objects.create(name="Asha Crafts")
    cast: dict[str, Membership] = {}
    for role in Role:
        person = User.objects.create_user(f"{role}@bench.example", PASSWORD, name=role.title())
        cast[str(role)] = Membership.objects.create(workspace=home, user=person, roles=[role])
    stage.rivya.set_credits(CREDITS)
    catalogue.refresh()
    key = add_key(
        member=cast["owner"],
        purpose="production-image-workflow",
        environment=ApiKey.Environment.PRODUCTION,
        secret=stage.rivya.new_key("production-image-workflow"),
    )
    wallet.read(home, cause="bench")
    return BenchShop(stage, home, cast, key)
