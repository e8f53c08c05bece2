"""What every test may use. Its services come from rivya_app.local.pytest_services."""

import socket
from typing import Any

import pytest
from django.utils import translation

pytest_plugins = [
    "tests.cast",
    "tests.simulator_process",
    "tests.credits.account",
    "tests.mail_server",
    "tests.shop",
    "tests.chat.talk",
    "tests.webhooks",
]

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(autouse=True)
def no_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail any test that opens a connection to another machine."""
    connect = socket.socket.connect

    def only_here(this: socket.socket, address: Any) -> None:
        if this.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in _LOOPBACK:
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(this, address)

    monkeypatch.setattr(socket.socket, "connect", only_here)


@pytest.fixture(autouse=True)
def usual_language() -> None:
    """A page that one test asked for in Hindi would leave the next one's thread in Hindi."""
    translation.deactivate()
