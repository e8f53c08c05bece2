"""E-mail that waits to be sent: written with what it tells of, sent by a task after the commit."""

from collections.abc import Mapping

from django.db import connection, transaction

from rivya_app.core.models import Letter


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
            "text": text,
            "html": html,
            "headers": dict(headers or {}),
        },
    )
    return is_new
