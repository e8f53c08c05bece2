"""The address at which Rivya reaches us, and the rules it must keep [docs/api-webhooks]."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from django.conf import settings
from django.http.request import validate_host
from django.urls import reverse

from rivya_app.core import addresses

# Names that lead nowhere outside a house or a company.
_LOCAL_ENDINGS = ("localhost", "local", "internal", "lan", "home", "localdomain", "intranet")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule by its code (gateway/webhook_words.py has its words) and whether it is kept."""

    code: str
    is_kept: bool


def url_of(public_id: UUID) -> str:
    """Where Rivya posts the events of this endpoint."""
    return f"{settings.PUBLIC_URL}{reverse('rivya-hook', args=[public_id])}"


def rules(url: str | None = None) -> list[Rule]:
    """Every rule, as `url` (our own public address where none is given) keeps it or not."""
    parts = _split(settings.PUBLIC_URL if url is None else url)
    return [Rule(code, parts is not None and keeps(parts)) for code, keeps in _RULES.items()]


def is_reachable() -> bool:
    """Whether Rivya would take an address of ours, or it runs beside us and may."""
    return is_own_loopback() or all(rule.is_kept for rule in rules())


def is_own_loopback() -> bool:
    """Whether a local run uses its own loopback address, against the rules and by a setting."""
    parts = _split(settings.PUBLIC_URL)
    if parts is None or not settings.WEBHOOK_ALLOW_LOOPBACK:
        return False
    if parts.scheme not in ("http", "https") or parts.hostname not in _LOOPBACK:
        return False
    return _has_no_credentials(parts) and _has_no_fragment(parts) and _is_answered(parts)


def _split(url: str) -> SplitResult | None:
    """None for what is no address at all."""
    if any(character.isspace() for character in url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.hostname else None


def _is_https(parts: SplitResult) -> bool:
    return parts.scheme == "https"


def _has_no_credentials(parts: SplitResult) -> bool:
    return "@" not in parts.netloc


def _has_no_fragment(parts: SplitResult) -> bool:
    return not parts.fragment


def _is_not_local(parts: SplitResult) -> bool:
    if _is_address(parts.hostname or ""):
        return True
    labels = (parts.hostname or "").rstrip(".").lower().split(".")
    return len(labels) > 1 and labels[-1] not in _LOCAL_ENDINGS and not labels[-1].isdigit()


def _is_public(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return False  # by definition, whatever a name server says (RFC 6761)
    return not _is_address(host) or addresses.is_public(host)


def _is_answered(parts: SplitResult) -> bool:
    """Whether this site answers to that name at all."""
    host = parts.hostname or ""
    return validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS)


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


_RULES: dict[str, Callable[[SplitResult], bool]] = {
    "https": _is_https,
    "credentials": _has_no_credentials,
    "fragment": _has_no_fragment,
    "local_name": _is_not_local,
    "private": _is_public,
    "answered": _is_answered,
}
