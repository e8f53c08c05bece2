"""Reads a page as its reader does: the words that stand open on it, and where its buttons lead."""

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

_UNSEEN = {"details", "script", "style", "template", "aside", "nav"}
_EMPTY = {"input", "img", "br", "link", "meta", "hr", "source"}


@dataclass(frozen=True)
class Button:
    """Something to press: a link, or a form with its fields."""

    method: str
    url: str
    fields: dict[str, str] = field(default_factory=dict)


class Card(HTMLParser):
    """The first element with the class `note` inside `main`: its words and its buttons.

    Folded parts are not read: they are `folded`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.folded: list[str] = []
        self.buttons: list[Button] = []
        self._depth = 0  # inside the card
        self._unseen: list[str] = []
        self._is_in_main = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._is_in_main = self._is_in_main or tag == "main"
        if self._depth:
            self._depth += tag not in _EMPTY
        elif self._begins(given):
            self._depth = 1
        if not self._depth:
            return
        if tag in _UNSEEN:
            self._unseen.append(tag)
        self._note(tag, given)

    def _begins(self, given: dict[str, str]) -> bool:
        is_first = self._is_in_main and not self.words
        return is_first and "note" in given.get("class", "").split()

    def _note(self, tag: str, given: dict[str, str]) -> None:
        if tag == "a":
            self.buttons.append(Button("get", given["href"]))
        elif tag == "form":
            self.buttons.append(Button(given.get("method", "get"), given.get("action", "")))
        elif tag == "input" and self.buttons and "name" in given:
            self.buttons[-1].fields[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if self._unseen and self._unseen[-1] == tag:
            self._unseen.pop()
        if self._depth and tag not in _EMPTY:
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if self._depth and data.strip():
            (self.folded if self._unseen else self.words).append(data.strip())

    @property
    def text(self) -> str:
        return " ".join(self.words)


def card_of(page: Any) -> Card:
    """The card of a response's page."""
    card = Card()
    card.feed(page.content.decode())
    assert card.words, "there is no card on this page"
    return card


def open_text(page: Any) -> str:
    """Everything that stands open in `main`, without what is folded or beside it."""
    text = page.content.decode().split("<main", 1)[1]
    for tag in _UNSEEN:
        text = re.sub(rf"<{tag}\b.*?</{tag}>", " ", text, flags=re.S)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text)))
