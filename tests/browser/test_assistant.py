"""The assistant in a real browser: streamed, refreshed, stopped, in two tabs, with a picture."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application
from django.db import connections
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from rivya_app.chat import feed, jobs, tickets
from rivya_app.chat.models import Conversation, Status, Turn
from rivya_app.chat.paths import path_of, path_of_turn
from rivya_app.chat.stream import Streams
from rivya_app.chat.teller import Teller
from rivya_app.gateway.models import Workflow
from rivya_app.library import uses
from rivya_app.rivya_api.sse import Delta
from rivya_app.workspaces.models import Membership
from tests.browser.chromium import DESKTOP, PHONE
from tests.chat.streaming import address_of, no_site
from tests.library.conftest import picture
from tests.waiting import wait_for

SLOWLY = "Tell me of mugs [[sse_slow:0.1]]"
ANSWERS = "#turns > li"
LONG = 40_000  # ms, for an answer that comes word by word


def _site() -> Any:
    """Pages and static files, and an answer to the server's own start and end."""
    pages = ASGIStaticFilesHandler(get_asgi_application())

    async def site(scope: Any, receive: Any, send: Any) -> None:
        inner = no_site if scope["type"] == "lifespan" else pages
        await inner(scope, receive, send)

    return site


@pytest.fixture
def place(talk: Any, settings: Any) -> Iterator[str]:
    """The product with its live streams, as one process serves it."""
    settings.DEMO = False
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    with address_of(Streams(_site())) as address:
        yield address


@pytest.fixture
def enter(place: str) -> Callable[[BrowserContext, Membership], None]:
    def enter_as(context: BrowserContext, member: Membership) -> None:
        client = Client()
        client.force_login(member.user)
        name = django_settings.SESSION_COOKIE_NAME
        session = client.cookies[name].value
        context.add_cookies([{"name": name, "value": session, "url": place}])

    return enter_as


@pytest.fixture
def tab(page: Page, researcher: Membership, enter: Any, complaints: list[str]) -> Page:
    page.set_default_timeout(15_000)
    page.set_default_navigation_timeout(30_000)
    enter(page.context, researcher)
    return page


@pytest.fixture
def worker() -> Iterator[Callable[[Turn], threading.Thread]]:
    """Answers a question in a thread, as the chat worker does."""
    begun: list[threading.Thread] = []

    def work(turn_id: str) -> None:
        try:
            jobs.answer(turn_id)
        finally:
            connections.close_all()

    def answer(turn: Turn) -> threading.Thread:
        thread = threading.Thread(target=work, args=[str(turn.public_id)], daemon=True)
        thread.start()
        begun.append(thread)
        return thread

    yield answer
    for thread in begun:
        thread.join(20)


def open_at(tab: Page, place: str, conversation: Conversation) -> None:
    tab.goto(place + path_of(conversation))


def telling(turn: Turn) -> Callable[[str], None]:
    """Passes words on as the worker does, when a test says so."""
    teller = Teller(turn)

    def tell(text: str) -> None:
        teller.hear(Delta(text))
        teller.settle_blocks()
        feed.write([(turn.public_id, entry) for entry in teller.take_unsent()])

    return tell


def words_of(answer: str) -> list[str]:
    return re.findall(r"\w+", answer)


def shown_words(tab: Page) -> list[str]:
    return words_of(tab.locator(f"{ANSWERS}:last-child .answer").inner_text())


def test_a_question_is_asked_and_its_answer_read_while_it_is_written(
    tab: Page, place: str, worker: Any
) -> None:
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(f"{place}/assistant/new/")
    tab.locator("#id_question").fill(SLOWLY)
    tab.keyboard.press("Enter")
    tab.wait_for_url(re.compile("/assistant/[0-9a-f-]{36}/"))
    turn = Turn.objects.get()
    expect(tab.get_by_text("Your question is sent in a moment.")).to_be_visible()
    thread = worker(turn)
    expect(tab.locator(".answer")).to_contain_text("mugs")
    assert thread.is_alive()  # it is still being written
    expect(tab.locator("[data-answer]")).to_have_attribute("aria-busy", "true")
    expect(tab.locator("[data-rendered]")).to_be_visible(timeout=LONG)
    turn.refresh_from_db()
    assert turn.status == Status.ANSWERED
    expect(tab.locator(".facts-line")).to_contain_text(f"{turn.output_tokens} tokens")
    assert any("/stream/turns/" in url for url in asked)
    expect(tab.locator("#told")).to_contain_text("The answer is complete.")


