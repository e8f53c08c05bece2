"""Carries a question to Rivya and its answer back. HTTP is never inside a transaction here.

A turn is sent by whoever moves it from PENDING to STREAMING, and nothing sends it again behind a
send that may have arrived: what became of it is asked of Rivya's session (`settling.py`).
"""

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.models import QuerySet

from rivya_app.chat import (
    actions,
    attachments,
    bodies,
    endings,
    feed,
    lifecycle,
    schedule,
    sessions,
)
from rivya_app.chat.models import Conversation, Status, Turn
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
from rivya_app.workspaces import pauses

logger = logging.getLogger(__name__)

KEY_ERRORS = (errors.AuthenticationFailed, errors.ApiScopeDenied)
# Answers that prove the call was not taken up, though it may be later.
NOT_NOW = (errors.RateLimited, errors.PublicApiDisabled, errors.RateBudgetExceeded)
# Refusals that may mean that a file id in the body is no longer good.
_ABOUT_A_FILE = (errors.ValidationFailed, errors.NotFound, errors.ChatAttachmentNotSupported)


_CLAIMED = ("send_count", "sent_at", "error_code", "next_check_at", "body", "body_sha256")


def answer(turn_id: UUID | str) -> None:
    """Ask Rivya, pass the answer on while it comes, and record its end.

    Does nothing where another worker is at it or it has gone on.
    """
    claimed = _claim(turn_id)
    if claimed is None:
        return
    turn, body, key = claimed
    teller = Teller(turn)
    scribe().take(teller)
    _let_go_of_the_database()
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
    conclude(teller, failure)


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
    turn = _lock_to_send(turn_id)
    if turn.status != Status.PENDING:
        return None
    if not turn.member.is_active:  # they left while it was recorded
        actions.withdraw(turn, cause="worker")
        return None
    if pauses.is_paused(turn.workspace_id):
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
    _say_state(turn, code)


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
            _say_state(turn, turn.error_code or turn.waits_for)
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


def _say_state(turn: Turn, code: str) -> None:
    entry = (turn.public_id, feed.state(code))
    transaction.on_commit(partial(feed.write, [entry]), robust=True)


# --- Listening ------------------------------------------------------------------------------------


def _listen(teller: Teller, turn: Turn, body: bytes, key: ApiKey) -> None:
    """Raises errors.RivyaError where the call, or the stream in its middle, failed."""
    with client_for(key) as rivya, _opened(rivya, turn, body, teller) as stream:
        teller.listen_to(stream)
        stream.before_each_read(partial(_rest, teller))
        for event in stream:
            teller.hear(event)
            scribe().has_news()


def _rest(teller: Teller) -> None:
    """The first word is never waited for."""
    if teller.first_word_at is not None:
        scribe().rest()


def _opened(rivya: RivyaClient, turn: Turn, body: bytes, teller: Teller) -> ChatStream:
    """The open answer: streamed, or in one piece where that is wanted or streaming is not offered.

    The refusal of a stream is Rivya's word that nothing began, so the same question may be put to
    the other address under the same key.
    """
    name = str(turn.idempotency_key)
    if turn.is_streamed:
        with suppress(_NotStreamed):
            return _stream(rivya, body, name)
    if teller.is_stopped:
        raise errors.TransportError("stopped before it was asked", maybe_sent=False)
    teller.is_whole = True
    return rivya.chat.open_whole(body, idempotency_key=name)


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


# --- The end --------------------------------------------------------------------------------------


@transaction.atomic(durable=True)
def conclude(teller: Teller, failure: errors.RivyaError | None) -> None:
    """Record how an answer ended, once: a turn that was closed meanwhile takes only its cost."""
    turn = lock_with_conversation(teller.turn_id)
    if turn.is_settled or turn.send_count != teller.send or turn.status == Status.PENDING:
        return
    _note_call(turn, teller, failure)
    completion = teller.completion
    if completion is not None:
        sessions.keep(turn, completion.session_id)
        endings.answered(turn, completion, text=teller.text, cause="worker")
    elif turn.status != Status.STREAMING:
        _note_late(turn, teller, failure)
    elif teller.is_stopped:
        endings.stopped(turn, text=teller.text, cause="worker")
    elif teller.failure is not None:
        endings.failed_in_stream(turn, teller.failure, text=teller.text)
    elif teller.text or failure is None:
        endings.interrupted(turn, text=teller.text, cause="worker", code=_code(failure))
    else:
        _refused(turn, failure)


