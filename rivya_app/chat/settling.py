"""Asks Rivya's session what became of a turn whose end, or cost, was not seen. Reads only; nothing
is ever asked again.

ASSUMED: a session shows its messages in order, an answer with its tokens and credits. Rivya's pages
show no session; where it shows less, the turn ends with what is known, and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction

from rivya_app.chat import bodies, endings, locks, schedule, sessions
from rivya_app.chat.models import CLOSED_STATUSES, Conversation, Status, Turn
from rivya_app.core import clock
from rivya_app.gateway.access import acting_key
from rivya_app.gateway.clients import client_for
from rivya_app.gateway.models import ApiKey
from rivya_app.rivya_api import RivyaClient, errors
from rivya_app.rivya_api.chat_types import ChatMessage, ChatSession

CANDIDATES = 5  # sessions looked into for one whose id was never told
_CLOCKS_DIFFER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Found:
    """What a session says of a turn; without `has_question` it knows nothing of it."""

    session_id: str = ""
    has_question: bool = False
    answer: ChatMessage | None = None


def settle(turn_id: UUID | str) -> None:
    """One look. Does nothing for a turn that is open, settled, or not due."""
    claimed = _claim(turn_id)
    if claimed is None:
        return
    turn, key = claimed
    try:
        found = _ask(turn, key)
    except errors.RivyaError as error:
        if not _is_hopeless(turn, error):
            return  # its next look is set already
        found = Found()
    _apply(turn_id, found)


def _ask(turn: Turn, key: ApiKey) -> Found:
    if not key.secret:  # forgotten, and no other key of the workspace has one
        raise errors.TransportError("no key can ask", maybe_sent=False)
    with client_for(key) as rivya:
        return _look(rivya, turn)


def _is_hopeless(turn: Turn, error: errors.RivyaError) -> bool:
    """Whether no later look will be told more: what is held must not stay held for ever."""
    if turn.check_count >= schedule.MOST_LOOKS:
        return True
    is_about_key = isinstance(error, errors.AuthenticationFailed | errors.ApiScopeDenied)
    is_final = isinstance(error, errors.ApiError) and not (error.is_retryable or error.maybe_sent)
    return is_final and not is_about_key


@transaction.atomic(durable=True)
def _claim(turn_id: UUID | str) -> tuple[Turn, ApiKey] | None:
    """Count the look, and set the next one behind it."""
    turn = locks.lock(turn_id)
    if turn.status not in CLOSED_STATUSES or turn.is_settled or turn.next_check_at is None:
        return None
    if turn.next_check_at > clock.now():
        return None
    turn.check_count += 1
    turn.next_check_at = clock.now() + timedelta(seconds=schedule.next_check(turn.check_count))
    turn.save(update_fields=["check_count", "next_check_at"])
    return turn, acting_key(turn.api_key)


# --- Looking; no transaction ----------------------------------------------------------------------


def _look(rivya: RivyaClient, turn: Turn) -> Found:
    """Raises errors.RivyaError but for a session that is not there.

    A question that began a session of its own may stand in another one than the conversation goes
    on in, where the one before it broke off before its session was told.
    """
    asked = bodies.session_asked(turn)
    known = asked or turn.conversation.session_id
    session = _session(rivya, known) if known else None
    found = _in_session(turn, session) if session else Found()
    return found if found.has_question or asked else _search(rivya, turn)


def _session(rivya: RivyaClient, session_id: str) -> ChatSession | None:
    try:
        return rivya.chat.sessions.get(session_id)
    except errors.NotFound:
        return None


def _search(rivya: RivyaClient, turn: Turn) -> Found:
    """The session that this first question began, if Rivya lists one that holds it."""
    likely = [one for one in rivya.chat.sessions.list() if _may_be_of(one, turn)]
    known = set(
        Conversation.objects.filter(
            workspace=turn.workspace_id, session_id__in=[one.id for one in likely]
        ).values_list("session_id", flat=True)
    )
    unknown = [one for one in likely if one.id not in known]
    for listed in sorted(unknown, key=partial(_distance, turn))[:CANDIDATES]:
        session = _session(rivya, listed.id)
        found = _in_session(turn, session) if session else Found()
        if found.has_question:
            return found
    return Found()


def _distance(turn: Turn, session: ChatSession) -> float:
    """Seconds between the question and the session's beginning; an account may have many."""
    begun: datetime = turn.sent_at or turn.created_at
    return abs((session.created_at - begun).total_seconds()) if session.created_at else 0


