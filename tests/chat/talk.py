"""Conversations as tests have them: with the stand-in, and the steps the workers would take."""

from typing import Any

import pytest

from rivya_app.chat import actions, jobs, settling, sweep
from rivya_app.chat.actions import Question, WantedConversation
from rivya_app.chat.models import Conversation, Turn
from rivya_app.gateway.access import workflow
from rivya_app.gateway.models import Workflow
from rivya_app.workspaces.models import Membership
from tests.shop import Shop

MODEL = "gpt-5-2-chat"


class Talk:
    """The assistant of a shop's workspace."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.rivya = shop.rivya

    @property
    def workflow(self) -> Workflow:
        return workflow(self.shop.workspace, Workflow.Moment.CHAT)

    def begin(self, member: Membership, text: str = "How do I sell a mug?", **fields: Any) -> Turn:
        """A new conversation with its first question, not answered yet."""
        wanted = WantedConversation(self.workflow, fields.pop("model_id", MODEL))
        return actions.begin(member=member, wanted=wanted, question=Question(text, **fields))

    def ask(self, conversation: Conversation, text: str = "And in Hindi?", **fields: Any) -> Turn:
        """Another question of the same member."""
        return actions.ask(
            member=conversation.member,
            conversation_id=conversation.public_id,
            question=Question(text, **fields),
        )

    def answer(self, turn: Turn) -> Turn:
        """What the chat worker does with it."""
        jobs.answer(turn.public_id)
        turn.refresh_from_db()
        return turn

    def settle(self, turn: Turn, looks: int = 20) -> Turn:
        """Every look at the session that is due, now and not when its time comes."""
        for _look in range(looks):
            turn.refresh_from_db()
            if turn.is_settled:
                break
            Turn.objects.filter(pk=turn.pk).update(next_check_at="2020-01-01T00:00Z")
            settling.settle(turn.public_id)
        turn.refresh_from_db()
        return turn

    def sweep(self) -> int:
        """One round of the sweep."""
        return sweep.sweep()

    def asked_rivya(self) -> list[dict[str, Any]]:
        """Every question that reached the stand-in, in order."""
        calls = self.rivya.requests()
        return [
            call
            for call in calls
            if "/chat/completions" in call["path"] and call["idempotency_key"]
        ]


def like(turn: Turn, **fields: Any) -> Turn:
    """Another turn that is the same but for these fields and what makes each its own; not saved."""
    own = ("id", "public_id", "number", "form_token", "idempotency_key", "again_of")
    kept = [field for field in Turn._meta.concrete_fields if field.name not in own]
    return Turn(**{field.attname: getattr(turn, field.attname) for field in kept} | fields)


@pytest.fixture
def talk(shop: Shop) -> Talk:
    return Talk(shop)
