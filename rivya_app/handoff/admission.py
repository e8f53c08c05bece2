"""The passphrase of a link: so many tries an hour, and a short-lived cookie for who knew it."""

import hashlib
from datetime import timedelta

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from redis.exceptions import RedisError

from rivya_app.core import clock
from rivya_app.handoff.models import ShareLink

MOST_TRIES = 10
TRIES_FOR = 3600  # seconds; counted for each link and address
ADMITTED_FOR = timedelta(hours=2)
_SALT = "handoff.admission"


def is_admitted(request: HttpRequest, link: ShareLink) -> bool:
    """Whether the reader needs no passphrase, or gave it a while ago."""
    if not link.passphrase:
        return True
    try:
        said = signing.loads(request.COOKIES.get(_cookie(link), ""), salt=_SALT)
    except signing.BadSignature:
        return False
    return bool(said["link"] == _mark(link) and said["until"] > clock.now().timestamp())


def may_try(request: HttpRequest, link: ShareLink) -> bool:
    """Count one try. Without Redis nobody may: what cannot be counted cannot be limited."""
    key = _key(request, link)
    try:
        cache.add(key, 0, TRIES_FOR)
        return cache.incr(key) <= MOST_TRIES
    except (RedisError, ValueError):  # ValueError: it ran out in between
        return False


def knows(link: ShareLink, passphrase: str) -> bool:
    """Compares in constant time."""
    return check_password(passphrase, link.passphrase)


def admit(answer: HttpResponseBase, request: HttpRequest, link: ShareLink) -> None:
    """Let this browser in for a while, to this link alone; its tries are forgotten."""
    until = (clock.now() + ADMITTED_FOR).timestamp()
    answer.set_cookie(
        _cookie(link),
        signing.dumps({"link": _mark(link), "until": until}, salt=_SALT),
        max_age=ADMITTED_FOR,
        path=request.path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _cookie(link: ShareLink) -> str:
    return f"shared_{link.public_id.hex[:12]}"


def _mark(link: ShareLink) -> str:
    """Of the link and of the passphrase it has, so that neither opens another."""
    return hashlib.sha256(f"{link.public_id}{link.passphrase}".encode()).hexdigest()[:32]


def _key(request: HttpRequest, link: ShareLink) -> str:
    address = get_adapter().get_client_ip(request)
    return f"shared:{link.pk}:{hashlib.sha256(address.encode()).hexdigest()[:24]}"
