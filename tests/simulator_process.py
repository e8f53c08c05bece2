"""The stand-in Rivya as a process of the tests, and the fixtures that hand it out.

``simulator`` is one process a test worker; ``rivya`` is the same one, emptied for each test.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

ROOT = Path(__file__).resolve().parent.parent


class Simulator:
    """A running stand-in, told what to do through its control API."""

    def __init__(self, state: Path, speed: float, extra: list[str]) -> None:
        self.state, self.speed, self.extra = state, speed, extra
        self.base_url = ""
        self._port = 0
        self._control = httpx.Client(timeout=30, trust_env=False)

    @classmethod
    def start(cls, speed: float = 50, state: Path | None = None, *extra: str) -> Self:
        """Start a process on a free port; ``extra`` are more arguments of its command line."""
        folder = state or Path(tempfile.mkdtemp(prefix="stand-in-"))
        this = cls(folder, speed, list(extra))
        this._launch()
        return this

    def _launch(self) -> None:
        command = [sys.executable, "-m", "rivya_app.simulator", "--state", str(self.state)]
        command += ["--port", str(self._port), "--speed", str(self.speed)]
        command += ["--parent-death", "--allow-local-webhooks", *self.extra]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=_environment()
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            raise RuntimeError("the stand-in did not start")
        self.base_url = line.removeprefix("ready ").strip()
        self._port = int(self.base_url.rpartition(":")[2])

    def _call(self, method: str, path: str, **options: Any) -> Any:
        answer = self._control.request(method, f"{self.base_url}/_sim{path}", **options)
        if answer.is_error:
            raise AssertionError(f"{method} /_sim{path}: {answer.status_code} {answer.text}")
        return answer.json()

    def new_key(self, name: str = "test", **fields: Any) -> str:
        """A new key in full. Fields: scopes, state, account, speed, faults."""
        return str(self._call("POST", "/keys", json={"name": name, **fields})["key"])

    def keys(self) -> list[dict[str, Any]]:
        return list(self._call("GET", "/keys")["data"])

    def change_key(self, name: str, **fields: Any) -> None:
        """Change every key of that name: state, scopes, speed, faults."""
        for key in self.keys():
            if key["name"] == name:
                self._call("PATCH", f"/keys/{key['id']}", json=fields)

    def set_credits(self, amount: float, account: str = "main") -> None:
        self._call("POST", "/wallet", json={"account": account, "credits": amount})

    def wallet(self, account: str = "main") -> dict[str, Any]:
        """``credits`` (to spend), ``reserved``, ``spent_on_tasks``."""
        return dict(self._call("GET", "/wallet", params={"account": account}))

    def fault(
        self,
        name: str,
        *,
        scope: str = "all",
        times: int | None = None,
        on: list[str] | None = None,
        **options: Any,
    ) -> None:
        """Arm a fault; the options are the fault's own (docs/stand-in.md)."""
        fields = {"fault": name, "scope": scope, "times": times, "on": on, "options": options}
        self._call("POST", "/faults", json=fields)

    def clear_faults(self) -> None:
        self._call("DELETE", "/faults")

    def set(self, **settings: Any) -> None:
        """Change settings, as in ``set(speed=100, webhook_form="hex")``."""
        self._call("POST", "/settings", json=settings)

    def tasks(self, account: str | None = None) -> list[dict[str, Any]]:
        params = {"account": account} if account else {}
        return list(self._call("GET", "/tasks", params=params)["data"])

    def finish(self, task_id: str, outcome: str = "succeeded", **fields: Any) -> None:
        """End an open task now. Fields: code, keep_credits."""
        self._call("POST", f"/tasks/{task_id}/finish", json={"outcome": outcome, **fields})

    def requests(self, limit: int = 1000) -> list[dict[str, Any]]:
        """The latest: at, method, path, status (0: no answer), idempotency_key, key."""
        return list(self._call("GET", "/requests", params={"limit": limit})["data"])

    def deliveries(self) -> list[dict[str, Any]]:
        return list(self._call("GET", "/deliveries")["data"])

    def files(self) -> list[dict[str, Any]]:
        return list(self._call("GET", "/files")["data"])

    def expire_file(self, file_id: str) -> None:
        self._call("POST", f"/files/{file_id}/expire")

    def reset(self) -> None:
        """As new: no keys, tasks, faults; settings as started."""
        self._call("POST", "/reset")

    def stop(self) -> None:
        """End it as a supervisor would."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a crash would."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(timeout=10)
        if self.process.stdout is not None:
            self.process.stdout.close()

    def restart(self, *, down: bool = False) -> None:
        """Start it again on the same port with the same state; ``down`` kills it first by -9."""
        self.kill() if down else self.stop()
        self._launch()

    def close(self) -> None:
        self.stop()
        self._control.close()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("COV_")}


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """One stand-in a test worker, fifty times as fast as life."""
    stand_in = Simulator.start(50, tmp_path_factory.mktemp("stand-in"))
    yield stand_in
    stand_in.close()


@pytest.fixture
def rivya(simulator: Simulator) -> Simulator:
    """The stand-in, emptied for this test."""
    if simulator.process.poll() is not None:
        simulator.restart()
    simulator.reset()
    return simulator
