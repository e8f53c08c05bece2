"""Fetches one result from a stranger's server into a file, within limits of size, time and address.

Never logs or raises the link: it is as good as the file. Only the host may be named.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import httpcore
import httpx
from django.conf import settings

from rivya_app.core import addresses, strangers
from rivya_app.core.strangers import seconds
from rivya_app.library.troubles import Trouble

TOTAL_SECONDS = 240.0  # for all of it, redirects and headers included
MOST_REDIRECTS = 3
MOST_URL_CHARACTERS = 8192
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_EXPIRED = frozenset({401, 403, 404, 410})
_HEADERS = [
    (b"User-Agent", b"rivya-workspace/1"),
    (b"Accept", b"*/*"),
    (b"Accept-Encoding", b"identity"),  # so that a small answer cannot unfold into a large one
    (b"Connection", b"close"),
]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What arrived: its SHA-256 as hex and its size in bytes."""

    sha256: str
    size: int


def fetch(
    link: str, path: Path, *, on_progress: Callable[[], None], total: float = TOTAL_SECONDS
) -> Fetched:
    """Write what `link` gives to `path`, calling `on_progress` after each piece.

    Raises Trouble: link_refused, link_expired, unreachable, server_error, too_large, too_slow,
    cut, empty or no_space.
    """
    ends_at = seconds() + total
    url = _parsed(link)
    for _redirect in range(MOST_REDIRECTS + 1):
        with _asking(url, ends_at) as response:
            if response.status in _REDIRECTS:
                url = _parsed(_target(url, response))
                continue
            _expect_ok(response)
            return _write(response, path, on_progress)
    raise Trouble("link_refused")


def _parsed(link: str) -> httpx.URL:
    """An http(s) URL without credentials; plain http only where private results are allowed."""
    try:
        url = httpx.URL(link) if len(link) <= MOST_URL_CHARACTERS else httpx.URL()
    except (httpx.InvalidURL, UnicodeError):
        raise Trouble("link_refused") from None
    schemes = {"https", "http"} if settings.RIVYA_ALLOW_PRIVATE_RESULTS else {"https"}
    if url.scheme not in schemes or not url.host or url.userinfo:
        raise Trouble("link_refused")
    return url


def _target(url: httpx.URL, response: httpcore.Response) -> str:
    location = _header(response, b"location")
    try:
        return str(url.join(location))
    except (httpx.InvalidURL, UnicodeError):
        raise Trouble("link_refused") from None


def _expect_ok(response: httpcore.Response) -> None:
    if response.status in _EXPIRED:
        raise Trouble("link_expired", is_expired_link=True)
    if response.status != 200:
        raise Trouble("server_error")
    length = _header(response, b"content-length")
    if length.isdecimal() and int(length) > settings.RESULT_MAX_BYTES:
        raise Trouble("too_large")


def _header(response: httpcore.Response, name: bytes) -> str:
    found = (value for key, value in response.headers if key.lower() == name)
    return next(found, b"").decode("latin-1")


def _write(response: httpcore.Response, path: Path, on_progress: Callable[[], None]) -> Fetched:
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as out:
        for piece in response.iter_stream():
            size += len(piece)
            if size > settings.RESULT_MAX_BYTES:
                raise Trouble("too_large")
            digest.update(piece)
            _append(out, piece)
            on_progress()
    if size == 0:
        raise Trouble("empty")
    return Fetched(digest.hexdigest(), size)


def _append(out: BinaryIO, piece: bytes) -> None:
    try:
        out.write(piece)
    except OSError:
        raise Trouble("no_space") from None


@contextmanager
def _asking(url: httpx.URL, ends_at: float) -> Iterator[httpcore.Response]:
    """One GET on a connection of its own, whose address was looked at before anything was sent."""
    may_be_private = settings.RIVYA_ALLOW_PRIVATE_RESULTS
    try:
        with (
            strangers.pool(ends_at=ends_at, may_be_private=may_be_private) as pool,
            pool.stream(
                "GET",
                strangers.target_of(url),
                headers=[(b"Host", url.netloc), *_HEADERS],
                extensions={"timeout": strangers.TIMEOUTS},
            ) as response,
        ):
            yield response
    except addresses.Refused:
        raise Trouble("link_refused") from None
    except (httpcore.ConnectError, httpcore.ConnectTimeout, OSError):
        raise Trouble("unreachable") from None
    except httpcore.TimeoutException:
        raise Trouble("too_slow") from None
    except (httpcore.NetworkError, httpcore.ProtocolError):
        raise Trouble("cut") from None
