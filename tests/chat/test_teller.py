"""The looks of an answer while it is written: behind its words, and never in the way of others'."""

import json
import threading
from typing import Any
from uuid import uuid4

import pytest

from rivya_app.chat import feed, rendering
from rivya_app.chat.models import Conversation, Turn
from rivya_app.chat.rendering import Settled, html_of
from rivya_app.chat.scribe import Scribe
from rivya_app.chat.teller import Teller
from rivya_app.rivya_api.sse import Delta
from tests.chat.test_rendering import look, put_behind
from tests.waiting import wait_for

ANSWER = """# A title

Some words
of one.

- a
- b

| a | b |
|---|---|
| c | d |

The end.

x"""


def new_teller() -> Teller:
    turn = Turn(pk=1, public_id=uuid4(), conversation=Conversation(pk=1), send_count=1)
    return Teller(turn)


class Page:
    """What a browser makes of a feed."""

    def __init__(self) -> None:
        self.blocks, self.tail = "", ""

    def read(self, teller: Teller) -> None:
        for entry in teller.take_unsent():
            if entry.kind == feed.TEXT:
                self.tail += entry.data
            else:
                block = json.loads(entry.data)
                self.blocks = put_behind(self.blocks, block["html"], block["goes_on"])
                self.tail = block["rest"]


def test_the_first_letters_of_an_item_settle_the_one_before() -> None:
    teller, page = new_teller(), Page()
    for piece in ("- **One**\n", "- ", "*", "*T", "wo**, and more of it\n", "- Three"):
        teller.hear(Delta(piece))
        teller.settle_blocks()
    page.read(teller)
    assert page.blocks == html_of("- **One**\n- **Two**, and more of it")
    assert page.tail == "- Three"


def test_a_line_is_not_looked_at_for_ever() -> None:
    teller = new_teller()
    teller.hear(Delta("One.\n\n"))
    teller.settle_blocks()
    teller.hear(Delta("Some words of a line that goes on"))
    teller.settle_blocks()
    teller.hear(Delta(" and on"))
    assert not teller._is_worth_a_look


@pytest.mark.parametrize("size", [1, 3, 10, 200])
@pytest.mark.parametrize("every", [1, 4])
def test_a_page_comes_to_the_same_whenever_it_is_looked_at(size: int, every: int) -> None:
    teller, page = new_teller(), Page()
    for number, at in enumerate(range(0, len(ANSWER), size)):
        teller.hear(Delta(ANSWER[at : at + size]))
        if number % every == 0:
            teller.settle_blocks()
        page.read(teller)
    teller.settle_blocks()
    page.read(teller)
    assert page.tail == "x"
    assert look(page.blocks + html_of(page.tail)) == look(html_of(ANSWER))


def test_what_comes_during_the_look_is_in_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    teller, page = new_teller(), Page()
    settled_blocks = rendering.settled_blocks

    def slow(tail: str) -> Settled:
        teller.hear(Delta(" more\n\n"))
        page.read(teller)
        return settled_blocks(tail)

    with monkeypatch.context() as patched:
        patched.setattr(rendering, "settled_blocks", slow)
        teller.hear(Delta("One.\n\nTwo"))
        teller.settle_blocks()
    page.read(teller)
    assert (page.blocks, page.tail) == (html_of("One."), "Two more\n\n")
    teller.settle_blocks()
    page.read(teller)
    assert (page.blocks, page.tail) == (html_of("One.\n\nTwo more"), "")


def test_no_look_comes_behind_a_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    teller = new_teller()

    def stopped_meanwhile(_tail: str) -> Settled:
        teller.stop()
        teller.take_unsent()
        return Settled("<p>One.</p>", "")

    monkeypatch.setattr(rendering, "settled_blocks", stopped_meanwhile)
    teller.hear(Delta("One.\n\n"))
    assert not teller.settle_blocks()
    assert teller.take_unsent() == []


def test_it_looks_no_more_at_what_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor keeps it twice: such an answer is shown as it was typed until its end."""
    looked: list[int] = []
    settled_blocks = rendering.settled_blocks

    def watched(tail: str) -> Settled:
        looked.append(len(tail))
        return settled_blocks(tail)

    monkeypatch.setattr(rendering, "settled_blocks", watched)
    teller = new_teller()
    for _piece in range(200):
        teller.hear(Delta("x" * 999 + "\n"))
        teller.settle_blocks()
    assert max(looked) <= rendering.LONGEST_TAIL
    assert not teller._behind_tail
    assert len(teller.text) == 200_000


def test_a_long_look_at_one_answer_holds_up_no_word_of_another(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    is_looking, may_go_on = threading.Event(), threading.Event()
    settled_blocks = rendering.settled_blocks

    def long(tail: str) -> Settled:
        is_looking.set()
        may_go_on.wait(20)
        return settled_blocks(tail)

    monkeypatch.setattr(rendering, "settled_blocks", long)
    monkeypatch.setattr(Scribe, "_keep_for_ever", lambda _self: None)  # there are no rows here
    scribe, one, other = Scribe(), new_teller(), new_teller()
    for teller in (one, other):
        scribe.take(teller)
    try:
        one.hear(Delta("One.\n\nTwo"))
        scribe.has_news()
        assert is_looking.wait(10)
        other.hear(Delta("Words\n\nof another"))
        scribe.has_news()
        wait_for(lambda: kinds(other) == [feed.TEXT], what="the words of the other")
        assert kinds(one) == [feed.TEXT]
    finally:
        may_go_on.set()
    wait_for(lambda: kinds(one) == kinds(other) == [feed.TEXT, feed.BLOCK], what="their looks")
    for teller in (one, other):
        scribe.drop(teller)


def kinds(teller: Teller) -> list[str]:
    return [entry.kind for entry in feed.read_after(teller.turn_id, "")]


def test_a_scribe_without_a_thread_keeps_nothing_and_begins_with_the_next_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An answer that nobody listens to must not have its lease renewed for ever."""
    monkeypatch.setattr(Scribe, "_keep_for_ever", lambda _self: None)  # there are no rows here
    scribe, one, other = Scribe(), new_teller(), new_teller()
    with monkeypatch.context() as poor:
        poor.setattr(threading.Thread, "start", no_thread)
        with pytest.raises(RuntimeError):
            scribe.take(one)
    assert scribe.open_count == 0
    scribe.take(other)
    other.hear(Delta("Words"))
    scribe.has_news()
    wait_for(lambda: kinds(other) == [feed.TEXT], what="its words")
    scribe.drop(other)


def no_thread(_self: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")
