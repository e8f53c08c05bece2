"""`make run`: the whole product on this machine, from nothing to a page, and to nothing again."""

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from rivya_app.local import parts
from rivya_app.local.console import Console
from rivya_app.local.home import CHECKOUT, Home, local_settings, process_environment, remember
from rivya_app.local.postgres import prepare_postgres
from rivya_app.local.prepared import Prepared, check_given
from rivya_app.local.supervisor import Supervisor
from rivya_app.local.valkey import prepare_valkey


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
        stand_in_port = None if os.environ.get("RIVYA_BASE_URL") else parts.free_port("127.0.0.1")
        rivya_url = f"http://127.0.0.1:{stand_in_port}" if stand_in_port else None
        product.settings |= local_settings(home, port=port, rivya_url=rivya_url)
        remember(home, product.settings)
        with console.step("Database, translations, static files"):
            supervisor.run_once(parts.module("site", product.environment, "rivya_app.local.site"))
        if stand_in_port:
            with console.step("The stand-in Rivya"):
                supervisor.start(parts.stand_in_part(home, stand_in_port, product.environment))
        with console.step("The pages"):
            supervisor.start(parts.web_part(host, port, product.environment))
        yield product


def start_workers(product: Product) -> None:
    """The workers of every queue, and the clock."""
    with product.console.step("Workers"):
        for part in parts.worker_parts(product.environment):
            product.supervisor.start(part)
        product.supervisor.start(parts.beat_part(product.environment))


def people_of(product: Product) -> list[str]:
    """Fill the demo where it is empty; returns what is to be said about who can sign in."""
    if not product.is_demo or not _can_seed():
        return []
    with product.console.step("The demo's people and history"):
        return product.supervisor.run_once(
            parts.manage("seed_demo", product.environment, "seed_demo")
        )


def _can_seed() -> bool:
    return any(CHECKOUT.glob("rivya_app/*/management/commands/seed_demo.py"))


def _start_services(product: Product) -> None:
    postgres = prepare_postgres(product.home.postgres, durable=True)
    valkey = prepare_valkey(product.home.valkey)
    _start_service(product, postgres, parts.POSTGRES, "DATABASE_URL")
    _start_service(product, valkey, parts.VALKEY, "REDIS_URL")


def _start_service(product: Product, prepared: Prepared, stage: int, setting: str) -> None:
    part = parts.service_part(prepared, stage)
    if part is None:
        check_given(prepared)
        product.console.say(f"  {prepared.name}: the one the environment names")
        return
    with product.console.step(prepared.name):
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
