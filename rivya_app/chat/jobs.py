"""Carries a question to Rivya and its answer back. HTTP is never inside a transaction here.

A turn is sent by whoever moves it from PENDING to STREAMING, and nothing sends it again behind a
send that may have arrived: what became of it is asked of Rivya's session (`settling.py`).
"""

import logging
import threading
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from rivya_app.chat import (
    actions,
    attachments,
    bodies,
    ears,
    endings,
    lifecycle,
    locks,
    schedule,
    sessions,
)
from rivya_app.chat.concluding import conclude, say_state
from rivya_app.chat.models import Status, Turn
from rivya_app.chat.scribe import scribe
from rivya_app.chat.teller import Teller
from rivya_app.core import clock
from rivya_app.gateway.access import sending_key, successor_of
from rivya_app.gateway.chat_models import chat_model_of
from rivya_app.gateway.clients import client_for
from rivya_app.gateway.models import ApiKey
from rivya_app.rivya_api import RivyaClient, errors
from rivya_app.rivya_api.assumptions import NOT_STREAMED_STATUSES
from rivya_app.rivya_api.chat_stream import ChatStream

logger = logging.getLogger(__name__)

_CLAIMED = ("send_count", "sent_at", "error_code", "next_check_at", "body", "body_sha256")


# Hundreds of answers may begin or end together, and the pool's connections are fewer.
_at_the_books = threading.BoundedSemaphore(settings.CHAT_AT_THE_BOOKS)


def answer(turn_id: UUID | str) -> None:
    """Ask Rivya, pass the answer on while it comes, and record its end.

    Does nothing where another worker is at it or it has gone on.
    """
    with _at_the_books:
        claimed = _claim(turn_id)
        _let_go_of_the_database()
    if claimed is None:
        return
    turn, body, key = claimed
    teller = Teller(turn)
    scribe().take(teller)
    failure: errors.RivyaError | None = None
    try:
        _listen(teller, turn, body, key)
    except errors.RivyaError as error:
        failure = error
    except Exception as error:  # noqa: BLE001  a fault of ours must not leave it open
        # Without its traceback, which may hold words of the answer.
        logger.error("turn %s broke off here: %s", turn.public_id, type(error).__name__)
    finally:
        scribe().drop(teller)
    with _at_the_books:
        conclude(teller, failure)
        _let_go_of_the_database()


def _let_go_of_the_database() -> None:
    """No connection is held while an answer is open (a test's transaction keeps its own)."""
    if not connection.in_atomic_block:
        connection.close()


@transaction.atomic(durable=True)
def _claim(turn_id: UUID | str) -> tuple[Turn, bytes, ApiKey] | None:
    """PENDING -> STREAMING, with a lease after which the sweep takes the worker for dead.

    Returns the turn, the bytes to send and the key that may; None where nothing is sent now. The
    one place where a pause holds questions back.
    """
    turn, is_paused = locks.lock_to_send(turn_id)
    if turn.status != Status.PENDING:
        return None
    if not (turn.member.is_active and turn.member.user.is_active):
        # They left, or their account was closed, while it was recorded.
        actions.withdraw(turn, cause="worker")
        return None
    if is_paused:
        _hold_back(turn, "paused", schedule.PUBLISH_PAUSE)
        return None
    key = sending_key(turn.api_key, is_uncertain=turn.is_uncertain)
    if key is None:
        code = successor_of(turn.api_key).last_error_code or "no_key"
        _hold_back(turn, code, schedule.KEY_REFUSED_PAUSE)
        return None
    if sessions.is_looked_for(turn):
        _hold_back(turn, "session", schedule.SESSION_PAUSE)
        return None
    body = _body_to_send(turn)
    if body is None:
        return None
    turn.send_count += 1
    turn.sent_at = clock.now()
    turn.error_code = turn.waits_for = ""
    turn.next_check_at = clock.now() + timedelta(seconds=schedule.LEASE)
    details = {"send": turn.send_count}
    lifecycle.move(turn, Status.STREAMING, cause="worker", details=details, only=_CLAIMED)
    return turn, body, key


def _hold_back(turn: Turn, code: str, seconds: float) -> None:
    """It keeps its place; pages say what it waits for. Noted once."""
    turn.next_check_at = clock.now() + timedelta(seconds=seconds)
    if turn.error_code == code:
        turn.save(update_fields=["next_check_at"])
        return
    turn.error_code = turn.waits_for = code[:40]
    lifecycle.note(turn, "waiting", cause="worker", details={"code": code})
    say_state(turn, code)


def _body_to_send(turn: Turn) -> bytes | None:
    """The frozen bytes; None where the turn waits for its pictures, or was closed here.

    Bytes that no send has used yet are frozen anew where the session was told since.
    """
    is_joining = turn.conversation.session_id and not bodies.session_asked(turn)
    if not turn.body or (is_joining and turn.send_count == 0):
        try:
            file_ids = attachments.ready_ids(turn)
        except attachments.NeverReady as problem:
            endings.close_unpaid(turn, Status.FAILED, cause="worker", code=problem.code)
            return None
        if file_ids is None:
            turn.save(update_fields=["next_check_at", "waits_for", "error_code"])
            say_state(turn, turn.error_code or turn.waits_for)
            return None
        model = chat_model_of(turn.workflow, turn.model_id)
        if model is None:
            code = "chat_model_not_supported"
            endings.close_unpaid(turn, Status.FAILED, cause="worker", code=code)
            return None
        session_id = turn.conversation.session_id
        bodies.freeze(turn, model, session_id=session_id, file_ids=file_ids)
    try:
        return bodies.exact_bytes(turn)
    except bodies.BodyChanged:
        # Other bytes under the same key would be another question.
        endings.close_unpaid(turn, Status.FAILED, cause="worker", code="body_changed")
        return None


# --- Listening ------------------------------------------------------------------------------------


def _listen(teller: Teller, turn: Turn, body: bytes, key: ApiKey) -> None:
    """Raises errors.RivyaError where the call, or the stream in its middle, failed."""
    with client_for(key) as rivya, _opened(rivya, turn, body, teller) as stream:
        teller.listen_to(stream)
        ears.listen(stream, teller.hear)


def _opened(rivya: RivyaClient, turn: Turn, body: bytes, teller: Teller) -> ChatStream:
    """The open answer: streamed, or in one piece where that is wanted or streaming is not offered.

    The refusal of a stream is Rivya's word that nothing began, so the same question may be put to
    the other address under the same key.
    """
    name = str(turn.idempotency_key)
    if turn.is_streamed:
        with suppress(_NotStreamed):
            _stay_stopped(teller)
            return _stream(rivya, body, name)
    _stay_stopped(teller)
    teller.is_whole = True
    return rivya.chat.open_whole(body, idempotency_key=name)


def _stay_stopped(teller: Teller) -> None:
    if teller.is_stopped:
        raise errors.TransportError("stopped before it was asked", maybe_sent=False)


class _NotStreamed(Exception):
    pass


def _stream(rivya: RivyaClient, body: bytes, name: str) -> ChatStream:
    try:
        return rivya.chat.stream(body, idempotency_key=name)
    except errors.ApiError as error:
        # A 404 with a word of Rivya's is about something in the question, not about the address.
        is_about_address = error.status in NOT_STREAMED_STATUSES and not (
            error.status == 404 and error.code
        )
        if is_about_address and not error.follows_doubt:
            raise _NotStreamed from None
        raise
