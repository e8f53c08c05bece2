"""Finds the parts of a brief in an answer: what it names, and what it plainly shows. Pure.

Nothing is made up: a part that is not there stays empty, and the person who reads the form decides.
"""

from collections import defaultdict
from collections.abc import Iterable

from rivya_app.briefs.talk_blocks import CODE, HEADING, ITEM, QUOTE, Block, blocks_of
from rivya_app.briefs.talk_words import (
    AUDIENCE,
    CHANNEL,
    LANGUAGE,
    POINTS,
    PRODUCT,
    PROMPT,
    STYLE,
    choice_in,
    label_of,
    split_label,
)

MOST = {PRODUCT: 120, POINTS: 2000, AUDIENCE: 200}  # characters, as the form takes them
FEWEST_ITEMS = 2  # of a list that stands for the points where none is named so
LEAST_PROMPT = 20  # characters of a quotation that may be meant as a prompt
_QUOTES = {"“": "”", '"': '"', "„": "“", "‘": "’", "'": "'", "«": "»"}


def parts_in(markdown: str) -> dict[str, str]:
    """Each part that was found, whole; choices as their codes."""
    reader = _Reader()
    for block in blocks_of(markdown):
        reader.take(block)
    return reader.parts()


def fitted(part: str, text: str, most: int | None = None) -> str:
    """As long as the form takes it, cut between words."""
    most = most or MOST.get(part)
    if part in (PRODUCT, AUDIENCE):
        text = " ".join(text.split())
    if not most or len(text) <= most:
        return text
    cut = text[: most - 1]
    whole = cut.rsplit(None, 1)[0] if any(sign.isspace() for sign in cut) else cut
    return f"{whole.rstrip()}…"


class _Reader:
    """Blocks in their order. `_open` is the part whose heading or label stood last."""

    def __init__(self) -> None:
        self._found: dict[str, list[str]] = defaultdict(list)
        self._open = ""
        self._heading = ""  # the first that names no part, ahead of any list
        self._lists: list[list[str]] = []
        self._loose: list[str] = []  # set-off text, then quotations, that no label names
        self._quoted: list[str] = []
        self._before = ""

    def take(self, block: Block) -> None:
        if block.kind == HEADING:
            self._head(block.text)
        elif block.kind in (CODE, QUOTE):
            self._set_off(block)
        else:
            self._say(block)
        self._before = block.kind

    def parts(self) -> dict[str, str]:
        found = {part: "\n".join(lines) for part, lines in self._found.items()}
        found.setdefault(PRODUCT, self._heading)
        lists = [one for one in self._lists if len(one) >= FEWEST_ITEMS]
        longest = max(lists, key=lambda one: len(one), default=[])
        found.setdefault(POINTS, "\n".join(longest))
        found.setdefault(PROMPT, next(iter([*self._loose, *self._quoted]), ""))
        for part in (CHANNEL, STYLE, LANGUAGE):
            found[part] = choice_in(part, found.get(part, ""))
        return {part: text for part, text in found.items() if text}

    def _head(self, text: str) -> None:
        part, rest = split_label(text)
        self._open = part or label_of(text)
        if part and rest:
            self._name(part, rest)
        elif not self._open and not self._lists:
            self._heading = self._heading or text

    def _name(self, part: str, text: str) -> None:
        """What stands behind a label on its own line; the first of a name counts."""
        if not self._found[part]:
            self._found[part].append(_unquoted(text) if part == PROMPT else text)
        self._open = ""

    def _set_off(self, block: Block) -> None:
        if self._open == PROMPT:
            self._name(PROMPT, block.text)
        elif self._open in (PRODUCT, AUDIENCE):
            self._name(self._open, block.text)
        elif block.kind == CODE:
            self._loose.append(block.text)
        elif len(block.text) >= LEAST_PROMPT:
            self._quoted.append(block.text)

    def _say(self, block: Block) -> None:
        lines = block.text.split("\n")
        if any(split_label(line)[0] for line in lines):
            for line in lines:
                self._line(line, block.kind)
        elif self._open and self._open != POINTS:
            self._name(self._open, block.text)
        else:
            self._line(block.text, block.kind)

    def _line(self, line: str, kind: str) -> None:
        part, rest = split_label(line)
        if part:
            self._open = part
            if rest and part == POINTS:
                self._found[POINTS].append(rest)
            elif rest:
                self._name(part, rest)
        elif self._open == POINTS and (kind == ITEM or self._before != ITEM):
            self._found[POINTS].append(" ".join(line.split()) if kind == ITEM else line)
        elif self._open and self._open != POINTS:
            self._name(self._open, line)
        else:
            self._open = ""
            if kind == ITEM:
                self._listed(line)

    def _listed(self, line: str) -> None:
        if self._before != ITEM or not self._lists:
            self._lists.append([])
        self._lists[-1].append(" ".join(line.split()))


def _unquoted(text: str) -> str:
    """Without the marks of a quotation around the whole of it."""
    closing = _QUOTES.get(text[:1])
    return text[1:-1].strip() if closing and len(text) > 2 and text.endswith(closing) else text


def plain_text(blocks: Iterable[Block]) -> str:
    """Everything that is said, without marks."""
    return "\n\n".join(block.text for block in blocks)
