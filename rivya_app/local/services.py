"""PostgreSQL and Valkey for a checkout, without a container.

Order for each: the URL in the environment, the wheel, a server of this machine, else one message.
"""

from pathlib import Path

from rivya_app.local.postgres import prepare_postgres
from rivya_app.local.prepared import Service, ServiceUnavailable, start
from rivya_app.local.valkey import prepare_valkey

__all__ = ["Service", "ServiceUnavailable", "start_postgres", "start_valkey"]


def start_postgres(folder: Path, *, durable: bool) -> Service:
    """Start PostgreSQL on the data in `folder`, made when absent; returns when it answers.

    `durable=False` trades crash safety for speed: for tests only. Raises ServiceUnavailable.
    """
    return start(prepare_postgres(folder, durable=durable), folder.with_suffix(".log"))


def start_valkey(folder: Path, *, durable: bool = True) -> Service:
    """Start Valkey or Redis on the data in `folder`; returns when it answers.

    `durable=False` keeps nothing on disk: for tests only. Raises ServiceUnavailable.
    """
    return start(prepare_valkey(folder, durable=durable), folder.with_suffix(".log"))
