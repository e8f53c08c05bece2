"""What an answer that ended, broke off or was refused means for its turn. Asks nobody.

A refusal that proves nothing was taken may wait and be sent again; silence never is.
"""

from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from django.db import transaction

from rivya_app.chat import attachments, bodies, endings, feed, lifecycle, locks, schedule, sessions
from rivya_app.chat.models import Status, Turn
from rivya_app.chat.teller import Teller
from rivya_app.core import clock
from rivya_app.rivya_api import errors

KEY_ERRORS = (errors.AuthenticationFailed, errors.ApiScopeDenied)
# Answers that prove the call was not taken up, though it may be later.
NOT_NOW = (errors.RateLimited, errors.PublicApiDisabled, errors.RateBudgetExceeded)
# Refusals that may mean that a file id in the body is no longer good.
_ABOUT_A_FILE = (errors.ValidationFailed, errors.NotFound, errors.ChatAttachmentNotSupported)


@transaction.atomic(durable=True)
def conclude(teller: Teller, failure: errors.RivyaError | None) -> None:
    """Record how an answer ended, once: what was closed meanwhile takes its cost and its words."""
    turn = locks.lock_with_conversation(teller.turn_id)
    if turn.send_count != teller.send or turn.status == Status.PENDING:
        return
    if turn.is_settled:
        _note_words(turn, teller)
        return
    _note_call(turn, teller, failure)
    completion = teller.completion
    if completion is not None:
        sessions.keep(turn, completion.session_id)
        endings.answered(turn, completion, text=teller.text, cause="worker")
    elif turn.status != Status.STREAMING:
        _note_late(turn, teller, failure)
    elif teller.is_stopped or turn.stop_asked_at is not None:
        _stopped(turn, teller, failure)
    elif teller.failure is not None:
        endings.failed_in_stream(turn, teller.failure, text=teller.text)
    elif teller.text or failure is None:
        endings.interrupted(turn, text=teller.text, cause="worker", code=_code(failure))
    else:
        _refused(turn, failure)


@transaction.atomic(durable=True)
def conclude_stopped(teller: Teller) -> None:
    """Somebody stopped it: said at once, without waiting for the call to come back."""
    turn = locks.lock_with_conversation(teller.turn_id)
    if turn.status == Status.STREAMING and turn.send_count == teller.send:
        _note_call(turn, teller, None)
        endings.stopped(turn, text=teller.text, cause="person")


def _note_late(turn: Turn, teller: Teller, failure: errors.RivyaError | None) -> None:
    """It was closed without its worker, which now knows more of it: words that were shown, or that
    Rivya never took it up."""
    if failure is not None and _proves_nothing_taken(turn, teller, failure):
        endings.proved_unpaid(turn, code=_code(failure))
    else:
        _note_words(turn, teller)


def _note_words(turn: Turn, teller: Teller) -> None:
    if turn.status == Status.INTERRUPTED:
        whole = teller.completion.text if teller.completion else ""
        endings.heard_more(turn, text=max(teller.text, whole, key=len))


def _stopped(turn: Turn, teller: Teller, failure: errors.RivyaError | None) -> None:
    """Somebody wanted it to end, though maybe nobody here had heard of it yet."""
    if failure is not None and _proves_nothing_taken(turn, teller, failure):
        endings.close_unpaid(turn, Status.STOPPED, cause="worker")
    else:
        endings.stopped(turn, text=teller.text, cause="worker")


def _proves_nothing_taken(turn: Turn, teller: Teller, failure: errors.RivyaError) -> bool:
    if turn.is_uncertain or teller.session_id or teller.text or teller.failure is not None:
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
    """Back to PENDING, to be sent again with the same key and bytes; for an hour at most, and so
    not at all where Rivya wants more than what is left of it."""
    turn.is_uncertain = turn.is_uncertain or error.maybe_sent or error.follows_doubt
    turn.trouble_count += 1
    pause = seconds or schedule.back_off(turn.trouble_count, error.retry_after)
    turn.next_check_at = clock.now() + timedelta(seconds=pause)
    if turn.next_check_at - _first_sent_at(turn) > timedelta(seconds=schedule.MOST_WAITING):
        _give_up(turn)
        return
    code = _code(error)
    turn.error_code = turn.waits_for = code[:40]
    lifecycle.move(turn, Status.PENDING, cause="worker", kind="waiting", details={"code": code})
    say_state(turn, code)


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


def say_state(turn: Turn, code: str) -> None:
    """Tell the open pages what it waits for, once this transaction is committed."""
    entry = (turn.public_id, feed.state(code))
    transaction.on_commit(partial(feed.write, [entry]), robust=True)


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
