"""`python -m rivya_app.local checks`: what only a configured product can say about itself."""

import base64
import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path

from rivya_app.local.home import CHECKOUT, process_environment
from rivya_app.local.services import start_postgres, start_valkey

COMMANDS = [
    "makemigrations --check --dry-run",
    "migrate --no-input --verbosity=0",
    "check --deploy --fail-level WARNING",
    "translations --check",
]


def check() -> int:
    """Run the commands on an empty database with production's settings; returns an exit code."""
    for name in ("DATABASE_URL", "REDIS_URL", "DEMO", "DEBUG"):
        os.environ.pop(name, None)
    with contextlib.ExitStack() as closing:
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory(prefix="rivya-checks-")))
        postgres = start_postgres(folder / "postgres", durable=False)
        closing.callback(postgres.stop)
        valkey = start_valkey(folder / "valkey", durable=False)
        closing.callback(valkey.stop)
        settings = {"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url}
        return subprocess.run(
            [sys.executable, "-m", "rivya_app.local.site", *COMMANDS],
            env=process_environment(settings | _like_production(folder)),
            cwd=CHECKOUT,
            check=False,
        ).returncode


def _like_production(folder: Path) -> dict[str, str]:
    return {
        "SITE_URL": "https://workspace.example",
        "ALLOWED_HOSTS": "workspace.example",
        "BEHIND_PROXY": "1",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "VAULT_DIR": str(folder / "vault"),
    }
