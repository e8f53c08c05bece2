"""`make run`: the whole product on this machine, from nothing to a page, and to nothing again."""

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from rivya_app.local import parts, site
from rivya_app.local.console import Console
from rivya_app.local.home import Home, local_settings, process_environment, remember
from rivya_app.local.postgres import prepare_postgres
from rivya_app.local.prepared import Prepared, check_given
from rivya_app.local.supervisor import Part, Supervisor
from rivya_app.local.valkey import prepare_valkey

SITE_COMMANDS = ["migrate --no-input", "translations --compile", "collectstatic --no-input"]


@dataclass
class Product:
    """A started product: where it answers, and the settings its processes were given."""

    home: Home
    console: Console
    supervisor: Supervisor
    host: str
    port: int
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}/"

    @property
    def environment(self) -> dict[str, str]:
        return process_environment(self.settings)

    @property
    def is_demo(self) -> bool:
        return self.environment.get("DEMO") == "1"


def run(home: Home) -> None:
    """Start everything, say where it is, and keep it running until asked to stop.

    Raises AlreadyRunning, ServiceUnavailable, PartFailed; StopRequested is the ordinary end.
    """
    console = Console()
    began = time.monotonic()
    with home.lock(), started_product(home, console, wanted_port=_wanted_port()) as product:
        people = people_of(product)
        start_workers(product)
        home.note_in_lock(f"{product.address} (process {os.getpid()})")
        console.box(_summary(product, people, time.monotonic() - began))
        product.supervisor.watch()


def run_services(home: Home) -> None:
    """Only PostgreSQL and Valkey, for someone who starts the rest by hand. Ends like `run`."""
    console = Console()
    with home.lock(), Supervisor(home.logs, console) as supervisor:
        product = Product(home, console, supervisor, "127.0.0.1", _wanted_port())
        _start_services(product)
        remember(home, product.settings | local_settings(home, port=product.port, rivya_url=None))
        home.note_in_lock(f"only the services (process {os.getpid()})")
        console.box(
            [f"{name}={url}" for name, url in product.settings.items()]
            + ["manage.py uses them.  Stop: Ctrl-C"]
        )
        supervisor.watch()


@contextlib.contextmanager
def started_product(home: Home, console: Console, *, wanted_port: int) -> Iterator[Product]:
    """Services, database, static files, the stand-in and the pages; all ended on leaving."""
    host = os.environ.get("HOST", "127.0.0.1")
    port = parts.free_port(host, wanted_port)
    if wanted_port and port != wanted_port:
        console.say(f"  Port {wanted_port} is taken; using {port}.")
    with Supervisor(home.logs, console) as supervisor:
        product = Product(home, console, supervisor, host, port)
        _start_services(product)
        stand_in = _begin_stand_in(product)
        remember(home, product.settings)
        with console.step("Database, translations, static files"):
            run_commands(product, "site", SITE_COMMANDS)
        web = parts.web_part(host, port, product.environment)
        supervisor.begin(web)  # the stand-in and the pages load side by side
        if stand_in is not None:
            with console.step("The stand-in Rivya"):
                supervisor.wait_for(stand_in)
        with console.step("The pages"):
            supervisor.wait_for(web)
        yield product


def _begin_stand_in(product: Product) -> Part | None:
    """Begin the stand-in, unless the environment names a Rivya; settings are complete after it."""
    port = None if os.environ.get("RIVYA_BASE_URL") else parts.free_port("127.0.0.1")
    rivya_url = f"http://127.0.0.1:{port}" if port else None
    product.settings |= local_settings(product.home, port=product.port, rivya_url=rivya_url)
    if port is None:
        return None
    part = parts.stand_in_part(product.home, port, product.environment)
    product.supervisor.begin(part)
    return part


def start_workers(product: Product) -> None:
    """The workers of every queue, and the clock."""
    with product.console.step("Workers"):
        for part in parts.worker_parts(product.environment):
            product.supervisor.start(part)
        product.supervisor.start(parts.beat_part(product.environment))


def people_of(product: Product, *, with_history: bool = True) -> list[str]:
    """Fill the demo where it is empty; returns what is to be said about who can sign in."""
    if not product.is_demo:
        return []
    with product.console.step("The demo's people and history"):
        seed = "seed_demo" if with_history else "seed_demo --without-history"
        said = run_commands(product, "seed", [seed, "demo_people"])
    return site.said_by("demo_people", said)


def run_commands(product: Product, name: str, commands: list[str]) -> list[str]:
    program = parts.module(name, product.environment, "rivya_app.local.site", *commands)
    return product.supervisor.run_once(program)


def _start_services(product: Product) -> None:
    with product.console.step("PostgreSQL"):
        prepared = prepare_postgres(product.home.postgres, durable=True)
        _start_service(product, prepared, parts.POSTGRES, "DATABASE_URL")
    with product.console.step("Valkey"):
        prepared = prepare_valkey(product.home.valkey)
        _start_service(product, prepared, parts.VALKEY, "REDIS_URL")


def _start_service(product: Product, prepared: Prepared, stage: int, setting: str) -> None:
    part = parts.service_part(prepared, stage)
    if part is None:
        check_given(prepared)
        product.console.say(f"  {prepared.name}: using the one the environment names")
        return
    product.supervisor.start(part)
    product.settings[setting] = prepared.url


def _wanted_port() -> int:
    return int(os.environ.get("PORT") or 8000)


def _summary(product: Product, people: list[str], seconds: float) -> list[str]:
    return [
        f"Open {product.address}   (up after {seconds:.1f} s)",
        *(["", *people] if people else []),
        "",
        f"Logs: {product.home.logs}",
        "Stop: Ctrl-C.  Start again: make run.  Drop all local data: make reset",
    ]
