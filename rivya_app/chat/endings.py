"""How a turn ends, and what it costs. For locked turns inside the caller's transaction; the only
module that closes a turn's hold.
"""

from datetime import timedelta
from functools import partial

from django.db import transaction

from rivya_app.chat import feed, lifecycle, schedule, telling
from rivya_app.chat.models import Status, Turn
from rivya_app.core import clock
from rivya_app.credits import ledger, wallet
from rivya_app.rivya_api.chat_types import ChatMessage, Completion
from rivya_app.rivya_api.errors import ApiError
from rivya_app.workspaces.models import Membership

_LATER_TOLD = (Status.STREAMING, Status.INTERRUPTED)  # may still become an answer


def answered(turn: Turn, completion: Completion, *, text: str, cause: str) -> None:
    """Rivya ended the answer. Without totals its cost is asked of the session."""
    turn.message_id = completion.message_id[:200] or turn.message_id
    is_open_ended = turn.status in _LATER_TOLD
    if is_open_ended or not turn.answer:
        # Words that were shown never go away, whatever the end calls the whole answer.
        turn.answer = max(completion.text, text, turn.answer, key=len)
    if completion.has_totals:
        _settle_by(turn, completion)
    else:
        _look_soon(turn)
    turn.is_uncertain = False
    if is_open_ended:
        turn.error_code = ""
        lifecycle.move(turn, Status.ANSWERED, cause=cause, details=_facts(turn))
    else:
        lifecycle.note(turn, "cost_told", cause=cause, details=_facts(turn))
    end_feed(turn)


def stopped(turn: Turn, *, text: str, cause: str) -> None:
    """Somebody stopped it. Rivya may go on writing and charging, so its cost is asked."""
    turn.answer = text
    _look_soon(turn)
    lifecycle.move(turn, Status.STOPPED, cause=cause)
    end_feed(turn)


def interrupted(turn: Turn, *, text: str, cause: str, code: str) -> None:
    """Its end was not seen. What came is kept; nothing is asked again."""
    turn.answer = text
    turn.error_code = code[:80]
    _look_soon(turn)
    lifecycle.move(turn, Status.INTERRUPTED, cause=cause, details={"code": code[:80]})
    end_feed(turn)


def failed_in_stream(turn: Turn, error: ApiError, *, text: str) -> None:
    """Rivya said in the middle that it failed; whether it cost something, the session tells."""
    turn.answer = text
    turn.error_code = (error.code or "generation_failed")[:80]
    turn.request_id = (error.request_id or turn.request_id)[:120]
    _look_soon(turn)
    lifecycle.move(turn, Status.FAILED, cause="worker", details={"code": turn.error_code})
    end_feed(turn)


def heard_more(turn: Turn, *, text: str) -> None:
    """Its worker was taken for dead and was not: pages were shown words that the row lacks."""
    if len(text) > len(turn.answer):
        turn.answer = text
        lifecycle.note(turn, "heard_more", cause="worker")
        end_feed(turn)


def proved_unpaid(turn: Turn, *, code: str) -> None:
    """It was closed before its call came back, and that says that nothing was taken."""
    _settle_at_nothing(turn)
    lifecycle.note(turn, "refused_late", cause="worker", details={"code": code[:80]})
    end_feed(turn)


def close_unpaid(
    turn: Turn, status: Status, *, cause: str, code: str = "", member: Membership | None = None
) -> None:
    """It cost nothing, for sure: close it and give back what was held, if anything was."""
    turn.error_code = code[:80]
    _settle_at_nothing(turn)
    lifecycle.move(turn, status, cause=cause, member=member, details={"code": code[:80]})
    end_feed(turn)


# --- Told by the session; closed turns ------------------------------------------------------------


def told_by_session(turn: Turn, message: ChatMessage) -> None:
    """The session holds the answer, with its cost: the whole text is there to be read."""
    turn.message_id = message.id[:200] or turn.message_id
    _take_text(turn, message)
    _settle_by(turn, message)
    turn.is_uncertain = False
    _tell_or_move(turn, "cost_told")


