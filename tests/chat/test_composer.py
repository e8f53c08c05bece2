"""Asking in a conversation: one press is one question, and a refusal keeps what was typed."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from rivya_app.chat import caps
from rivya_app.chat.models import Turn
from rivya_app.credits import wallet
from rivya_app.credits.models import CreditAccount
from rivya_app.gateway.models import Workflow
from rivya_app.library import uses
from rivya_app.library.models import StoredFile
from rivya_app.workspaces.models import Membership
from tests.credits.account import limit
from tests.library.conftest import picture

LIVE = {"HX-Request": "true"}
TYPED = "What I typed & will not lose"


@pytest.fixture
def browser(client_of: Any, researcher: Membership) -> Any:
    return client_of(researcher)


@pytest.fixture
def first(talk: Any, researcher: Membership) -> Turn:
    """A conversation with one answer."""
    turn: Turn = talk.answer(talk.begin(researcher))
    return turn


def address(turn: Turn) -> str:
    return reverse("chat:ask", args=[turn.conversation.public_id])


def typed(text: str = TYPED, **fields: Any) -> dict[str, Any]:
    return {"form_token": str(uuid4()), "question": text, **fields}


def test_one_form_pressed_twice_asks_once(browser: Any, first: Turn) -> None:
    fields = typed("And in Hindi?")
    for _press in range(2):
        assert browser.post(address(first), fields).status_code == 302
    assert first.conversation.turns.count() == 2


def test_a_script_gets_the_new_turn_and_no_page(browser: Any, first: Turn) -> None:
    answer = browser.post(address(first), typed(), headers=LIVE)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in page
    assert 'id="turn-2"' in page
    assert page.count("data-edit") == 0  # the one before is the last no longer
    assert "data-stop" in page


def test_the_model_is_told_what_it_can_be_told(talk: Any, browser: Any, first: Turn) -> None:
    browser.post(address(first), typed(effort="high", is_searching="on"))
    turn = first.conversation.turns.get(number=2)
    assert (turn.effort, turn.is_searching) == ("high", True)
    page = browser.get(reverse("chat:show-conversation", args=[first.conversation.public_id]))
    assert 'name="is_searching"' in page.content.decode()


def test_what_the_model_cannot_is_not_offered(talk: Any, researcher: Any, browser: Any) -> None:
    turn = talk.answer(talk.begin(researcher, model_id="gpt-5-codex-chat"))
    url = reverse("chat:show-conversation", args=[turn.conversation.public_id])
    assert 'name="is_searching"' not in browser.get(url).content.decode()
    browser.post(address(turn), typed(is_searching="on"))
    assert not turn.conversation.turns.get(number=2).is_searching


def poor(talk: Any, *_: Any) -> None:
    talk.rivya.set_credits(1)
    wallet.read(talk.shop.workspace, cause="test")


def limited(talk: Any, *_: Any) -> None:
    limit(CreditAccount.objects.get(workspace=talk.shop.workspace), 1)


def capped(_talk: Any, researcher: Any, *_: Any) -> None:
    caps.set_cap(member=researcher, amount=Decimal(1))


def keyless(talk: Any, *_: Any) -> None:
    Workflow.objects.filter(pk=talk.workflow.pk).update(api_key=None)


def busy(talk: Any, _researcher: Any, first: Turn) -> None:
    talk.ask(first.conversation, "Still open")


REFUSALS = [
    (poor, "Not enough credits for this question"),
    (limited, "Not enough left: the monthly limit of the whole workspace"),
    (capped, "Your own cap for this month does not cover it"),
    (keyless, "No key is set up yet"),
    (busy, "The question before is not answered yet."),
]


@pytest.mark.parametrize(("bring_about", "words"), REFUSALS)
def test_a_refusal_keeps_what_was_typed_and_costs_nothing(
    talk: Any, researcher: Any, browser: Any, first: Turn, bring_about: Any, words: str
) -> None:
    bring_about(talk, researcher, first)
    before = first.conversation.turns.count()
    fields = typed()
    for headers in ({}, LIVE):
        answer = browser.post(address(first), fields, headers=headers)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert words in page
        assert headers or TYPED.replace("&", "&amp;") in page
        assert headers or fields["form_token"] in page  # sent again, it is the same question
    assert first.conversation.turns.count() == before


def test_too_long_a_question_is_refused_with_both_numbers(browser: Any, first: Turn) -> None:
    long = "क" * 20_001
    answer = browser.post(address(first), typed(long))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert long in page
    assert "This has 20,001 characters" in page
    assert "at most 20,000" in page
    assert browser.post(address(first), typed("क" * 20_000)).status_code == 302


def test_nothing_typed_is_refused(browser: Any, first: Turn) -> None:
    assert browser.post(address(first), typed("  \n ")).status_code == 422
    assert first.conversation.turns.count() == 1


def test_a_closed_conversation_takes_no_question(browser: Any, first: Turn) -> None:
    type(first.conversation).objects.update(closed_code="chat_session_conflict")
    answer = browser.post(address(first), typed())
    assert answer.status_code == 422
    assert "Go on in a new conversation" in answer.content.decode()
    assert first.conversation.turns.count() == 1


def test_a_picture_goes_along_without_scripts(browser: Any, first: Turn) -> None:
    sent = SimpleUploadedFile("mug.png", picture(60, 40))
    assert browser.post(address(first), typed(new_references=sent)).status_code == 302
    turn = first.conversation.turns.get(number=2)
    assert [file.name for file in uses.files_of(turn.reference)] == ["mug.png"]
    page = browser.get(reverse("chat:show-conversation", args=[first.conversation.public_id]))
    assert StoredFile.objects.get().page_url in page.content.decode()


def test_a_picture_for_a_model_without_eyes_is_refused(
    talk: Any, researcher: Any, browser: Any
) -> None:
    turn = talk.answer(talk.begin(researcher, model_id="claude-sonnet-4-6-chat"))
    file = talk.shop.upload(researcher, picture(60, 40))
    answer = browser.post(address(turn), typed(references=str(file.public_id)))
    assert answer.status_code == 422
    assert "takes no reference files" in answer.content.decode()
    assert turn.conversation.turns.count() == 1


def test_a_file_of_another_workspace_is_not_taken(
    talk: Any, browser: Any, first: Turn, stranger: Any
) -> None:
    answer = browser.post(address(first), typed(references=str(uuid4())))
    assert answer.status_code == 422
    assert first.conversation.turns.count() == 1


def test_the_last_question_is_edited_as_a_new_one(browser: Any, first: Turn) -> None:
    url = reverse("chat:show-conversation", args=[first.conversation.public_id])
    page = browser.get(url, {"edit": str(first.public_id)}).content.decode()
    assert f"{first.question}</textarea>" in page
    assert f'name="again_of" value="{first.public_id}"' in page
    fields = typed("How do I sell two mugs?", again_of=str(first.public_id))
    assert browser.post(address(first), fields).status_code == 302
    assert first.conversation.turns.get(number=2).again_of == first


def test_another_conversations_turn_is_not_asked_again_here(
    talk: Any, researcher: Any, browser: Any, first: Turn
) -> None:
    other = talk.answer(talk.begin(researcher, "Another conversation"))
    browser.post(address(first), typed(again_of=str(other.public_id)))
    assert first.conversation.turns.get(number=2).again_of is None


def test_asking_again_is_refused_like_any_question(
    talk: Any, researcher: Any, browser: Any, first: Turn
) -> None:
    poor(talk)
    again = reverse("chat:ask-again", args=[first.public_id])
    answer = browser.post(again, {"form_token": str(uuid4())})
    assert answer.status_code == 422
    assert "Not enough credits for this question" in answer.content.decode()
    assert first.conversation.turns.count() == 1


def test_it_says_the_price_before_the_button(browser: Any, first: Turn) -> None:
    url = reverse("chat:show-conversation", args=[first.conversation.public_id])
    left = wallet.standing(first.workspace).available - 3
    assert f"about 3 credits, {left:.0f} left after" in browser.get(url).content.decode()


def test_a_button_for_pages_without_scripts_asks_nothing(browser: Any, first: Turn) -> None:
    answer = browser.post(address(first), typed(refresh="browse"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert TYPED.replace("&", "&amp;") in page
    assert "From the library" in page
    assert first.conversation.turns.count() == 1


def test_support_does_not_ask(client_of: Any, support: Any, first: Turn) -> None:
    assert client_of(support).post(address(first), typed()).status_code == 403
