"""Asks Rivya's session what became of a turn whose end, or cost, was not seen. Reads only; nothing
is ever asked again.

ASSUMED: a session shows its messages in order, an answer with its tokens and credits. Rivya's pages
show no session; where it shows less, the turn ends with what is known, and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from rivya_app.chat import bodies, endings, jobs, schedule
from rivya_app.chat.models import CLOSED_STATUSES, Conversation, Status, Turn
from rivya_app.core import clock
from rivya_app.gateway.access import acting_key
from rivya_app.gateway.clients import client_for
from rivya_app.gateway.models import ApiKey
from rivya_app.rivya_api import RivyaClient, errors
from rivya_app.rivya_api.chat_types import ChatMessage, ChatSession

CANDIDATES = 5  # sessions looked into for one whose id was never told
_CLOCKS_DIFFER = timedelta(minutes=2)
_LEASE = timedelta(seconds=60)  # of one look


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
        with client_for(key) as rivya:
            found = _look(rivya, turn)
    except errors.RivyaError:
        return  # its next look is set already
    _apply(turn_id, found)


@transaction.atomic(durable=True)
def _claim(turn_id: UUID | str) -> tuple[Turn, ApiKey] | None:
    """Count the look, and set the next one behind it."""
    turn = _lock(turn_id)
    if turn.status not in CLOSED_STATUSES or turn.is_settled or turn.next_check_at is None:
        return None
    if turn.next_check_at > clock.now():
        return None
    turn.check_count += 1
    turn.next_check_at = clock.now() + timedelta(seconds=schedule.next_check(turn.check_count))
    turn.save(update_fields=["check_count", "next_check_at"])
    return turn, acting_key(turn.api_key)


def _lock(turn_id: UUID | str) -> Turn:
    rows = Turn.objects.select_for_update(of=("self",))
    return rows.select_related("conversation", "workspace", "api_key", "workflow").get(
        public_id=turn_id
    )


# --- Looking; no transaction ----------------------------------------------------------------------


def _look(rivya: RivyaClient, turn: Turn) -> Found:
    """Raises errors.RivyaError but for a session that is not there."""
    session_id = turn.conversation.session_id or bodies.session_asked(turn)
    if session_id:
        session = _session(rivya, session_id)
        return _in_session(turn, session) if session else Found()
    return _search(rivya, turn)


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
    for listed in [one for one in likely if one.id not in known][:CANDIDATES]:
        session = _session(rivya, listed.id)
        found = _in_session(turn, session) if session else Found()
        if found.has_question:
            return found
    return Found()


def _may_be_of(session: ChatSession, turn: Turn) -> bool:
    begun: datetime = turn.sent_at or turn.created_at
    if session.model and session.model != turn.model_id:
        return False
    return session.created_at is None or session.created_at >= begun - _CLOCKS_DIFFER


def _in_session(turn: Turn, session: ChatSession) -> Found:
    """The last question with this turn's words, and what stands behind it.

    An answer that belongs to another turn (the same question asked before) is not this one's.
    """
    place = _place_of(bodies.message_of(turn), session.messages)
    if place is None:
        return Found(session.id)
    following = session.messages[place + 1 : place + 2]
    answer = next((message for message in following if message.role != "user"), None)
    if answer is not None and _is_of_another(turn, answer):
        return Found(session.id)
    return Found(session.id, has_question=True, answer=answer)


def _place_of(text: str, messages: Sequence[ChatMessage]) -> int | None:
    places = [n for n, one in enumerate(messages) if one.role == "user" and one.text == text]
    return places[-1] if places else None


def _is_of_another(turn: Turn, answer: ChatMessage) -> bool:
    others = turn.conversation.turns.exclude(pk=turn.pk)
    return bool(answer.id) and others.filter(message_id=answer.id).exists()


# --- Applying -------------------------------------------------------------------------------------


@transaction.atomic(durable=True)
def _apply(turn_id: UUID | str, found: Found) -> None:
    turn = jobs.lock_with_conversation(turn_id)
    if turn.is_settled:
        return
    if found.has_question:
        jobs.keep_session(turn, found.session_id)
    answer = found.answer
    if answer is not None and answer.final_credits is not None:
        endings.told_by_session(turn, answer)
    elif answer is not None:
        if turn.check_count >= schedule.LOOKS_FOR_COST:
            endings.cost_untold(turn, answer)
    elif turn.check_count >= _most_looks(turn):
        endings.no_answer_found(turn, has_question=found.has_question)


def _most_looks(turn: Turn) -> int:
    if turn.status == Status.FAILED:
        return schedule.LOOKS_AFTER_FAILURE
    return schedule.LOOKS_AFTER_BREAK