@transaction.atomic(durable=True)
def conclude_stopped(teller: Teller) -> None:
    """Somebody stopped it: said at once, without waiting for the call to come back."""
    turn = lock_with_conversation(teller.turn_id)
    if turn.status == Status.STREAMING and turn.send_count == teller.send:
        _note_call(turn, teller, None)
        endings.stopped(turn, text=teller.text, cause="person")


def _note_late(turn: Turn, teller: Teller, failure: errors.RivyaError | None) -> None:
    """It was closed without its worker, which now knows more of it: words that were shown, or that
    Rivya never took it up."""
    if failure is not None and not turn.is_uncertain and _proves_nothing_taken(teller, failure):
        endings.proved_unpaid(turn, code=_code(failure))
    elif turn.status == Status.INTERRUPTED:
        endings.heard_more(turn, text=teller.text)


def _proves_nothing_taken(teller: Teller, failure: errors.RivyaError) -> bool:
    if teller.session_id or teller.text or teller.failure is not None:
        return False
    return not (failure.maybe_sent or failure.follows_doubt or _is_unanswered_word(failure))


def _is_unanswered_word(failure: errors.RivyaError) -> bool:
    """An answer of which nobody can say that it is Rivya's."""
    return isinstance(failure, errors.ApiError) and not failure.code


def _note_call(turn: Turn, teller: Teller, failure: errors.RivyaError | None) -> None:
    said = teller.request_id or getattr(failure, "request_id", "")
    turn.request_id = str(said or turn.request_id)[:120]
    turn.first_word_at = turn.first_word_at or teller.first_word_at
    turn.is_streamed = turn.is_streamed and not teller.is_whole
    sessions.keep(turn, teller.session_id)


def _refused(turn: Turn, error: errors.RivyaError) -> None:
    """No word of an answer came. Decide from the refusal, or from silence, what is known."""
    if isinstance(error, KEY_ERRORS):
        _wait(turn, error, seconds=schedule.KEY_REFUSED_PAUSE)
    elif isinstance(error, NOT_NOW) or not _may_have_arrived(error):
        _wait(turn, error)
    elif isinstance(error, errors.IdempotencyConflict) or _is_unanswered(error):
        turn.is_uncertain = True
        endings.interrupted(turn, text="", cause="worker", code=_code(error))
    elif _is_busy_session(turn, error):
        _wait(turn, error, seconds=schedule.CONFLICT_PAUSE)
    elif _is_about_a_file(turn, error):
        _send_files_afresh(turn, error)
    else:
        _fail(turn, error)


def _may_have_arrived(error: errors.RivyaError) -> bool:
    """False only for a call that never left."""
    return error.maybe_sent or not isinstance(error, errors.TransportError)


def _is_unanswered(error: errors.RivyaError) -> bool:
    """Whether the answer proves nothing: silence, a server's failure, or not Rivya's words."""
    if not isinstance(error, errors.ApiError):
        return True
    return error.maybe_sent or error.follows_doubt or error.is_retryable or not error.code


def _is_busy_session(turn: Turn, error: errors.RivyaError) -> bool:
    """Rivya may still be writing the turn before, which broke off here."""
    if not isinstance(error, errors.ChatSessionConflict):
        return False
    unsettled = turn.conversation.turns.filter(settled_at=None).exclude(pk=turn.pk)
    return turn.trouble_count < schedule.MOST_CONFLICTS and (
        unsettled.exists() or turn.trouble_count == 0
    )


def _is_about_a_file(turn: Turn, error: errors.RivyaError) -> bool:
    """Rivya may have dropped a picture. This is an answer to this very key and these very bytes,
    so nothing was made of them; sending afresh under a new key cannot charge twice. Once."""
    is_certain = not (turn.is_uncertain or error.maybe_sent or error.follows_doubt)
    is_first = not turn.events.filter(kind="attachments_renewed").exists()
    has_files = turn.attachment_count > 0
    return isinstance(error, _ABOUT_A_FILE) and has_files and is_certain and is_first


