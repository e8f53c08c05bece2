"""Sends the letters that wait. The row is the queue.

Claim under a lock; send outside any transaction; settle. A worker killed between the mail server's
yes and the note of it leaves the letter to be sent once more: the very same message, under the same
Message-ID. Nothing of a letter but its number and the kind of a failure is ever logged.
"""

import hashlib
import logging
import re
import smtplib
import time
from dataclasses import dataclass
from datetime import timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction

from rivya_app.core import clock
from rivya_app.core.models import Letter
from rivya_app.core.sealed import SealBroken

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)  # longer than a talk with a mail server that waits out each step
# After each failed try: 46 hours in all.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, *[360] * 7))
RUN_FOR = 45  # seconds in which a run still takes letters
TURN = "letters:turn"  # one run at a time, so that a slow server holds up one thread and no more
TURN_FOR = 300  # seconds; a dead worker's turn ends by itself
REST = 30  # seconds in which a server that does not work is left alone
State = Letter.State


@dataclass(frozen=True)
class Trouble:
    """Why a letter did not leave. `is_final`: it never will; `is_servers`: none would now."""

    kind: str
    is_final: bool = False
    is_servers: bool = False


def send_due() -> None:
    """Send what is due, unless another run is at it: what it leaves, the next sweep finds."""
    if not cache.add(TURN, "taken", timeout=TURN_FOR):
        return
    is_well = False
    try:
        is_well = _send_all()
    finally:
        if is_well:
            cache.delete(TURN)
        else:
            cache.set(TURN, "resting", timeout=REST)


def _send_all() -> bool:
    """Letter after letter over one connection. False once the server itself does not work."""
    server, ends_at = get_connection(), time.monotonic() + RUN_FOR
    try:
        while time.monotonic() < ends_at:
            letter = _claim()
            if letter is None:
                break
            trouble = _send(letter, server)
            _settle(letter, trouble)
            if trouble and trouble.is_servers:
                return False
    finally:
        _hang_up(server)
    return True


def _hang_up(server: Any) -> None:
    try:
        server.close()
    except OSError:
        logger.info("the mail server was gone before the goodbye")


@transaction.atomic(durable=True)
def _claim() -> Letter | None:
    """The letter that is due longest, taken for LEASE. Its bodies are opened later: one that cannot
    be must not stand in the way of the others."""
    due = Letter.objects.filter(state=State.WAITING, next_try_at__lte=clock.now())
    waiting = due.defer("text", "html").select_for_update(skip_locked=True)
    letter = waiting.order_by("next_try_at").first()
    if letter is None:
        return None
    letter.try_count += 1
    letter.next_try_at = clock.now() + LEASE
    letter.save(update_fields=["try_count", "next_try_at"])
    return letter


def _send(letter: Letter, server: Any) -> Trouble | None:
    if letter.try_count > len(PAUSES) + 1:  # every worker that took it died of it
        return Trouble("never settled", is_final=True)
    try:
        message = _message(letter, server)
        server.open()  # else the backend opens and closes one for each letter
        message.send()
    except SealBroken:
        return Trouble("sealed with a key that is gone", is_final=True)
    except smtplib.SMTPRecipientsRefused as error:
        return _refused(*next(iter(error.recipients.values())))
    except smtplib.SMTPDataError as error:
        return Trouble(f"content refused: {error.smtp_code}", is_servers=error.smtp_code == 421)
    except OSError as error:  # the network, and every other word of smtplib
        return Trouble(_kind_of(error), is_servers=True)
    except ValueError:  # an address or a header that no message can carry
        return Trouble("not a message", is_final=True)
    return None


def _refused(code: int, words: bytes | str) -> Trouble:
    """What the server said of the address. 5xx is for good, but for what it says of us: that we
    may not send by it (530, 5.7.x), which somebody can put right."""
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    is_about_us = code == 530 or re.match(r"\s*5\.7\.", said) is not None
    return Trouble(
        f"address refused: {code}",
        is_final=500 <= code < 600 and not is_about_us,
        is_servers=code == 421 or is_about_us,
    )


def _kind_of(error: OSError) -> str:
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__}: {code}" if code else type(error).__name__


def _message(letter: Letter, server: Any) -> EmailMultiAlternatives:
    """The same message for every try. Raises SealBroken and ValueError."""
    text, html = letter.text.reveal(), letter.html.reveal()
    message = EmailMultiAlternatives(
        letter.subject,
        text,
        to=[letter.to],
        headers={**letter.headers, **_own_headers(letter)},
        connection=server,
    )
    if html:
        message.attach_alternative(html, "text/html")
    return message


def _own_headers(letter: Letter) -> dict[str, str]:
    name = hashlib.sha256(letter.key.encode()).hexdigest()[:40]
    return {
        "Message-ID": f"<{name}@{urlsplit(settings.SITE_URL).hostname or 'localhost'}>",
        "Date": format_datetime(letter.made_at),
        "Auto-Submitted": "auto-generated",
    }


def _settle(letter: Letter, trouble: Trouble | None) -> None:
    """Write down what became of it. That it was sent is true whoever sent it; a failure counts only
    while nobody took the letter over."""
    mine = Letter.objects.filter(pk=letter.pk, state=State.WAITING)
    if trouble is None:
        _close(mine, State.SENT, "")
        return
    logger.warning("letter %s not sent: %s", letter.pk, trouble.kind)
    mine = mine.filter(try_count=letter.try_count)
    if trouble.is_final or letter.try_count > len(PAUSES):
        _close(mine, State.GIVEN_UP, trouble.kind)
    else:
        pause = PAUSES[letter.try_count - 1]
        mine.update(next_try_at=clock.now() + pause, trouble=trouble.kind[:80])


def _close(mine: Any, state: State, kind: str) -> None:
    mine.update(
        state=state,
        trouble=kind[:80],
        settled_at=clock.now(),
        next_try_at=None,
        text="",
        html="",
    )