def test_no_mark_of_markdown_is_seen_while_an_answer_is_written(
    tab: Page, place: str, talk: Any, researcher: Any, worker: Any
) -> None:
    turn = talk.begin(researcher, SLOWLY)
    open_at(tab, place, turn.conversation)
    tab.evaluate(WATCH)
    worker(turn)
    expect(tab.locator("[data-rendered]")).to_be_visible(timeout=LONG)
    seen = tab.evaluate("window.seen")
    assert any("mugs" in words for words in seen)
    assert [words for words in seen if "*" in words or re.search("^- ", words, re.MULTILINE)] == []


WATCH = """() => {
  window.seen = [];
  const tail = document.querySelector("[data-tail]");
  const note = () => window.seen.push(tail.innerText);
  new MutationObserver(note).observe(tail, { childList: true, characterData: true, subtree: true });
}"""


def test_an_answer_is_in_sight_below_a_question_that_is_very_long(
    tab: Page, place: str, talk: Any, researcher: Any, worker: Any
) -> None:
    turn = talk.begin(researcher, "A long sentence about mugs.\n" * 120)
    open_at(tab, place, turn.conversation)
    worker(turn)
    expect(tab.locator("[data-rendered]")).to_be_visible(timeout=LONG)
    expect(tab.locator("[data-rendered]")).to_be_in_viewport()


def test_a_second_question_stays_on_the_page(
    tab: Page, place: str, talk: Any, researcher: Any, worker: Any
) -> None:
    first = talk.answer(talk.begin(researcher))
    open_at(tab, place, first.conversation)
    tab.locator("#id_question").fill("line one")
    tab.keyboard.press("Shift+Enter")
    tab.keyboard.type("line two")
    tab.keyboard.press("Enter")
    expect(tab.locator(ANSWERS)).to_have_count(2)
    expect(tab.locator("#id_question")).to_have_value("")
    turn = first.conversation.turns.get(number=2)
    assert turn.question == "line one\nline two"
    worker(turn)
    expect(tab.locator("[data-rendered]")).to_have_count(2, timeout=LONG)
    expect(tab.get_by_role("button", name="Send")).to_be_enabled()


def test_a_refresh_in_mid_answer_loses_no_word_and_doubles_none(
    tab: Page, place: str, talk: Any, researcher: Any, worker: Any
) -> None:
    turn = talk.begin(researcher, "Tell me of mugs [[sse_slow:0.25]]")
    open_at(tab, place, turn.conversation)
    worker(turn)
    expect(tab.locator("[data-blocks] > *")).not_to_have_count(0, timeout=LONG)
    wait_for(lambda: "\n\n" in Turn.objects.get(pk=turn.pk).answer)  # the row has that block too
    tab.reload()
    second = tab.context.new_page()
    open_at(second, place, turn.conversation)
    meanwhile = []
    for each in (tab, second):
        expect(each.locator("[data-tail]")).to_contain_text(re.compile(r"\w"))
        meanwhile.append(shown_words(each)[:-1])  # the last may be half a word
    for each in (tab, second):
        expect(each.locator("[data-rendered]")).to_be_visible(timeout=LONG)
        turn.refresh_from_db()
        assert each.locator(".raw").input_value() == turn.answer
    whole = shown_words(tab)
    assert whole == shown_words(second)
    for words in meanwhile:
        assert words == whole[: len(words)]