def _may_be_of(session: ChatSession, turn: Turn) -> bool:
    begun: datetime = turn.sent_at or turn.created_at
    if session.model and session.model != turn.model_id:
        return False
    return session.created_at is None or session.created_at >= begun - _CLOCKS_DIFFER


def _in_session(turn: Turn, session: ChatSession) -> Found:
    """The question with this turn's words, and what stands behind it.

    The same words may have been asked more often. A place whose answer is known to be another
    turn's is not this one's; the others belong, from the end, to the turns that look for theirs.
    """
    text = bodies.message_of(turn)
    places = [
        n for n, one in enumerate(session.messages) if one.role == "user" and one.text == text
    ]
    answers = {place: _behind(session.messages, place) for place in places}
    taken = _message_ids_of_others(turn)
    free = [place for place in places if not (found := answers[place]) or found.id not in taken]
    twins = _looking_for(text, turn)
    position = len(free) - len(twins) + twins.index(turn.pk)
    if position < 0:
        return Found(session.id)
    return Found(session.id, has_question=True, answer=answers[free[position]])


def _behind(messages: Sequence[ChatMessage], place: int) -> ChatMessage | None:
    following = messages[place + 1 : place + 2]
    return next((message for message in following if message.role != "user"), None)


def _message_ids_of_others(turn: Turn) -> set[str]:
    others = turn.conversation.turns.exclude(pk=turn.pk).exclude(message_id="")
    return set(others.values_list("message_id", flat=True))


def _looking_for(text: str, turn: Turn) -> list[int]:
    """The conversation's turns with these words that were sent and have no cost yet, in order."""
    rows = turn.conversation.turns.filter(settled_at=None, send_count__gt=0, message_id="")
    found = {one.pk for one in rows if bodies.message_of(one) == text} | {turn.pk}
    ordered = turn.conversation.turns.filter(pk__in=found).order_by("number")
    return list(ordered.values_list("pk", flat=True))


# --- Applying -------------------------------------------------------------------------------------


@transaction.atomic(durable=True)
def _apply(turn_id: UUID | str, found: Found) -> None:
    turn = locks.lock_with_conversation(turn_id)
    if turn.is_settled:
        return
    if found.has_question and not sessions.keep(turn, found.session_id):
        return  # another conversation was told of it meanwhile, so the next look leaves it out
    answer = found.answer
    if answer is not None and answer.final_credits is not None:
        endings.told_by_session(turn, answer)
    elif answer is not None:
        if turn.check_count >= _looks_for_cost(turn):
            endings.cost_untold(turn, answer)
    elif turn.check_count >= _most_looks(turn):
        if _was_answered(turn, found):
            endings.cost_untold(turn, None)
        else:
            endings.no_answer_found(turn, has_question=found.has_question)


def _was_answered(turn: Turn, found: Found) -> bool:
    """Whether Rivya wrote something, though its session shows nothing of it."""
    is_seen = bool(turn.answer) and not found.has_question and turn.status != Status.FAILED
    return turn.status == Status.ANSWERED or is_seen


def _looks_for_cost(turn: Turn) -> int:
    """What broke off may still be written, and its cost is told at its end."""
    is_whole = turn.status == Status.ANSWERED
    return schedule.LOOKS_FOR_COST if is_whole else schedule.LOOKS_AFTER_BREAK


def _most_looks(turn: Turn) -> int:
    if turn.status == Status.FAILED:
        return schedule.LOOKS_AFTER_FAILURE
    return schedule.LOOKS_AFTER_BREAK
