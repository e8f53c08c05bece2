"""Carries one signed event to another system: one POST, to the address that was looked at.

No redirect is followed, nothing of the answer but its status is read, and all of it has its time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import httpcore
import httpx
from django.conf import settings
from standardwebhooks.webhooks import Webhook

from rivya_app.core import addresses, clock, strangers
from rivya_app.core.sealed import Secret

TOTAL_SECONDS = 15.0  # connecting, sending and waiting for the status
CONNECT_SECONDS = 5.0
_TIMEOUTS = {"connect": CONNECT_SECONDS, "read": TOTAL_SECONDS, "write": TOTAL_SECONDS}
GONE = 410


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the other side answered: an HTTP status, or why there was none; "" is success."""

    status: int | None
    trouble: str
    milliseconds: int = 0

    @property
    def is_delivered(self) -> bool:
        return not self.trouble


def post(url: str, body: bytes, headers: dict[str, str]) -> Outcome:
    """Send it once. Never raises for what another system does."""
    began = strangers.seconds()
    status, trouble = _asked(url, body, headers, ends_at=began + TOTAL_SECONDS)
    return Outcome(status, trouble, round((strangers.seconds() - began) * 1000))


def signed(event_id: str, body: str, keys: Sequence[Secret]) -> dict[str, str]:
    """The headers of Standard Webhooks, with a signature for each key: any one proves it."""
    now = clock.now()
    signatures = [Webhook(key.reveal()).sign(event_id, now, body) for key in keys]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
        "content-type": "application/json",
        "user-agent": "rivya-workspace/1",
    }


def _asked(
    url: str, body: bytes, headers: dict[str, str], *, ends_at: float
) -> tuple[int | None, str]:
    may_be_private = settings.HANDOFF_ALLOW_PRIVATE_DESTINATIONS
    address = httpx.URL(url)
    if address.scheme != "https" and not may_be_private:
        return None, "address"
    try:
        with (
            strangers.pool(ends_at=ends_at, may_be_private=may_be_private) as pool,
            pool.stream(
                "POST",
                strangers.target_of(address),
                headers=_all_headers(address, body, headers),
                content=body,
                extensions={"timeout": _TIMEOUTS},
            ) as response,
        ):
            return response.status, _trouble_of(response.status)
    except addresses.Refused:
        return None, "address"
    except (httpcore.ConnectError, httpcore.ConnectTimeout, OSError):
        return None, "unreachable"
    except httpcore.TimeoutException:
        return None, "too_slow"
    except (httpcore.NetworkError, httpcore.ProtocolError):
        return None, "cut"


def _all_headers(
    address: httpx.URL, body: bytes, headers: dict[str, str]
) -> list[tuple[bytes, bytes]]:
    said = {**headers, "content-length": str(len(body)), "connection": "close", "accept": "*/*"}
    return [
        (b"Host", address.netloc),
        *((name.encode(), value.encode()) for name, value in said.items()),
    ]


def _trouble_of(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if status == GONE:
        return "gone"
    return "redirect" if 300 <= status < 400 else "refused"