def test_a_list_is_shown_item_by_item_and_stays_one(
    tab: Page, place: str, talk: Any, researcher: Any
) -> None:
    turn = talk.begin(researcher)
    open_at(tab, place, turn.conversation)
    tell = telling(turn)
    items = tab.locator("[data-blocks] > ol > li")
    written = tab.locator("[data-tail] > ol > li")
    tell("Do this:\n\n1. **One**\n")
    tell("2. T")
    expect(items).to_have_text(["One"])
    expect(written).to_have_text(["T"])
    tell("wo\n   - a part\n\n3. Three\n")
    expect(items).to_have_count(2)
    tell("\nThen")
    expect(tab.locator("[data-tail]")).to_have_text("Then")
    expect(items).to_have_text(["One", re.compile(r"Two\s+a part"), "Three"])
    expect(tab.locator("[data-blocks] > ol")).to_have_count(1)
    tab.reload()  # everything at once comes to the same
    expect(tab.locator("[data-tail]")).to_have_text("Then")
    expect(tab.locator("[data-blocks] > *")).to_have_count(2)
    expect(items).to_have_count(3)


def test_a_link_to_an_earlier_answer_opens_what_it_is_folded_into(
    tab: Page, place: str, talk: Any, researcher: Any
) -> None:
    first = talk.answer(talk.begin(researcher))
    talk.answer(talk.ask(first.conversation, first.question, again_of=first))
    tab.goto(place + path_of_turn(first))
    expect(tab.locator("#turn-1 .answer")).to_be_in_viewport()


def test_a_second_tab_learns_of_a_new_question(
    tab: Page, place: str, talk: Any, researcher: Any
) -> None:
    first = talk.answer(talk.begin(researcher))
    open_at(tab, place, first.conversation)
    talk.ask(first.conversation, "From another tab")
    expect(tab.get_by_text("From another tab")).to_be_visible(timeout=LONG)
    expect(tab.get_by_role("button", name="Take it back")).to_be_visible()


