"""Proves where a webhook came from, on the raw body, before anything reads it. Fails closed.

ASSUMED, because Rivya's pages name no signature: the `whsec_` secret fits two public conventions,
and both are verified. (a) Standard Webhooks, signed by the maintained library. (b) A timestamped
hex header, `t=<unix>,v1=<hex>` over `<t>.<body>`, keyed with the whole secret.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from standardwebhooks import Webhook

from rivya_app.rivya_api import reading
from rivya_app.rivya_api.errors import SignatureRefused

Form = Literal["standard", "hex"]

# ASSUMED: header names. That of form (b) is a setting of whoever calls `verify`.
ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"
HEX_HEADER = "Rivya-Signature"
SECRET_PREFIX = "whsec_"  # noqa: S105

TOLERANCE = 300  # seconds, into the past and into the future
_MAX_SIGNATURES = 10
_MIN_KEY_BYTES = 16
_UNIX_TIME = re.compile(r"[0-9]{9,11}\Z")
_HEX_SHA256 = re.compile(r"[0-9a-fA-F]{64}\Z")


@dataclass(frozen=True, slots=True)
class Verified:
    """A webhook whose signature held. Form (b) signs no id: take the one in the body."""

    form: Form
    event_id: str
    timestamp: datetime


@dataclass(frozen=True, slots=True)
class _Claim:
    """What one header form says: who, when, and the digests of which one must be right."""

    form: Form
    event_id: str
    timestamp: int
    digests: tuple[bytes, ...]


def verify(
    headers: Mapping[str, str],
    raw_body: bytes,
    secrets: Sequence[str],
    *,
    now: datetime | None = None,
    tolerance: int = TOLERANCE,
    hex_header: str = HEX_HEADER,
) -> Verified:
    """Return what was proved, or raise SignatureRefused.

    `secrets` are tried in turn, so that an old one can live on beside the new. `now` is aware and
    `tolerance` in seconds. The refusal's `reason` is `no_secret`, `no_signature`, `malformed`,
    `stale`, `future` or `mismatch`, and it carries header names without values.
    """
    names = sorted(headers)
    if not secrets:
        raise SignatureRefused("no_secret", names)
    reasons = []
    lowered = {name.lower(): value for name, value in headers.items()}
    for claim in _claims(lowered, hex_header.lower()):
        reason = _objection(claim, raw_body, secrets, now or datetime.now(UTC), tolerance)
        if claim is not None and not reason:
            moment = datetime.fromtimestamp(claim.timestamp, UTC)
            return Verified(claim.form, claim.event_id, moment)
        reasons.append(reason)
    raise SignatureRefused(reasons[0] if reasons else "no_signature", names)


def _claims(headers: Mapping[str, str], hex_header: str) -> Iterator[_Claim | None]:
    """Yield a claim for each form that the headers attempt, None for a malformed one."""
    if headers.get(SIGNATURE_HEADER):
        yield _standard_claim(headers)
    if headers.get(hex_header):
        yield _hex_claim(headers[hex_header])


def _objection(
    claim: _Claim | None, body: bytes, secrets: Sequence[str], now: datetime, tolerance: int
) -> str:
    """Return the word that refuses a claim, or "" for one that holds."""
    if claim is None:
        return "malformed"
    age = now.timestamp() - claim.timestamp
    if age > tolerance:
        return "stale"
    if -age > tolerance:
        return "future"
    return "" if _holds(claim, body, secrets) else "mismatch"


def _standard_claim(headers: Mapping[str, str]) -> _Claim | None:
    event_id = headers.get(ID_HEADER, "")
    timestamp = headers.get(TIMESTAMP_HEADER, "")
    pairs = [part.partition(",") for part in headers[SIGNATURE_HEADER].split()[:_MAX_SIGNATURES]]
    digests = tuple(_from_base64(value) for version, _, value in pairs if version == "v1")
    if not (reading.is_identifier(event_id) and _UNIX_TIME.match(timestamp) and any(digests)):
        return None
    return _Claim("standard", event_id, int(timestamp), digests)


def _hex_claim(header: str) -> _Claim | None:
    pairs = [part.strip().partition("=") for part in header.split(",")[: _MAX_SIGNATURES + 1]]
    times = [value for name, _, value in pairs if name == "t"]
    signatures = [value for name, _, value in pairs if name == "v1"]
    digests = tuple(bytes.fromhex(text) for text in signatures if _HEX_SHA256.match(text))
    if len(times) != 1 or not _UNIX_TIME.match(times[0]) or not digests:
        return None
    return _Claim("hex", "", int(times[0]), digests)


def _holds(claim: _Claim, body: bytes, secrets: Sequence[str]) -> bool:
    expected = [digest for secret in secrets if (digest := _digest(claim, body, secret))]
    # Every pair is compared, so that the time taken says nothing about which one was close.
    matches = [hmac.compare_digest(mine, theirs) for mine in expected for theirs in claim.digests]
    return any(matches)


def _digest(claim: _Claim, body: bytes, secret: str) -> bytes:
    if claim.form == "hex":
        key = secret.encode()
        signed = str(claim.timestamp).encode() + b"." + body
        return hmac.digest(key, signed, hashlib.sha256) if len(key) >= _MIN_KEY_BYTES else b""
    return _standard_digest(claim, body, secret)


def _standard_digest(claim: _Claim, body: bytes, secret: str) -> bytes:
    """Return the library's signature of a form (a) message; empty for a secret it cannot use.

    The library's own `verify` knows neither our clock nor our tolerance, so it only signs here.
    """
    key = _from_base64(secret.removeprefix(SECRET_PREFIX))
    if len(key) < _MIN_KEY_BYTES:
        return b""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return b""
    moment = datetime.fromtimestamp(claim.timestamp, UTC)
    signature = Webhook(key).sign(claim.event_id, moment, text)
    return _from_base64(signature.partition(",")[2])


def _from_base64(text: str) -> bytes:
    """Decode base64, padded or not; empty for anything else."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
