"""Which of Rivya's sessions a conversation goes on in: the first that was told, kept once."""

from contextlib import suppress

from django.db import IntegrityError, transaction

from rivya_app.chat.models import CLOSED_STATUSES, Conversation, Turn

LOOKS = 4  # at a broken question's session; who asks next waits no longer for it


def keep(turn: Turn, session_id: str) -> bool:
    """For a locked conversation. False where the session is another conversation's, which a
    constraint says once and for all."""
    conversation = turn.conversation
    if not session_id or conversation.session_id:
        return True
    conversation.session_id = session_id
    try:
        with transaction.atomic():
            conversation.save(update_fields=["session_id"])
    except IntegrityError:
        conversation.session_id = ""
        return False
    return True


def keep_early(conversation_key: int, session_id: str) -> None:
    """While the answer is still written: the next question needs it, should this worker die."""
    rows = Conversation.objects.filter(pk=conversation_key, session_id="")
    with suppress(IntegrityError), transaction.atomic():
        rows.update(session_id=session_id)


def is_looked_for(turn: Turn) -> bool:
    """Whether a question before this one broke off, and the session it began is not found yet.

    Sent now, this one would begin another session, which knows nothing of what was said.
    """
    if turn.number == 1 or turn.send_count or turn.conversation.session_id:
        return False
    broken = turn.conversation.turns.filter(
        status__in=CLOSED_STATUSES, settled_at=None, send_count__gt=0, check_count__lt=LOOKS
    )
    return broken.filter(number__lt=turn.number).exists()