def test_a_stream_goes_on_with_a_new_ticket_when_the_first_one_is_over(
    tab: Page, place: str, talk: Any, researcher: Any, worker: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(tickets, "make", partial(tickets.make, life=2))
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    turn = talk.begin(researcher, "Tell me of mugs [[sse_slow:0.2]]")
    open_at(tab, place, turn.conversation)
    worker(turn)
    expect(tab.locator("[data-rendered]")).to_be_visible(timeout=LONG)
    turn.refresh_from_db()
    assert tab.locator(".raw").input_value() == turn.answer
    assert any(url.endswith("/ticket/") for url in asked)
    assert sum("/stream/turns/" in url for url in asked) > 1


def test_an_answer_is_read_where_streams_are_kept_away(
    tab: Page, place: str, talk: Any, researcher: Any, worker: Any, complaints: list[str]
) -> None:
    tab.route("**/stream/**", lambda route: route.abort())
    turn = talk.begin(researcher, SLOWLY)
    open_at(tab, place, turn.conversation)
    worker(turn)
    expect(tab.locator("[data-rendered]")).to_be_visible(timeout=LONG)
    turn.refresh_from_db()
    assert tab.locator(".raw").input_value() == turn.answer
    complaints.clear()  # of what was kept away on purpose


def test_a_reader_on_a_phone_sees_the_title_and_every_letter_of_the_facts(
    browser: Any, place: str, talk: Any, researcher: Any, manager: Any, enter: Any
) -> None:
    turn = talk.answer(talk.begin(researcher, "Words for a lamp of hammered copper"))
    Conversation.objects.update(is_shared=True)
    Workflow.objects.filter(pk=talk.workflow.pk).update(name="Research of what buyers want " * 3)
    context = browser.new_context(viewport=PHONE)
    enter(context, manager)
    page = context.new_page()
    open_at(page, place, turn.conversation)
    title = page.locator("h1").bounding_box()
    assert title is not None
    assert title["width"] > 240
    assert page.evaluate(CLIPPED) == []
    context.close()


# Lines of the facts that begin left of the title, where they are cut off.
CLIPPED = """() => {
  const edge = document.querySelector("h1").getBoundingClientRect().left;
  const cut = [];
  for (const fact of document.querySelectorAll(".talk-facts > span, .facts-line > span")) {
    const range = document.createRange();
    range.selectNodeContents(fact);
    const isCut = [...range.getClientRects()].some((line) => line.left < edge - 1);
    if (isCut) cut.push(fact.textContent);
  }
  return cut;
}"""


def test_it_is_asked_and_read_without_scripts(
    browser: Any, place: str, talk: Any, researcher: Any, enter: Any
) -> None:
    context = browser.new_context(java_script_enabled=False)
    enter(context, researcher)
    page = context.new_page()
    page.goto(f"{place}/assistant/new/")
    page.locator("#id_question").fill("How do I sell a mug?")
    page.get_by_role("button", name="Send").click()
    refresh = page.get_by_role("link", name="Refresh to see how far the answer is")
    expect(refresh).to_be_visible()
    talk.answer(Turn.objects.get())
    refresh.click()
    expect(page.locator("[data-rendered]")).to_contain_text("mug")
    expect(page.get_by_role("button", name="Raw text")).to_have_count(0)
    context.close()


def test_a_press_beside_the_question_is_not_taken_by_the_bar_of_a_phone(
    tab: Page, place: str, talk: Any, researcher: Any
) -> None:
    first = talk.answer(talk.begin(researcher))
    Turn.objects.update(answer="A sentence that makes it long.\n\n" * 40)
    tab.set_viewport_size(PHONE)
    tab.goto(f"{place}/assistant/new/?continues={first.conversation.public_id}")
    tab.locator("#id_question").fill("Go on then")
    send = tab.get_by_role("button", name="Send")
    lower = "node => scrollBy(0, node.getBoundingClientRect().bottom - innerHeight + 4)"
    send.evaluate(lower)  # to where the bar would come back
    box = send.bounding_box()
    assert box is not None
    tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tab.wait_for_url(re.compile("/assistant/[0-9a-f-]{36}/"))


@pytest.mark.parametrize("way", ["paste", "drop"])
def test_a_picture_is_pasted_or_dropped(
    tab: Page, place: str, talk: Any, researcher: Any, way: str
) -> None:
    first = talk.answer(talk.begin(researcher))
    open_at(tab, place, first.conversation)
    expect(tab.locator(".is-live").first).to_be_attached()
    tab.evaluate(BRING, [way, list(picture(300, 200))])
    expect(tab.locator("#references [data-list] > li[data-file]")).to_have_count(1)


BRING = """([way, bytes]) => {
  const held = new DataTransfer();
  held.items.add(new File([new Uint8Array(bytes)], "mug.png", { type: "image/png" }));
  const event = way === "paste"
    ? new ClipboardEvent("paste", { clipboardData: held, bubbles: true, cancelable: true })
    : new DragEvent("drop", { dataTransfer: held, bubbles: true, cancelable: true });
  document.getElementById("id_question").dispatchEvent(event);
}"""


def test_escape_stops_an_answer_and_keeps_its_text(
    tab: Page, place: str, talk: Any, researcher: Any, worker: Any
) -> None:
    turn = talk.begin(researcher, "Tell me of mugs [[sse_slow:0.5]]")
    open_at(tab, place, turn.conversation)
    worker(turn)
    expect(tab.locator("[data-tail]")).to_contain_text(re.compile(r"\w"))
    tab.keyboard.press("Escape")
    expect(tab.locator(".state")).to_contain_text("Stopped")
    expect(tab.locator(".facts-line")).to_contain_text("cost is being asked of Rivya", timeout=LONG)
    turn.refresh_from_db()
    assert turn.answer
    talk.settle(turn)
    expect(tab.locator(".facts-line")).not_to_contain_text("being asked", timeout=LONG)


def test_a_picture_is_attached_and_shown(tab: Page, place: str, talk: Any, researcher: Any) -> None:
    first = talk.answer(talk.begin(researcher))
    open_at(tab, place, first.conversation)
    file = {"name": "mug.png", "mimeType": "image/png", "buffer": picture(300, 200)}
    tab.locator("#id_new_references").set_input_files([file])
    expect(tab.locator("#references [data-list] > li[data-file]")).to_have_count(1)
    tab.locator("#id_question").fill("What is this?")
    tab.keyboard.press("Enter")
    expect(tab.locator(".question-files img")).to_be_visible()
    expect(tab.locator("#references [data-list] > li")).to_have_count(0)
    turn = first.conversation.turns.get(number=2)
    assert [each.name for each in uses.files_of(turn.reference)] == ["mug.png"]


def test_a_refusal_keeps_what_was_typed(tab: Page, place: str, talk: Any, researcher: Any) -> None:
    first = talk.answer(talk.begin(researcher))
    open_at(tab, place, first.conversation)
    Conversation.objects.update(closed_code="chat_session_conflict")
    tab.locator("#id_question").fill("Too late?")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("link", name="Go on in a new conversation")).to_be_visible()
    expect(tab.locator("#id_question")).to_have_value("Too late?")


