"""Signs webhook deliveries in either of the two forms the ``whsec_`` prefix fits. ASSUMED both."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

MARK = "whsec_"


def new_secret() -> str:
    return MARK + base64.b64encode(secrets.token_bytes(24)).decode()


def preview(secret: str) -> str:
    return f"{secret[:8]}...{secret[-6:]}"


def headers(
    form: str, keys: list[str], event_id: str, moment: int, body: bytes, hex_header: str
) -> dict[str, str]:
    """The signature headers: ``standard``, ``hex`` or ``both``; one signature a secret."""
    signed: dict[str, str] = {}
    if form in ("standard", "both"):
        signed |= _standard(keys, event_id, moment, body)
    if form in ("hex", "both"):
        signed[hex_header] = _hex(keys, moment, body)
    return signed


def _standard(keys: list[str], event_id: str, moment: int, body: bytes) -> dict[str, str]:
    text = f"{event_id}.{moment}.".encode() + body
    signatures = []
    for key in keys:
        raw = base64.b64decode(key.removeprefix(MARK))
        digest = hmac.new(raw, text, hashlib.sha256).digest()
        signatures.append(f"v1,{base64.b64encode(digest).decode()}")
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(moment),
        "webhook-signature": " ".join(signatures),
    }


def _hex(keys: list[str], moment: int, body: bytes) -> str:
    text = f"{moment}.".encode() + body
    signatures = [hmac.new(key.encode(), text, hashlib.sha256).hexdigest() for key in keys]
    return ",".join([f"t={moment}", *(f"v1={signature}" for signature in signatures)])
