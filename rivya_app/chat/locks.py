"""Turns under their row lock, in the written order: conversation, then turn."""

from uuid import UUID

from django.db.models import QuerySet

from rivya_app.chat.models import Conversation, Turn
from rivya_app.workspaces import pauses


def lock(turn_id: UUID | str) -> Turn:
    """For whoever touches the turn alone."""
    related = _rows().select_related(
        "workspace", "conversation", "workflow", "api_key", "member__user"
    )
    return related.get(public_id=turn_id)


def lock_to_send(turn_id: UUID | str) -> tuple[Turn, bool]:
    """The turn, and whether its workspace is paused. Somebody waits for the first word: all that
    sending needs in one query, and nothing else."""
    rows = _rows().select_related("api_key", "member", "conversation")
    turn = rows.annotate(is_paused=pauses.of_its_workspace()).get(public_id=turn_id)
    return turn, turn.is_paused


def _rows() -> QuerySet[Turn]:
    return Turn.objects.select_for_update(of=("self",))


def lock_with_conversation(turn_id: UUID | str) -> Turn:
    """Conversation before turn, as everywhere."""
    held = Conversation.objects.select_for_update(of=("self",)).get(turns__public_id=turn_id)
    turn = lock(turn_id)
    turn.conversation = held
    return turn