@pytest.mark.parametrize("typed", ["", "Half a thought"])
def test_a_conversation_that_ends_while_it_is_read_takes_no_question_more(
    tab: Page, place: str, talk: Any, researcher: Any, worker: Any, typed: str
) -> None:
    first = talk.answer(talk.begin(researcher))
    turn = talk.ask(first.conversation, "Too late?")
    open_at(tab, place, first.conversation)
    tab.locator("#id_question").fill(typed)
    talk.rivya.fault("error", on=["chat.stream"], code="not_found", status=404)
    worker(turn)
    expect(tab.get_by_role("link", name="Go on in a new conversation")).to_be_visible(timeout=LONG)
    for name in ("Send", "Stop", "Take it back"):
        expect(tab.get_by_role("button", name=name, exact=True)).to_have_count(0)
    expect(tab.locator("#id_question")).to_have_count(1 if typed else 0)


def test_a_draft_outlives_the_page(tab: Page, place: str, talk: Any, researcher: Any) -> None:
    first = talk.answer(talk.begin(researcher))
    open_at(tab, place, first.conversation)
    tab.locator("#id_question").fill("Half a thought")
    tab.reload()
    expect(tab.locator("#id_question")).to_have_value("Half a thought")


def test_raw_text_and_code_can_be_had(tab: Page, place: str, talk: Any, researcher: Any) -> None:
    first = talk.answer(talk.begin(researcher))
    Turn.objects.update(
        answer="Look:\n\n```python\nprint(1)\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    )
    open_at(tab, place, first.conversation)
    expect(tab.locator(".code .code-copy")).to_be_visible()
    tab.get_by_role("button", name="Raw text").click()
    expect(tab.locator(".raw")).to_be_visible()
    expect(tab.locator("[data-rendered]")).to_be_hidden()


@pytest.fixture
def rooms(talk: Any, researcher: Any) -> list[str]:
    """Conversations in the states that look different."""
    done = talk.answer(talk.begin(researcher, "A question " + "with-many-words" * 12))
    Turn.objects.filter(pk=done.pk).update(answer=WIDE)
    broken = talk.answer(talk.begin(researcher, "Break [[sse_break:3]]"))
    failed = talk.answer(talk.begin(researcher, "Fail [[reject]]"))
    waiting = talk.begin(researcher, "Wait", context="Facts " * 40)
    closed = talk.answer(talk.begin(researcher, "Closed"))
    Conversation.objects.filter(pk=closed.conversation_id).update(closed_code="not_found")
    turns = [done, broken, failed, waiting, closed]
    return ["/assistant/new/", *[path_of(turn.conversation) for turn in turns]]


WIDE = (
    "# A heading\n\n"
    + "wordwithoutend" * 30
    + "\n\n```\n"
    + "x = 1; " * 60
    + "\n```\n\n|a|b|c|d|e|f|\n|---|---|---|---|---|---|\n"
    + "|longer words|longer words|longer words|longer words|longer words|longer words|\n\n"
    + "- one\n  - two\n\n> quoted [a link](https://example.com/)\n"
)


def wrongs(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{page.url} {rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]
    ]


@pytest.mark.parametrize(
    ("language", "theme", "size"),
    [
        ("en", "light", DESKTOP),
        ("hi", "dark", PHONE),
        ("en", "dark", {"width": 360, "height": 740}),
    ],
)
def test_it_is_for_every_eye_and_every_screen(
    browser: Any,
    place: str,
    rooms: list[str],
    researcher: Any,
    enter: Any,
    language: str,
    theme: str,
    size: Any,
) -> None:
    context = browser.new_context(color_scheme=theme, viewport=size)
    enter(context, researcher)
    context.add_cookies([{"name": "language", "value": language, "url": place}])
    page = context.new_page()
    found: list[str] = []
    for path in rooms:
        page.goto(place + path)
        expect(page.locator("html")).to_have_attribute("lang", language)
        found += wrongs(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{path} is too wide")
    with suppress(Exception):
        context.close()
    assert found == []
