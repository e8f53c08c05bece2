"""Tells the stand-in Rivya what to do in the demo. Speaks its control API and nothing else."""

from types import TracebackType
from typing import Any, Self

import httpx


class NotAStandIn(Exception):
    """What answers at RIVYA_BASE_URL is not the stand-in: nothing may be played on it."""


class StandIn:
    """The control API of a running stand-in."""

    def __init__(self, base_url: str) -> None:
        self._http = httpx.Client(base_url=f"{base_url}/_sim", timeout=30, trust_env=False)

    def __enter__(self) -> Self:
        try:
            self._call("GET", "/health")
        except httpx.HTTPError:
            self._http.close()
            raise NotAStandIn from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._http.close()

    def new_key(self, name: str, *, speed: float) -> tuple[str, str]:
        """A key's id and its full text, once. Its tasks run `speed` times as fast as life."""
        made = self._call("POST", "/keys", json={"name": name, "speed": speed})
        return str(made["id"]), str(made["key"])

    def set_speed(self, key_id: str, speed: float) -> None:
        self._call("PATCH", f"/keys/{key_id}", json={"speed": speed})

    def key_ids(self, name: str) -> list[str]:
        return [key["id"] for key in self._call("GET", "/keys")["data"] if key["name"] == name]

    def set_credits(self, amount: int) -> None:
        self._call("POST", "/wallet", json={"credits": amount})

    def credits(self) -> int:
        """What is there to spend."""
        return int(self._call("GET", "/wallet")["credits"])

    def set(self, **settings: Any) -> None:
        """Change settings of the stand-in (docs/stand-in.md)."""
        self._call("POST", "/settings", json=settings)

    def arm(self, fault: str, *, times: int | None = None, **options: Any) -> None:
        """The next `times` calls it fits meet this fault; None: all, until `disarm`."""
        fields = {"fault": fault, "scope": "all", "times": times, "options": options}
        self._call("POST", "/faults", json=fields)

    def disarm(self) -> None:
        self._call("DELETE", "/faults")

    def _call(self, method: str, path: str, **options: Any) -> Any:
        answer = self._http.request(method, path, **options)
        answer.raise_for_status()
        return answer.json()
