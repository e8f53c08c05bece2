"""The page of a conversation: what it shows in every state, and to whom."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rivya_app.chat import actions
from rivya_app.chat.models import Conversation, Turn
from rivya_app.chat.paths import path_of_turn
from rivya_app.core.text import credit_words
from rivya_app.workspaces.models import Membership
from tests.chat.talk import like
from tests.credits.test_gate import rule

HOSTILE = "<script>alert(1)</script> **bold** <img src=x onerror=alert(1)> &amp; \u202eabc"


def page_of(conversation: Conversation, query: str = "") -> str:
    return reverse("chat:show-conversation", args=[conversation.public_id]) + query


def shown(browser: Any, conversation: Conversation, query: str = "") -> str:
    answer = browser.get(page_of(conversation, query))
    assert answer.status_code == 200
    return str(answer.content.decode())


def repeat(turn: Turn, count: int) -> None:
    """Ask the same so many times more, without workers."""
    numbers = range(turn.number + 1, turn.number + 1 + count)
    Turn.objects.bulk_create(like(turn, number=number) for number in numbers)


def turns_on(page: str) -> range:
    """The numbers of the turns on a page, which stand there without a gap."""
    numbers = [int(number) for number in re.findall(r'id="turn-(\d+)" data-version', page)]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    return range(numbers[0], numbers[-1] + 1)


@pytest.fixture
def browser(client_of: Any, researcher: Membership) -> Any:
    return client_of(researcher)


def test_it_shows_an_answer_with_what_it_cost(talk: Any, researcher: Any, browser: Any) -> None:
    turn = talk.answer(talk.begin(researcher, "How do I sell a **mug**?"))
    page = shown(browser, turn.conversation)
    assert "How do I sell a **mug**?" in page  # a question is text
    assert f"{turn.input_tokens} + {turn.output_tokens} tokens" in page
    assert f"<span>{credit_words(turn.final_credits)}</span>" in page
    assert "data-rendered" in page
    assert "data-open" not in page


def test_it_shows_hostile_words_as_words(talk: Any, researcher: Any, browser: Any) -> None:
    turn = talk.answer(talk.begin(researcher, HOSTILE, context=HOSTILE))
    Turn.objects.filter(pk=turn.pk).update(answer=HOSTILE)
    Conversation.objects.update(title=HOSTILE)
    page = shown(browser, turn.conversation)
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; **bold**" in page


def test_it_bears_twenty_thousand_characters(talk: Any, researcher: Any, browser: Any) -> None:
    turn = talk.begin(researcher, "मग कैसे बेचें")
    talk.answer(turn)
    Turn.objects.filter(pk=turn.pk).update(answer="कहानी " * 3334, question="प्रश्न " * 2857)
    page = shown(browser, turn.conversation)
    assert page.count("प्रश्न") >= 2857
    assert 'class="plain-words question-long" tabindex="0"' in page
    Turn.objects.filter(pk=turn.pk).update(question="प्रश्न " * 280)
    assert "question-long" not in shown(browser, turn.conversation)
    Turn.objects.filter(pk=turn.pk).update(question="a\n" * 30)
    assert "question-long" in shown(browser, turn.conversation)


def test_it_says_that_a_question_is_queued_and_offers_to_take_it_back(
    talk: Any, researcher: Any, browser: Any
) -> None:
    turn = talk.begin(researcher)
    page = shown(browser, turn.conversation)
    assert "Your question is sent in a moment." in page
    assert "3 credits reserved" in page
    assert "Take it back" in page
    assert 'data-open data-length="0"' in page


def test_it_says_whose_yes_it_waits_for(
    talk: Any, researcher: Any, owner: Any, browser: Any
) -> None:
    rule(owner, above=None, model_ids=["gpt-5-2-chat"])
    turn = talk.begin(researcher)
    page = shown(browser, turn.conversation)
    assert "Waiting for an owner’s yes" in page
    assert str(owner) in page
    assert "about 3 credits, nothing held yet" in page


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("paused", "Work is paused"),
        ("api_key_revoked", "The key was revoked"),
        ("rate_limited", "Rivya is asking us to slow down"),
        ("attachments", "The pictures are on their way"),
        ("never_heard_of", "Rivya did not take the question yet."),
    ],
)
def test_it_says_what_a_question_waits_for(
    talk: Any, researcher: Any, browser: Any, code: str, words: str
) -> None:
    turn = talk.begin(researcher)
    Turn.objects.filter(pk=turn.pk).update(waits_for=code, error_code=code)
    assert words in shown(browser, turn.conversation)


def test_a_stopped_answer_keeps_its_text_and_says_that_its_cost_is_asked(
    talk: Any, researcher: Any, browser: Any
) -> None:
    turn = talk.begin(researcher)
    browser.post(reverse("chat:stop-turn", args=[turn.public_id]))
    page = shown(browser, turn.conversation)
    assert "Stopped" in page
    assert "Nothing was sent to Rivya. No credits were taken." in page


def test_an_interrupted_answer_says_that_nothing_is_asked_again(
    talk: Any, researcher: Any, browser: Any
) -> None:
    turn = talk.answer(talk.begin(researcher, "Tell me [[sse_break:3]]"))
    page = shown(browser, turn.conversation)
    assert "Nothing is asked again by itself." in page
    assert "cost is being asked of Rivya" in page
    turn = talk.settle(turn)
    page = shown(browser, turn.conversation)
    assert turn.status == "answered"
    assert "is being asked of Rivya" not in page


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("no_credits", "Not enough credits"),
        ("reject", "The question was not accepted"),
        ("error:brand_new_code", "This question could not be answered"),
        ("sse_error:internal_error", "Something went wrong at Rivya"),
    ],
)
def test_a_failed_question_has_its_card(
    talk: Any, researcher: Any, browser: Any, word: str, words: str
) -> None:
    turn = talk.answer(talk.begin(researcher, f"Tell me [[{word}]]"))
    assert turn.status == "failed"
    page = shown(browser, turn.conversation)
    assert words in page
    assert ("No credits were taken." in page) == bool(turn.is_settled)
    assert ("is being asked of Rivya" in page) == (not turn.is_settled)


def test_a_guessed_cost_says_so(talk: Any, researcher: Any, browser: Any) -> None:
    turn = talk.answer(talk.begin(researcher))
    Turn.objects.filter(pk=turn.pk).update(is_cost_guessed=True, final_credits=3)
    assert "3 credits counted: Rivya did not say" in shown(browser, turn.conversation)


def test_a_closed_conversation_leads_on(talk: Any, researcher: Any, browser: Any) -> None:
    turn = talk.answer(talk.begin(researcher))
    Conversation.objects.update(closed_code="chat_session_conflict")
    page = shown(browser, turn.conversation)
    assert f"/assistant/new/?continues={turn.conversation.public_id}" in page
    assert 'id="composer"' not in page


def test_a_model_that_is_gone_is_explained(talk: Any, researcher: Any, browser: Any) -> None:
    turn = talk.answer(talk.begin(researcher))
    talk.workflow.__class__.objects.filter(pk=talk.workflow.pk).update(
        allowed_model_ids=["gemini-2-5-flash-chat"]
    )
    page = shown(browser, turn.conversation)
    assert "GPT-5.2 cannot be asked now" in page
    assert "model_id=gemini-2-5-flash-chat" in page


def test_what_was_asked_again_folds_the_earlier_answer(
    talk: Any, researcher: Any, browser: Any
) -> None:
    first = talk.answer(talk.begin(researcher, "One question"))
    again = reverse("chat:ask-again", args=[first.public_id])
    token = str(uuid4())
    for _press in range(2):
        assert browser.post(again, {"form_token": token}).status_code == 302
    second = first.conversation.turns.get(number=2)
    assert first.conversation.turns.count() == 2
    assert (second.question, second.again_of) == (first.question, first)
    talk.answer(second)
    page = shown(browser, first.conversation)
    assert "1 earlier answer" in page
    assert page.index('id="turn-2"') < page.index('id="turn-1"')


def test_the_running_total_counts_every_attempt(talk: Any, researcher: Any, browser: Any) -> None:
    first = talk.answer(talk.begin(researcher))
    second = talk.answer(talk.ask(first.conversation))
    total = first.final_credits + second.final_credits
    talk.ask(first.conversation, "And then?")
    page = shown(browser, first.conversation)
    assert f"{total:.0f} credits so far" in page
    assert "credits held" in page


def test_others_read_what_is_shared_and_nothing_else(
    talk: Any, researcher: Any, seller: Any, stranger: Any, client_of: Any
) -> None:
    turn = talk.answer(talk.begin(researcher))
    reader = client_of(seller)
    assert reader.get(page_of(turn.conversation)).status_code == 404
    actions.share(member=researcher, conversation_id=turn.conversation.public_id, is_shared=True)
    page = shown(reader, turn.conversation)
    assert f"by {researcher}, to read" in page
    assert 'id="composer"' not in page
    assert "data-act" not in page
    assert client_of(stranger).get(page_of(turn.conversation)).status_code == 404


ROUTES = [
    ("get", "chat:show-conversation", "conversation"),
    ("post", "chat:ask", "conversation"),
    ("get", "chat:show-turn", "turn"),
    ("post", "chat:stop-turn", "turn"),
    ("post", "chat:ask-again", "turn"),
]


@pytest.mark.parametrize(("method", "name", "thing"), ROUTES)
def test_another_members_private_conversation_does_not_exist(
    talk: Any, researcher: Any, owner: Any, client_of: Any, method: str, name: str, thing: str
) -> None:
    turn = talk.begin(researcher)
    row = turn if thing == "turn" else turn.conversation
    address = reverse(name, args=[row.public_id])
    fields = {"form_token": str(uuid4()), "question": "Mine now?"} if method == "post" else {}
    assert getattr(client_of(owner), method)(address, fields).status_code == 404
    actions.share(member=researcher, conversation_id=turn.conversation.public_id, is_shared=True)
    status = getattr(client_of(owner), method)(address, fields).status_code
    assert status == (404 if method == "post" else 200)  # to read, never to ask in
    assert turn.conversation.turns.count() == 1


def test_a_second_tab_is_told_only_what_is_new(talk: Any, researcher: Any, browser: Any) -> None:
    turn = talk.answer(talk.begin(researcher))
    live = {"headers": {"HX-Request": "true"}}
    page = browser.get(page_of(turn.conversation), **live).content.decode()
    assert 'id="turn-1"' in page
    assert "<html" not in page
    version = page.partition('data-version="')[2].partition('"')[0]
    known = {"id": "turn-1", "v": version}
    assert browser.get(page_of(turn.conversation), known, **live).status_code == 204
    state = {"state": page.partition('data-state="')[2].partition('"')[0]}
    assert browser.get(page_of(turn.conversation), state, **live).status_code == 204
    talk.ask(turn.conversation, "Asked in another tab")
    news = browser.get(page_of(turn.conversation), known | state, **live).content.decode()
    assert "Asked in another tab" in news
    assert 'id="composer-foot"' in news


def test_a_price_stands_beside_the_button_that_sends_and_not_beside_the_one_that_stops(
    talk: Any, researcher: Any, browser: Any
) -> None:
    turn = talk.begin(researcher)
    page = shown(browser, turn.conversation)
    assert "data-stop" in page
    assert "left after" not in page
    talk.answer(turn)
    page = shown(browser, turn.conversation)
    assert "data-send" in page
    assert "left after" in page


def test_every_effort_has_a_word(talk: Any, researcher: Any, browser: Any) -> None:
    turn = talk.answer(talk.begin(researcher))  # with a model that thinks as long as it is told to
    choices = shown(browser, turn.conversation).partition('name="effort"')[2].partition("</select>")
    assert '<option value="xhigh">Very high</option>' in choices[0]


def test_the_fragment_of_a_turn_says_when_nothing_changed(
    talk: Any, researcher: Any, browser: Any
) -> None:
    turn = talk.begin(researcher)
    address = reverse("chat:show-turn", args=[turn.public_id])
    page = browser.get(address).content.decode()
    version = page.partition('data-version="')[2].partition('"')[0]
    assert browser.get(address, {"v": version}).status_code == 204
    Turn.objects.filter(pk=turn.pk).update(answer="A first word", status="streaming")
    assert "A first word" in browser.get(address, {"v": version}).content.decode()


def test_a_long_conversation_shows_its_end_and_the_rest_when_asked(
    talk: Any, researcher: Any, browser: Any
) -> None:
    turn = talk.answer(talk.begin(researcher, "The very first question"))
    repeat(turn, 99)
    page = shown(browser, turn.conversation)
    assert turns_on(page) == range(61, 101)
    assert '<a href="?turn=21#turn-61">Show 40 earlier questions</a>' in page
    page = shown(browser, turn.conversation, "?turn=21")
    assert turns_on(page) == range(21, 101)
    assert '<a href="?turn=1#turn-21">Show 20 earlier questions</a>' in page
    page = shown(browser, turn.conversation, "?turn=1")
    assert turns_on(page) == range(1, 101)
    assert "earlier question" not in page


@pytest.mark.parametrize("asked", ["90", "0", "101", "-1", "9" * 30, "१", "x", ""])
def test_a_turn_that_is_shown_anyway_or_does_not_exist_changes_nothing(
    talk: Any, researcher: Any, browser: Any, asked: str
) -> None:
    turn = talk.answer(talk.begin(researcher))
    repeat(turn, 99)
    assert turns_on(shown(browser, turn.conversation, f"?turn={asked}")) == range(61, 101)


def test_a_link_to_a_turn_finds_it_however_much_was_asked_since(
    talk: Any, researcher: Any, browser: Any
) -> None:
    first = talk.answer(talk.begin(researcher, "One question"))
    again = talk.answer(talk.ask(first.conversation, "One question", again_of=first))
    repeat(again, 70)
    for turn in (first, again):
        path, _hash, place = path_of_turn(turn).partition("#")
        page = browser.get(path).content.decode()
        assert f'id="{place}"' in page
        assert page.index('id="turn-2"') < page.index('id="turn-1"')


def test_an_early_turn_of_a_long_conversation_is_told_of_alone(
    talk: Any, researcher: Any, browser: Any
) -> None:
    turn = talk.answer(talk.begin(researcher))
    repeat(turn, 99)
    live = {"headers": {"HX-Request": "true"}}
    page = browser.get(reverse("chat:show-turn", args=[turn.public_id]), **live).content.decode()
    assert turns_on(page) == range(1, 2)


@pytest.mark.parametrize("name", ["chat:show-conversation", "chat:show-turn"])
def test_what_is_not_shown_of_a_long_conversation_is_not_read(
    talk: Any, researcher: Any, browser: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = talk.answer(talk.begin(researcher))
    repeat(turn, 99)
    newest = turn.conversation.turns.order_by("-number")[0]
    row = newest if name == "chat:show-turn" else turn.conversation
    read: set[int] = set()
    from_db = Turn.from_db

    def noted(db: Any, names: Any, values: Any) -> Turn:
        read.add(dict(zip(names, values, strict=False))["number"])
        return from_db(db, names, values)

    monkeypatch.setattr(Turn, "from_db", noted)
    browser.get(reverse(name, args=[row.public_id]))
    assert read == set(range(61, 101) if name == "chat:show-conversation" else range(99, 101))


def test_its_queries_do_not_grow_with_its_turns(talk: Any, researcher: Any, browser: Any) -> None:
    turn = talk.answer(talk.begin(researcher))

    def asked() -> int:
        browser.get(page_of(turn.conversation))  # what is read once a process is read
        with CaptureQueriesContext(connection) as queries:
            browser.get(page_of(turn.conversation))
        return len(queries)

    few = asked()
    for _turn in range(3):
        talk.answer(talk.ask(turn.conversation))
    assert asked() == few


# --- What its own member does with it -------------------------------------------------------------


def press(browser: Any, page: str, path: str) -> Any:
    """The button of the form on this page that is sent there, as a browser would send it."""
    form = re.search(rf'<form[^>]*action="{path}".*?</form>', page, re.DOTALL)
    assert form
    button = re.search(r'<button[^>]*name="(\w+)" value="(\w+)"', form[0])
    assert button
    return browser.post(path, {button[1]: button[2]}, follow=True)


@pytest.mark.parametrize("act", ["share", "archive"])
def test_its_menu_does_what_it_says_and_takes_it_back(
    talk: Any, researcher: Membership, client_of: Any, act: str
) -> None:
    conversation = talk.answer(talk.begin(researcher)).conversation
    browser, path = client_of(researcher), reverse(f"chat:{act}", args=[conversation.public_id])
    page = shown(browser, conversation)
    for is_on in (True, False):
        page = press(browser, page, path).content.decode()
        conversation.refresh_from_db()
        found = (conversation.is_shared, conversation.archived_at is not None)
        assert found == ((is_on, False) if act == "share" else (False, is_on))


def test_whoever_may_write_briefs_is_offered_one_and_nobody_else(
    talk: Any, researcher: Membership, support: Membership, client_of: Any
) -> None:
    turn = talk.answer(talk.begin(researcher))
    actions.share(member=researcher, conversation_id=turn.conversation.public_id, is_shared=True)
    offered = f"/briefs/new/?from_turn={turn.public_id}"
    assert offered in shown(client_of(researcher), turn.conversation)
    assert offered not in shown(client_of(support), turn.conversation)
