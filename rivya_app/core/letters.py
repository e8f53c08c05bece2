"""E-mail that waits to be sent: written with what it tells of. `postman` sends it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q

from rivya_app.core import clock
from rivya_app.core.models import Letter

LATE = timedelta(hours=1)
SHOWN_FOR = timedelta(days=7)


def write(
    *,
    key: str,
    to: str,
    subject: str,
    text: str,
    html: str = "",
    headers: Mapping[str, str] | None = None,
) -> bool:
    """Have this e-mail sent once the caller's transaction is committed; False where a letter with
    this `key` was written already. The bodies are sealed until then and wiped afterwards, because
    they may hold a link that lets somebody in. Raises TransactionManagementError outside one.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("A letter is written with what it tells of.")
    _letter, is_new = Letter.objects.get_or_create(
        key=key,
        defaults={
            "to": to,
            "subject": " ".join(subject.split())[:200],
            "text": text,  # sealed on its way into the row
            "html": html,
            "headers": dict(headers or {}),
        },
    )
    if is_new:
        transaction.on_commit(_publish, robust=True)
    return is_new


def _publish() -> None:
    from rivya_app.core.tasks import send_letters

    send_letters.apply_async(expires=30)


@dataclass(frozen=True)
class Troubled:
    """How many letters of this server were given up lately, and how many are late."""

    given_up: int
    late: int

    def __bool__(self) -> bool:
        return bool(self.given_up or self.late)


def troubled() -> Troubled:
    """Counts alone, of every workspace: whom a letter was for is nobody else's business."""
    now = clock.now()
    is_late = Q(state=Letter.State.WAITING, made_at__lt=now - LATE) & ~Q(trouble="")
    is_given_up = Q(state=Letter.State.GIVEN_UP, settled_at__gt=now - SHOWN_FOR)
    found = Letter.objects.filter(is_late | is_given_up).aggregate(
        given_up=Count("pk", filter=is_given_up), late=Count("pk", filter=is_late)
    )
    return Troubled(**found)


def forget() -> int:
    """Delete the rows of letters that were settled LETTERS_KEPT_DAYS ago. Returns how many."""
    before = clock.now() - timedelta(days=settings.LETTERS_KEPT_DAYS)
    return Letter.objects.filter(settled_at__lt=before).delete()[0]
