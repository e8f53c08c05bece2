"""A conversation leaves as Markdown, for whoever may read it, and adds nothing to it."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation
from markdown_it import MarkdownIt

from rivya_app.chat import actions, export, rendering
from rivya_app.chat.models import Conversation, Turn
from rivya_app.workspaces.models import Membership
from tests.chat.talk import Talk

Browsers = Callable[[Membership | None], Client]


def asked(browser: Client, conversation: Conversation) -> Any:
    return browser.get(reverse("chat:export", args=[conversation.public_id]))


def text(browser: Client, conversation: Conversation) -> str:
    answer = asked(browser, conversation)
    assert answer.status_code == 200
    told: str = answer.getvalue().decode()
    return told


def headings(markdown: str) -> list[str]:
    tokens = MarkdownIt("js-default").parse(markdown)
    return [
        f"{token.markup} {inline.content}"
        for token, inline in pairwise(tokens)
        if token.type == "heading_open"
    ]


def test_it_holds_what_was_asked_answered_and_paid(
    talk: Talk, researcher: Membership, client_of: Browsers
) -> None:
    first = talk.answer(talk.begin(researcher, "How do I sell a mug?", context="A blue mug."))
    Turn.objects.filter(pk=first.pk).update(answer="**Tell** what it holds.")
    second = talk.answer(talk.ask(first.conversation, "How do I sell it?", again_of=first))
    told = text(client_of(researcher), first.conversation)
    assert headings(told) == [
        "# How do I sell a mug?",
        "## Question 1",
        "### Answer",
        "## Question 2",
        "### Answer",
        *(heading for heading in headings(second.answer)),
    ]
    for part in (
        "- Asked by: Kabir Researcher\n",
        "- Model: ",
        "```text\nA blue mug.\n```",
        "```text\nHow do I sell a mug?\n```",
        "**Tell** what it holds.",
        "*An earlier attempt: asked again as question 2*",
        "*Question 1, asked again*",
        f"1 credit · {first.input_tokens} tokens in, {first.output_tokens} out",
        second.answer.strip(),
    ):
        assert part in told


def test_it_says_how_an_unfinished_answer_stands(
    talk: Talk, researcher: Membership, client_of: Browsers
) -> None:
    turn = talk.begin(researcher)
    told = text(client_of(researcher), turn.conversation)
    assert "*Queued*" in told
    assert "Not settled yet; 3 credits expected" in told


@pytest.mark.parametrize(
    "question",
    [
        "## Question 2\n\n```\nbroken out",
        "````\n```text\n``````\n# x",
        "~~~\n# x\n`",
        "> - # x\n\n\n<script>alert(1)</script>\n<!--",
    ],
)
def test_it_keeps_what_was_typed_apart_from_its_own_words(
    talk: Talk, researcher: Membership, client_of: Browsers, question: str
) -> None:
    turn = talk.begin(researcher, question)
    Conversation.objects.update(title="# *A* <b> [title](x)\n## two")
    told = text(client_of(researcher), turn.conversation)
    tokens = MarkdownIt("js-default").parse(told)
    assert [token.content for token in tokens if token.type == "fence"] == [f"{question}\n"]
    assert len(headings(told)) == 3
    assert "<script" not in told.replace(question, "")
    assert "\n# \\# \\*A\\* \\<b\\> \\[title\\](x) \\#\\# two\n" in f"\n{told}"


@pytest.mark.parametrize("answer", ["```python\nx = 1", "~~~~\n```\n", "- a\n  ```\n  x", "<!-- x"])
def test_it_lets_no_answer_run_on_behind_its_end(
    talk: Talk, researcher: Membership, client_of: Browsers, answer: str
) -> None:
    first = talk.answer(talk.begin(researcher))
    Turn.objects.filter(pk=first.pk).update(answer=answer)
    talk.ask(first.conversation, "And then?")
    told = text(client_of(researcher), first.conversation)
    assert "## Question 2" in headings(told)
    html = MarkdownIt("commonmark").render(told)  # which lets raw HTML through
    assert "<h2>Question 2</h2>" in html
    assert "<!--" not in html


def test_it_is_named_by_its_title(talk: Talk, researcher: Membership, client_of: Browsers) -> None:
    turn = talk.begin(researcher)
    browser = client_of(researcher)

    def name(title: str) -> str:
        Conversation.objects.update(title=title)
        answer = asked(browser, turn.conversation)
        assert answer["Content-Type"] == "text/markdown; charset=utf-8"
        disposition: str = answer["Content-Disposition"]
        assert disposition.startswith("attachment; filename")
        assert "\n" not in disposition
        return unquote(disposition.rpartition("=")[2].removeprefix("utf-8''").strip('"'))

    assert name("Mugs") == "Mugs.md"
    assert name("मिट्टी का मग") == "मिट्टी का मग.md"
    assert name('../../etc/passwd\r\nX: "y" \u202egnp.exe') == "etc passwd X y gnp.exe.md"
    assert name("") == "conversation.md"
    assert name(" . ") == "conversation.md"


def test_it_is_for_whoever_may_read_it(
    talk: Talk, researcher: Membership, owner: Membership, stranger: Membership, client_of: Browsers
) -> None:
    conversation = talk.begin(researcher).conversation
    assert asked(client_of(owner), conversation).status_code == 404
    actions.share(member=researcher, conversation_id=conversation.public_id, is_shared=True)
    assert "How do I sell a mug?" in text(client_of(owner), conversation)
    assert asked(client_of(stranger), conversation).status_code == 404


def test_it_is_sent_as_it_is_read_in_the_readers_language(
    talk: Talk, researcher: Membership, client_of: Browsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "CHUNK", 2)
    turn = talk.answer(talk.begin(researcher))
    for _more in range(4):
        turn = talk.answer(talk.ask(turn.conversation))
    researcher.user.language = "hi"
    researcher.user.time_zone = "Asia/Kolkata"
    researcher.user.save()
    answer = asked(client_of(researcher), turn.conversation)
    translation.activate("en")  # the next reader's page, in the same thread
    timezone.deactivate()
    with CaptureQueriesContext(connection) as queries:
        pieces = list(answer.streaming_content)
    assert len(pieces) == 4
    assert len(queries) <= 13  # for five turns in three chunks
    told = b"".join(pieces).decode()
    assert "Kabir Researcher" in told
    assert "### Answer" not in told
    assert "UTC" not in told
    assert told.count("```text") == 5


def test_it_closes_what_is_open_and_leaves_the_rest() -> None:
    for whole in ("# a\n\n```\nx\n```\n", "- a\n\n  <https://a.b>\n", "a < b\n", "x\n"):
        assert rendering.closed(whole).strip("\n") == whole.strip("\n")
    assert rendering.closed("````md\n```\n").endswith("\n````")
    assert rendering.closed("a\n<div>\n> <!-- x\n") == "a\n\\<div>\n> \\<!-- x\n\n"
