"""The folder a local run lives in, its lock, its secrets and the environment made from them."""

import base64
import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
_KEPT_ON_RESET = {"secrets", "test"}


class AlreadyRunning(Exception):
    """Another run holds this folder; the message says where it is."""


@dataclass(frozen=True)
class Home:
    """Everything a run keeps, below one folder: `.local` of the checkout, or a temporary one."""

    folder: Path

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def valkey(self) -> Path:
        return self.folder / "valkey"

    @property
    def stand_in(self) -> Path:
        return self.folder / "stand-in"

    @property
    def static(self) -> Path:
        return self.folder / "static"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def environment_file(self) -> Path:
        return self.folder / "environment.json"

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold this folder alone. The lock goes with the process, however that ends.

        Raises AlreadyRunning.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                raise AlreadyRunning(f"It is already running: {file.read().strip()}") from None
            self.note_in_lock(f"process {os.getpid()}, still starting")
            yield

    def note_in_lock(self, text: str) -> None:
        """What a second run will be told about this one."""
        (self.folder / "lock").write_text(text + "\n", encoding="utf-8")

    def secret_file(self, name: str) -> Path:
        """The file of a secret of this machine, made once with mode 0600."""
        path = self.folder / "secrets" / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(base64.urlsafe_b64encode(secrets.token_bytes(32)))
        return path

    def things_to_drop(self) -> list[Path]:
        """What `reset` removes: all data, but neither the keys nor a test run's folders."""
        if not self.folder.exists():
            return []
        kept = _KEPT_ON_RESET | {"lock"}
        return sorted(path for path in self.folder.iterdir() if path.name not in kept)


def local_settings(home: Home, *, port: int, rivya_url: str | None) -> dict[str, str]:
    """Settings of a local run, without the addresses of the services; the person's own win.

    `rivya_url` is the stand-in's address, or None where the person named another Rivya: then
    nothing of the demo is switched on, because a demo would spend their credits.
    """
    is_demo = rivya_url is not None
    ours = {
        "SITE_URL": f"http://localhost:{port}",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "DEBUG": "0",
        "DEMO": "1" if is_demo else "0",
        "VAULT_DIR": str(home.folder / "vault"),
        "STATIC_ROOT": str(home.static),
        "BEAT_SCHEDULE": str(home.folder / "beat-schedule"),
        "LOG_LEVEL": "INFO",
    }
    if rivya_url is not None:
        ours["RIVYA_BASE_URL"] = rivya_url
        ours["WEBHOOK_ALLOW_LOOPBACK"] = "1"  # so that the stand-in can tell of finished jobs
    for name, file in (("SECRET_KEY", "secret-key"), ("FIELD_KEYS", "field-keys")):
        if not os.environ.get(name) and not os.environ.get(f"{name}_FILE"):
            ours[f"{name}_FILE"] = str(home.secret_file(file))
    return {name: value for name, value in ours.items() if not os.environ.get(name)}


def process_environment(settings: dict[str, str]) -> dict[str, str]:
    """The whole environment of a child: ours on top of this process's."""
    paths = [str(CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        **os.environ,
        **settings,
        "DJANGO_SETTINGS_MODULE": "rivya_app.settings",
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONUNBUFFERED": "1",
    }


def remember(home: Home, settings: dict[str, str]) -> None:
    """Keep the settings of the run for `manage.py`; only its owner may read them."""
    half_written = home.environment_file.with_suffix(".new")
    descriptor = os.open(half_written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(settings, file, indent=1)
    half_written.replace(home.environment_file)


def adopt_local_run() -> None:
    """Give a bare `manage.py` the settings of this checkout's last `make run`.

    Does nothing where the environment names a database or nothing was ever run here.
    """
    if os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
        return
    with contextlib.suppress(FileNotFoundError):
        kept = json.loads(Home(CHECKOUT / ".local").environment_file.read_text(encoding="utf-8"))
        for name, value in kept.items():
            os.environ.setdefault(name, value)
