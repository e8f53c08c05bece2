"""An answer's Markdown as plain blocks: what stands in it, without its marks. Knows no briefs."""

from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

HEADING, TEXT, ITEM, CODE, QUOTE = "heading", "text", "item", "code", "quote"
_md = MarkdownIt("js-default", {"linkify": False, "typographer": False})  # HTML is text here
# Set-off text that may be meant to be taken over; program text is not.
_PLAIN_CODE = frozenset({"", "text", "txt", "plain", "plaintext", "prompt", "markdown", "md"})


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item, row of a table, set-off text or quotation."""

    kind: str
    text: str


def blocks_of(markdown: str) -> list[Block]:
    """In their order; program text is left out."""
    reader = _Reader()
    before = ""
    for token in _md.parse(markdown):
        reader.take(token, before)
        before = token.type
    return [block for block in reader.blocks if block.text]


class _Reader:
    """Goes through the tokens once; what stands in a quotation or a row is kept until its end."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._items = 0
        self._quotes = 0
        self._kept: list[str] = []

    def take(self, token: Token, before: str) -> None:
        if token.type in ("list_item_open", "list_item_close"):
            self._items += token.nesting
        elif token.type in ("blockquote_open", "blockquote_close"):
            self._quotes += token.nesting
            if not self._quotes:
                self._close(QUOTE, "\n\n")
        elif token.type == "tr_close" and not self._quotes:
            self._close(TEXT, ": ")
        elif token.type in ("fence", "code_block"):
            self._code(token)
        elif token.type == "inline":
            self._inline(token, before)

    def _close(self, kind: str, between: str) -> None:
        self.blocks.append(Block(kind, between.join(filter(None, self._kept)).strip()))
        self._kept = []

    def _code(self, token: Token) -> None:
        if self._quotes:
            self._kept.append(token.content.strip())
        elif token.info.strip().casefold() in _PLAIN_CODE:
            self.blocks.append(Block(CODE, token.content.strip()))

    def _inline(self, token: Token, before: str) -> None:
        children = token.children or []
        text = _plain(children)
        if self._quotes or before in ("td_open", "th_open"):
            self._kept.append(text)
        elif before == "heading_open" or (not self._items and _is_all_bold(children)):
            self.blocks.append(Block(HEADING, text))
        else:
            self.blocks.append(Block(ITEM if self._items else TEXT, text))


def _plain(children: Sequence[Token]) -> str:
    """The words as they are read: no marks, no addresses; a picture is its description."""
    breaks = ("softbreak", "hardbreak")
    parts = ["\n" if child.type in breaks else child.content for child in children]
    return "".join(parts).strip()


def _is_all_bold(children: Sequence[Token]) -> bool:
    """A line that is bold from end to end stands for a heading."""
    seen = [child for child in children if child.type != "text" or child.content.strip()]
    types = [child.type for child in seen]
    if len(types) < 3 or types[0] != "strong_open" or types[-1] != "strong_close":
        return False
    return types.count("strong_open") == 1 and "softbreak" not in types
