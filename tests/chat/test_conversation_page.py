"""The page of a conversation: what it shows in every state, and to whom."""

from typing import Any

import pytest
from django.urls import reverse

from rivya_app.chat.models import Conversation


def page_of(conversation: Conversation) -> str:
    return reverse("chat:show-conversation", args=[conversation.public_id])


@pytest.fixture
def browser(client_of: Any, researcher: Any) -> Any:
    return client_of(researcher)


def test_it_shows_an_answer_with_what_it_cost(talk: Any, researcher: Any, browser: Any) -> None:
    turn = talk.answer(talk.begin(researcher, "How do I sell a **mug**?"))
    page = browser.get(page_of(turn.conversation))
    shown = page.content.decode()
    assert page.status_code == 200
    assert "How do I sell a **mug**?" in shown  # a question is text
    assert f"{turn.input_tokens} + {turn.output_tokens} tokens" in shown
    assert "data-rendered" in shown
    assert "data-open" not in shown