def cost_untold(turn: Turn, message: ChatMessage | None) -> None:
    """There was an answer, and Rivya never says what it cost: what was held counts as spent, and
    says so. The wallet's next reading shows the difference. None: its session shows no answer."""
    if message is not None:
        turn.message_id = message.id[:200] or turn.message_id
        _take_text(turn, message)
        _count_tokens(turn, message)
    _settle_at_held(turn)
    if message is None:
        lifecycle.note(turn, "cost_guessed", cause="session", details=_facts(turn))
        end_feed(turn)
        return
    _tell_or_move(turn, "cost_guessed")


def no_answer_found(turn: Turn, *, has_question: bool) -> None:
    """The session shows no answer. Where it shows the question, what Rivya took is unknown."""
    _settle_at_nothing(turn)
    turn.is_cost_guessed = has_question
    lifecycle.note(turn, "no_answer_found", cause="session", details=_facts(turn))
    end_feed(turn)


def given_up(turn: Turn, *, member: Membership, reason: str) -> None:
    """Somebody ends the search for its cost. Where some of an answer came, Rivya most likely
    charged for it, so what was held counts as spent; else nothing does. Both say it is a guess,
    and the wallet's next reading shows the difference."""
    if turn.answer:
        _settle_at_held(turn)
    else:
        _settle_at_nothing(turn)
        turn.is_cost_guessed = True
    details = {"why": reason, **_facts(turn)}
    lifecycle.note(turn, "desk_gave_up", cause="person", member=member, details=details)
    end_feed(turn)


def _take_text(turn: Turn, message: ChatMessage) -> None:
    """What was stopped or failed keeps what was seen of it; what broke off, or ended without a
    word that it had ended, gets its end. Words that were shown never go away."""
    is_open_ended = turn.status in (Status.INTERRUPTED, Status.ANSWERED)
    if not turn.answer or (is_open_ended and len(message.text) >= len(turn.answer)):
        turn.answer = message.text


def _tell_or_move(turn: Turn, kind: str) -> None:
    if turn.status == Status.INTERRUPTED:
        turn.error_code = ""
        lifecycle.move(
            turn, Status.ANSWERED, cause="session", kind="recovered", details=_facts(turn)
        )
    else:
        lifecycle.note(turn, kind, cause="session", details=_facts(turn))
    end_feed(turn)


# --- Money ----------------------------------------------------------------------------------------


def _settle_by(turn: Turn, told: Completion | ChatMessage) -> None:
    """By Rivya's own numbers."""
    _count_tokens(turn, told)
    final = told.final_credits if told.final_credits is not None else ledger.ZERO
    if told.reserved_credits is not None:
        turn.reserved_credits = told.reserved_credits
        ledger.confirm_reserved(turn.reference, told.reserved_credits)
    ledger.settle(turn.reference, final)
    turn.final_credits = final
    _mark_settled(turn)


def _settle_at_held(turn: Turn) -> None:
    """Rivya never said what it cost."""
    final = turn.reserved_credits or turn.estimated_credits
    ledger.settle(turn.reference, final)
    turn.final_credits, turn.is_cost_guessed = final, True
    _mark_settled(turn)


def _settle_at_nothing(turn: Turn) -> None:
    if ledger.is_held(turn.reference):
        ledger.release(turn.reference)
    turn.final_credits = ledger.ZERO
    _mark_settled(turn)


def _mark_settled(turn: Turn) -> None:
    turn.settled_at = clock.now()
    turn.finished_at = turn.finished_at or turn.settled_at
    turn.next_check_at = None
    turn.is_uncertain = False
    wallet.read_soon(turn.workspace)


def _count_tokens(turn: Turn, told: Completion | ChatMessage) -> None:
    if told.usage is not None:
        turn.input_tokens = told.usage.input_tokens
        turn.output_tokens = told.usage.output_tokens


def _look_soon(turn: Turn) -> None:
    turn.next_check_at = clock.now() + timedelta(seconds=schedule.next_check(0))


def _facts(turn: Turn) -> dict[str, str]:
    return {"credits": str(turn.final_credits)} if turn.final_credits is not None else {}


def end_feed(turn: Turn) -> None:
    """Tell the open pages, once this transaction is committed, and the asker where it was long."""
    telling.ended(turn)
    entry = (turn.public_id, feed.Entry(feed.END, turn.status))
    transaction.on_commit(partial(feed.write, [entry]), robust=True)
