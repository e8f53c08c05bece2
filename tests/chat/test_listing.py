"""The list of conversations: who sees which, what is found, and what is done to a whole one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rivya_app.chat import actions, listing
from rivya_app.chat.listing import Filters
from rivya_app.chat.models import Conversation, Turn
from rivya_app.chat.paths import path_of
from rivya_app.core import clock
from rivya_app.workspaces.models import Membership
from tests.chat.talk import Talk

INDEX = "/assistant/"
Browsers = Callable[[Membership | None], Client]


def page(browser: Client, address: str = INDEX) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return response.content.decode()


def post(browser: Client, act: str, conversation: Conversation, **fields: Any) -> Any:
    return browser.post(reverse(f"chat:{act}", args=[conversation.public_id]), fields)


def found(member: Membership, q: str = "", show: str = "") -> list[str]:
    return [one.title for one in listing.find(member, Filters(q, show))]


def answered(talk: Talk, member: Membership, question: str, answer: str) -> Turn:
    """One that has ended with these words."""
    turn = talk.answer(talk.begin(member, question))
    Turn.objects.filter(pk=turn.pk).update(answer=answer)
    return turn


def test_it_shows_what_each_conversation_came_to(
    talk: Talk, researcher: Membership, client_of: Browsers
) -> None:
    turn = answered(
        talk, researcher, "How do I sell a mug?", "## First\n\nSay *what* it **holds**."
    )
    told = page(client_of(researcher))
    assert "How do I sell a mug?" in told
    assert "First Say what it holds." in told
    assert "<span>1 credit</span>" in told
    assert "1 question<" in told
    assert "state-queued" not in told
    waiting = talk.ask(turn.conversation)
    told = page(client_of(researcher))
    assert "2 questions" in told
    assert f"{waiting.estimated_credits:.0f} held" in told
    assert "state-queued" in told
    assert "First Say what it holds." in told  # the last there is


def test_it_shows_those_asked_last_first(talk: Talk, researcher: Membership) -> None:
    first = talk.answer(talk.begin(researcher, "One"))
    talk.begin(researcher, "Two")
    assert found(researcher) == ["Two", "One"]
    talk.ask(first.conversation)
    assert found(researcher) == ["One", "Two"]


def test_it_keeps_what_is_private_from_everybody(
    talk: Talk, researcher: Membership, owner: Membership, support: Membership, client_of: Browsers
) -> None:
    conversation = talk.begin(researcher, "A private thing").conversation
    for member in (owner, support):
        for address in (INDEX, f"{INDEX}?show=shared", f"{INDEX}?q=private", f"{INDEX}?show=x"):
            assert "A private thing" not in page(client_of(member), address)
    post(client_of(researcher), "share", conversation, is_shared="1")
    assert "A private thing" in page(client_of(owner), f"{INDEX}?show=shared")
    assert "A private thing" in page(client_of(support))  # who asks nothing reads the others'
    assert "A private thing" not in page(client_of(owner))
    post(client_of(researcher), "share", conversation, is_shared="0")
    assert "A private thing" not in page(client_of(owner), f"{INDEX}?show=shared")


def test_it_shows_nothing_of_another_workspace(
    talk: Talk, researcher: Membership, stranger: Membership, client_of: Browsers
) -> None:
    turn = answered(talk, researcher, "A mug", "zirconium")
    actions.share(member=researcher, conversation_id=turn.conversation.public_id, is_shared=True)
    for address in (f"{INDEX}?show=shared", f"{INDEX}?show=shared&q=zirconium"):
        assert "A mug" not in page(client_of(stranger), address)


def test_it_finds_words_of_titles_questions_and_answers(talk: Talk, researcher: Membership) -> None:
    answered(
        talk, researcher, "How to glaze a mug", "Use a food-safe glaze; it's dishwasher proof."
    )
    hindi = answered(talk, researcher, "नमस्ते, मिट्टी का मग", "मिट्टी के बर्तन सुंदर हैं।")
    actions.rename(
        member=researcher, conversation_id=hindi.conversation.public_id, title="Clay 100% (new)"
    )
    for words in ("glaze", "DISHWASHER", "dish", "proof glaze", "food-safe", "it's"):
        assert found(researcher, words) == ["How to glaze a mug"], words
    for words in ("मिट्टी", "नमस्ते", "बर्तन", "सुंदर मिट्टी", "clay", "100% (n", "lay 1"):
        assert found(researcher, words) == ["Clay 100% (new)"], words
    for words in ("zebra", "glaze zebra", "&|!:*'()\\", "'; DROP TABLE", "_", "<->"):
        assert found(researcher, words) == [], words


def test_it_finds_in_others_shared_ones(
    talk: Talk, researcher: Membership, seller: Membership
) -> None:
    turn = answered(talk, researcher, "A mug", "Say zirconium.")
    assert found(seller, "zirconium", "shared") == []
    actions.share(member=researcher, conversation_id=turn.conversation.public_id, is_shared=True)
    assert found(seller, "zirconium", "shared") == ["A mug"]
    assert found(seller, "zirconium") == []


def test_it_says_where_nothing_is(talk: Talk, researcher: Membership, client_of: Browsers) -> None:
    browser = client_of(researcher)
    assert "No conversations yet" in page(browser)
    assert "Nothing is archived" in page(browser, f"{INDEX}?show=archived")
    assert "Nobody shares" in page(browser, f"{INDEX}?show=shared")
    assert "Nothing matches" in page(browser, f"{INDEX}?q=zebra")


def test_it_renames_and_comes_back(talk: Talk, researcher: Membership, client_of: Browsers) -> None:
    conversation = talk.begin(researcher).conversation
    browser = client_of(researcher)
    fields = {"title": "  <b>Mugs</b> \x00 ", "next": f"{INDEX}?q=mug"}
    assert post(browser, "rename", conversation, **fields).url == f"{INDEX}?q=mug"
    conversation.refresh_from_db()
    assert conversation.title == "<b>Mugs</b>"
    assert "&lt;b&gt;Mugs&lt;/b&gt;" in page(browser)
    assert "<b>Mugs" not in page(browser)
    for away in ("https://evil.example/", "//evil.example", ""):
        answer = post(browser, "rename", conversation, title="", next=away)
        assert answer.url == path_of(conversation)
    conversation.refresh_from_db()
    assert conversation.title == "How do I sell a mug?"


def test_it_archives_and_brings_back(
    talk: Talk, researcher: Membership, client_of: Browsers
) -> None:
    conversation = talk.begin(researcher).conversation
    browser = client_of(researcher)
    told = page(browser)
    assert told.count('name="csrfmiddlewaretoken"') == told.count('method="post"')
    post(browser, "archive", conversation, is_archived="1")
    assert found(researcher) == []
    assert found(researcher, show="archived") == [conversation.title]
    post(browser, "archive", conversation, is_archived="0")
    assert found(researcher) == [conversation.title]


@pytest.mark.parametrize("act", ["rename", "archive", "share"])
def test_it_changes_nothing_of_somebody_else(
    talk: Talk, researcher: Membership, owner: Membership, client_of: Browsers, act: str
) -> None:
    conversation = talk.begin(researcher).conversation
    actions.share(member=researcher, conversation_id=conversation.public_id, is_shared=True)
    fields = {"title": "Mine", "is_archived": "1", "is_shared": "0"}
    assert post(client_of(owner), act, conversation, **fields).status_code == 404
    conversation.refresh_from_db()
    assert (conversation.title, conversation.archived_at) == ("How do I sell a mug?", None)
    assert conversation.is_shared


def many(turn: Turn, count: int) -> None:
    """So many more conversations, each with a turn like this one."""
    now = clock.now()
    made = Conversation.objects.bulk_create(
        Conversation(
            workspace=turn.workspace,
            member=turn.member,
            workflow=turn.workflow,
            model_id=turn.model_id,
            title=f"Number {number}",
            asked_at=now - timedelta(minutes=number),
        )
        for number in range(count)
    )
    Turn.objects.bulk_create(
        Turn(
            conversation=one,
            number=1,
            workspace=turn.workspace,
            member=turn.member,
            workflow=turn.workflow,
            api_key=turn.api_key,
            model_id=turn.model_id,
            question=f"What of number {one.pk}?",
            answer="Some words of an answer. " * 20,
            status="answered",
            estimated_credits=3,
            final_credits=3,
            finished_at=now,
            settled_at=now,
            next_check_at=None,
        )
        for one in made
    )


def test_it_asks_the_database_as_often_for_many_as_for_few(
    talk: Talk, researcher: Membership, client_of: Browsers
) -> None:
    turn = talk.answer(talk.begin(researcher))
    browser = client_of(researcher)

    def count(address: str) -> int:
        page(browser, address)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(browser, address)
        return len(queries)

    few = [count(INDEX), count(f"{INDEX}?q=mug")]
    many(turn, 50)
    assert [count(INDEX), count(f"{INDEX}?q=words")] == few
    told = page(browser, f"{INDEX}?q=words&page=2")
    assert told.count('class="talk"') == 20
    assert f"?q={quote('words')}&amp;page=3" in told


def test_it_finds_words_by_the_index_and_the_newest_without_sorting(
    talk: Talk, researcher: Membership
) -> None:
    many(talk.answer(talk.begin(researcher)), 2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE chat_turn, chat_conversation")
    assert "turn_words" in listing.find(researcher, Filters("zebra")).explain()
    assert "conversation_of_member" in listing.find(researcher, Filters())[:20].explain()


def test_it_holds_no_more_words_than_the_database_takes(talk: Talk, researcher: Membership) -> None:
    """An index of every word would refuse the row, and the turn could not end."""
    turn = talk.answer(talk.begin(researcher))
    different = " ".join(f"शब्द{number}" for number in range(90_000))
    Turn.objects.filter(pk=turn.pk).update(answer=different, question=different)
    assert found(researcher, "शब्द77") == [turn.conversation.title]
