"""Pytest plugin: a PostgreSQL and a Valkey of its own for each run, before settings are read.

Named in pyproject.toml. A run's folder is locked while it lives, so that runs side by side never
meet and the next one clears away what a killed one left.
"""

import atexit
import base64
import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from rivya_app.core.catalogues import compile_all
from rivya_app.local.prepared import socket_folder
from rivya_app.local.services import Service, start_postgres, start_valkey

CHECKOUT = Path(__file__).resolve().parents[2]
RUNS = CHECKOUT / ".local" / "test"
_ONLY_TALKS = {"-h", "--help", "-V", "--version", "--markers", "--fixtures", "--co"}
_CLOSING = contextlib.ExitStack()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(args: list[str]) -> Generator[None, None, None]:
    """A wrapper, so that it runs before pytest-django reads the settings."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        os.environ["REDIS_URL"] = with_database(os.environ["REDIS_URL"], int(worker[2:]) + 1)
        # Each has a database of its own, so the clean-up of one would take the bytes of the other.
        os.environ["VAULT_DIR"] = str(Path(os.environ["VAULT_DIR"]) / worker)
    else:
        atexit.register(_CLOSING.close)  # also when the settings cannot be read
        _set_environment()
        compile_all()  # before a worker loads them
        if not _ONLY_TALKS.intersection(args):
            _start_services()
    return (yield)


def pytest_unconfigure() -> None:
    _CLOSING.close()


def with_database(url: str, number: int) -> str:
    """The Redis address `url` with another database number."""
    if url.startswith("unix://"):
        return f"{url.split('?')[0]}?db={number}"
    scheme, rest = url.split("://", 1)
    return f"{scheme}://{rest.split('/', 1)[0]}/{number}"


def _set_environment() -> None:
    """What the settings ask for; nothing here leads outside this machine."""
    made_up = base64.urlsafe_b64encode(hashlib.sha256(b"only for tests").digest()).decode()
    os.environ |= {
        "SECRET_KEY": "only-for-tests-" + made_up,
        "FIELD_KEYS": made_up,
        "RIVYA_BASE_URL": "http://127.0.0.1:9",
        "SITE_URL": "http://localhost:8000",
        "DEBUG": "0",
        "DEMO": "0",
        "STRICT_GUARD": "1",
        "STATIC_MANIFEST": "0",
        "LOG_LEVEL": "WARNING",
    }
    os.environ.setdefault("DATABASE_URL", "")
    os.environ.setdefault("REDIS_URL", "")


def _start_services() -> None:
    folder = _folder_of_this_run()
    os.environ["VAULT_DIR"] = str(folder / "vault")
    os.environ["BEAT_SCHEDULE"] = str(folder / "beat-schedule")
    os.environ["DATABASE_URL"] = _keep(start_postgres(folder / "postgres", durable=False))
    os.environ["REDIS_URL"] = _keep(start_valkey(folder / "valkey", durable=False))


def _keep(service: Service) -> str:
    _CLOSING.callback(service.stop)
    return service.url


def _folder_of_this_run() -> Path:
    RUNS.mkdir(parents=True, exist_ok=True)
    _clear_ended_runs()
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=RUNS))
    lock = _CLOSING.enter_context((folder / "lock").open("w"))
    fcntl.flock(lock, fcntl.LOCK_EX)
    _CLOSING.callback(_remove, folder)
    return folder


def _clear_ended_runs() -> None:
    """Remove the folders whose lock is free: their run was killed."""
    for lock_path in RUNS.glob("run-*/lock"):
        with contextlib.suppress(OSError), lock_path.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _remove(lock_path.parent)


def _remove(folder: Path) -> None:
    for data in (folder / "postgres", folder / "valkey"):
        with contextlib.suppress(Exception):
            shutil.rmtree(socket_folder(data, owner=65534), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
