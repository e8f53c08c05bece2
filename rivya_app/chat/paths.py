"""Where conversations and their turns are read."""

from django.urls import reverse

from rivya_app.chat.models import Conversation, Turn

ASKED_TURN = "turn"  # of a conversation's address: the number of a turn that must be on the page


def path_of(conversation: Conversation) -> str:
    """Its page."""
    return reverse("chat:show-conversation", args=[conversation.public_id])


def path_of_turn(turn: Turn) -> str:
    """Its place on the page, which shows it however many turns came later."""
    return f"{path_of(turn.conversation)}?{ASKED_TURN}={turn.number}#turn-{turn.number}"
