"""Turns under their row lock, in the written order: conversation, then turn."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from rivya_app.chat.models import Conversation, Turn
from rivya_app.gateway.models import ApiKey
from rivya_app.workspaces import pauses

_OF_ITS_ANSWER = {
    "answer",
    "streamed_to",
    "message_id",
    "request_id",
    "input_tokens",
    "output_tokens",
    "reserved_credits",
    "final_credits",
    "is_cost_guessed",
    "stop_asked_at",
    "check_count",
    "first_word_at",
    "settled_at",
}


def lock(turn_id: UUID | str) -> Turn:
    """For whoever touches the turn alone."""
    related = _rows().select_related(
        "workspace", "conversation", "workflow", "api_key", "member__user"
    )
    return related.get(public_id=turn_id)


def lock_to_send(turn_id: UUID | str) -> tuple[Turn, bool]:
    """The turn, and whether its workspace is paused. Somebody waits for the first word: all that
    sending needs in one query, and nothing else (the rest is fetched where it is asked for)."""
    turn = _to_send().get(public_id=turn_id)
    return turn, turn.is_paused


@lru_cache(maxsize=1)
def _to_send() -> Any:
    """Put together once: with all columns it takes Django twice as long as PostgreSQL."""
    mine = [field.name for field in Turn._meta.concrete_fields]  # noqa: SLF001
    keys = [f"api_key__{field.name}" for field in ApiKey._meta.concrete_fields]  # noqa: SLF001
    others = ["member__is_active", "member__user__is_active", "conversation__session_id"]
    rows = _rows().select_related("api_key", "member__user", "conversation")
    rows = rows.only(*(name for name in mine if name not in _OF_ITS_ANSWER), *keys, *others)
    return rows.annotate(is_paused=pauses.of_its_workspace())


def _rows() -> QuerySet[Turn]:
    return Turn.objects.select_for_update(of=("self",))


def lock_with_conversation(turn_id: UUID | str) -> Turn:
    """Conversation before turn, as everywhere."""
    held = Conversation.objects.select_for_update(of=("self",)).get(turns__public_id=turn_id)
    turn = lock(turn_id)
    turn.conversation = held
    return turn