def _send_files_afresh(turn: Turn, error: errors.RivyaError) -> None:
    attachments.send_afresh(turn, bodies.file_ids(turn))
    details = {"code": error.code, "key_before": str(turn.idempotency_key)}
    turn.idempotency_key = uuid4()
    turn.body = turn.body_sha256 = ""
    turn.waits_for = attachments.WAITS
    turn.next_check_at = clock.now() + timedelta(seconds=1)
    lifecycle.move(
        turn, Status.PENDING, cause="worker", kind="attachments_renewed", details=details
    )


def _wait(turn: Turn, error: errors.RivyaError, *, seconds: float | None = None) -> None:
    """Back to PENDING, to be sent again with the same key and bytes; for an hour at most."""
    turn.is_uncertain = turn.is_uncertain or error.maybe_sent or error.follows_doubt
    if clock.now() - _first_sent_at(turn) > timedelta(seconds=schedule.MOST_WAITING):
        _give_up(turn)
        return
    turn.trouble_count += 1
    code = _code(error)
    turn.error_code = turn.waits_for = code[:40]
    pause = seconds or schedule.back_off(turn.trouble_count, error.retry_after)
    turn.next_check_at = clock.now() + timedelta(seconds=pause)
    lifecycle.move(turn, Status.PENDING, cause="worker", kind="waiting", details={"code": code})
    _say_state(turn, code)


def _first_sent_at(turn: Turn) -> datetime:
    """An owner's yes, or a pause, may have come first; they do not count."""
    first = turn.events.filter(status_after=Status.STREAMING).order_by("id").first()
    return first.created_at if first else clock.now()


def _give_up(turn: Turn) -> None:
    if turn.is_uncertain:
        endings.interrupted(turn, text="", cause="worker", code="waited_too_long")
    else:
        endings.close_unpaid(turn, Status.FAILED, cause="worker", code="waited_too_long")


def _fail(turn: Turn, error: errors.RivyaError) -> None:
    """Rivya said no for good, so nothing was taken."""
    if isinstance(error, errors.ChatSessionConflict) or _is_session_gone(turn, error):
        turn.conversation.closed_code = _code(error)
        turn.conversation.save(update_fields=["closed_code"])
    endings.close_unpaid(turn, Status.FAILED, cause="worker", code=_code(error))


def _is_session_gone(turn: Turn, error: errors.RivyaError) -> bool:
    return isinstance(error, errors.NotFound) and bool(bodies.session_asked(turn))


def _lock(turn_id: UUID | str) -> Turn:
    related = _rows().select_related(
        "workspace", "conversation", "workflow", "api_key", "member__user"
    )
    return related.get(public_id=turn_id)


def _lock_to_send(turn_id: UUID | str) -> Turn:
    """Somebody waits for the first word: what sending does not need is read where it is needed."""
    return _rows().select_related("api_key", "member").get(public_id=turn_id)


def _rows() -> QuerySet[Turn]:
    return Turn.objects.select_for_update(of=("self",))


def lock_with_conversation(turn_id: UUID | str) -> Turn:
    """Conversation before turn, as everywhere."""
    held = Conversation.objects.select_for_update(of=("self",)).get(turns__public_id=turn_id)
    turn = _lock(turn_id)
    turn.conversation = held
    return turn


def _code(error: errors.RivyaError | None) -> str:
    """Rivya's own word; else what is known of the answer, or that none came."""
    if error is None:
        return "no_answer"
    if error.code:
        return error.code[:80]
    if isinstance(error, errors.RateBudgetExceeded):
        return "rate_budget"
    if isinstance(error, errors.StreamInterrupted):
        return "stream_silent" if error.is_timeout else "stream_broken"
    if isinstance(error, errors.BadResponse):
        return "bad_answer"
    return f"http_{error.status}" if isinstance(error, errors.ApiError) else "no_answer"
