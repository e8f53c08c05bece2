"""An answer's Markdown as HTML that is safe to show: no raw HTML, no pictures, nothing remote.

Also what of an unfinished answer can be shown for good already. `html_of` of the whole is what
counts. It may show otherwise than the pieces did: links that are defined elsewhere (`[text][1]` …
`[1]: https://…`), because a piece does not know the others' definitions; and the items of a list
have paragraphs once a later one makes it loose, which pages show alike.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import unescape
from typing import NamedTuple

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

DEEPEST = 20  # levels of nesting; a list takes two. Deeper blocks are shown as they were typed
LONGEST = 200_000  # characters; a longer text is shown as it was typed
LONGEST_TAIL = 50_000  # characters; a block beyond that waits for the end of the answer
TELLING = 16  # characters of a line, of which the first tell what it begins
FIRST_HEADING = 3  # the page has its own h1 and h2
_LINKS_TO = ("http://", "https://", "mailto:")

_TAGS = {
    *("p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "hr", "br"),
    *("em", "strong", "s", "a", "div", "table", "thead", "tbody", "tr", "th", "td"),
}
_ALIGNED = {"start", "center", "end"}
_KEPT: dict[str, set[str]] = {"*": set(), "a": {"href"}, "ol": {"start"}, "code": {"class"}}
_KEPT_VALUES = {
    "a": {"class": {"outside"}, "target": {"_blank"}},
    "div": {"class": {"answer-table"}},
    "th": {"class": _ALIGNED},
    "td": {"class": _ALIGNED},
}
# Each block finds its own direction, so that right-to-left text or marks reach no further than it.
# What may be wider than the screen is scrolled, by keyboard too.
_ADDED = {
    **{tag: {"dir": "auto"} for tag in ("p", "h3", "h4", "h5", "h6", "li", "th", "td")},
    "pre": {"dir": "auto", "tabindex": "0"},
    "div": {"tabindex": "0"},
}
_LANGUAGE = re.compile(r"language-[\w+#.-]{1,40}")


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    if tag == "code" and attribute == "class":
        return value if _LANGUAGE.fullmatch(value) else None
    return value


_clean = nh3.Cleaner(
    tags=_TAGS,
    attributes=_KEPT,
    attribute_filter=_allowed,
    tag_attribute_values=_KEPT_VALUES,
    set_tag_attribute_values=_ADDED,
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow ugc",
).clean


@lru_cache(maxsize=512)
def html_of(text: str) -> SafeString:
    """The whole text as HTML. Kept for the answers that were read last."""
    html = _markdown.render(text) if len(text) <= LONGEST else f"<pre>{escape(text)}</pre>"
    return mark_safe(_clean(html))  # noqa: S308  (cleaned by nh3)


def in_plain_words(text: str) -> str:
    """What the text says, without any marks and in one line."""
    return " ".join(unescape(nh3.clean(_markdown.render(text), tags=set())).split())


class Settled(NamedTuple):
    """What of a text can be shown for good, and the text that is left of it."""

    html: str
    rest: str
    is_in_list: bool = False  # the rest begins with the next item of the list that `html` ends with


def settled_blocks(tail: str) -> Settled:
    """The whole blocks at the beginning of `tail`, and the whole items of a list behind them.

    Whatever is appended to the rest, they stay as they are. What may still change (a paragraph, an
    open fence, the last item of a list, the last line) stays in the rest.
    """
    if not _is_worth_a_look(tail):
        return Settled("", tail)
    end = tail.rfind("\n") + 1
    lines = _LINE.findall(tail[:end])
    tokens = _skeleton.parse(tail if begins_something(tail) else tail[:end])
    whole = _settled_lines(_blocks(tokens), lines)
    count = max(whole, _last_item(tokens))
    settled = "".join(lines[:count])
    html = _clean(_markdown.render(settled)) if settled else ""
    if not html:
        return Settled("", tail)
    return Settled(html, _BLANK_LINES.sub("", tail[len(settled) :]), is_in_list=count > whole)


def begins_something(tail: str) -> bool:
    """Whether the last line, which is still being written, surely ends what stands before it: as
    the next item of a list, or behind a blank line as no such item."""
    end = tail.rfind("\n") + 1
    if end == 0 or "\r" in tail[end:]:
        return False
    if _BEGINS_AN_ITEM.match(tail, end):
        return True
    before = tail[tail.rfind("\n", 0, end - 1) + 1 : end]
    return _is_blank(before) and _BEGINS_A_BLOCK.match(tail, end) is not None


# --- What can no longer change --------------------------------------------------------------------

_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`\n]*\n)|~{3,})")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)")
_BLANK_LINES = re.compile(r"\A(?:[ \t]*(?:\r\n|\r|\n))+")
# How a line that is still being written must begin so that, behind a blank line, it is surely no
# next item of a list: neither room, nor what may become a list's mark.
_BEGINS_A_BLOCK = re.compile(r"[^\s\-+*\d]|[-+*]\S|\d+[^\d.)]")
# As an item, which no further letters make a rule (`- - -`) or part of a table (`- | -`).
_BEGINS_AN_ITEM = re.compile(r" {0,3}(?:- +-*[^\s\-|:]|\* +\**[^\s*]|\+ +\S|\d{1,9}[.)] +\S)")
_LISTS = {"bullet_list_open", "ordered_list_open"}
# A table or a quotation, and what may be the end of it: a line without its mark.
_ROWS, _END_OF_ROWS = re.compile(r"[|>]"), re.compile(r"\n[^|>]")
_ENDED_BY_A_BLANK_LINE = {"paragraph_open", "heading_open", "blockquote_open", "table_open"}


def _is_worth_a_look(tail: str) -> bool:
    """Every new line asks again, so a long tail is looked at less often the longer it is, and an
    open fence not at all, nor a table or a quotation that goes on in every line: the work for an
    answer grows with its length, not with its square."""
    count = tail.count("\n")
    if len(tail) > LONGEST_TAIL or count % (1 + count // 64):
        return False
    fence = _FENCE.match(tail)
    if fence:
        return re.search(rf"\n {{0,3}}{fence[1]}", tail) is not None
    return not _ROWS.match(tail) or _END_OF_ROWS.search(tail) is not None


def _blocks(tokens: Sequence[Token]) -> list[Token]:
    """The first token of each top-level block."""
    return [token for token in tokens if token.level == 0 and token.nesting >= 0 and token.map]


def _settled_lines(blocks: Sequence[Token], lines: Sequence[str]) -> int:
    """How many lines can no longer change: those of every block that another one follows, and of
    the last one where its own kind ends it."""
    ends = [token.map[1] for token in blocks if token.map]
    if blocks and _is_ended(blocks[-1], lines):
        return ends[-1]
    return ends[-2] if len(ends) > 1 else 0


def _last_item(tokens: Sequence[Token]) -> int:
    """The line at which the last item begins of a list that ends the text: none before it can
    change. 0 where there is no such list, or nothing before it in the list."""
    blocks = _groups(tokens)
    if not blocks or blocks[-1][0].type not in _LISTS:
        return 0
    begins = [token.map[0] for token in blocks[-1] if token.level == 1 and token.map]
    return begins[-1] if len(begins) > 1 else 0


def _is_ended(block: Token, lines: Sequence[str]) -> bool:
    start, end = block.map or (0, 0)
    if end > len(lines):
        return False  # its last line is still being written
    if block.type == "heading_open" or block.type == "hr":
        return True
    if block.type == "fence":
        return end - start == block.content.count("\n") + 2  # its two marks stand around it
    return block.type in _ENDED_BY_A_BLANK_LINE and any(map(_is_blank, lines[end - 1 : end + 1]))


def _is_blank(line: str) -> bool:
    return not line.strip(" \t\r\n")


# --- The two parsers ------------------------------------------------------------------------------


def _made() -> MarkdownIt:
    """Markdown without raw HTML. What is no web or mail address is no link, and stays text."""
    markdown = MarkdownIt("js-default", {"maxNesting": DEEPEST})
    markdown.validateLink = _is_good_link  # type: ignore[method-assign]
    return markdown


def _is_good_link(url: str) -> bool:
    return url.strip().lower().startswith(_LINKS_TO)


def _show_deep_blocks_as_text(state: StateCore) -> None:
    """The parser drops what is nested deeper than it goes; nothing of an answer may be lost."""
    lines = state.src.split("\n")
    kept: list[Token] = []
    for block in _groups(state.tokens):
        if not _is_too_deep(block):
            kept += block
        elif block[0].type in _LISTS:  # item by item, as it may have been shown already
            kept += [block[0], *_without_deep_items(block[1:-1], lines), block[-1]]
        else:
            kept.append(_typed(block[0], lines))
    state.tokens = kept


def _without_deep_items(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[Token]:
    for item in _groups(tokens, level=1):
        yield from [item[0], _typed(item[0], lines), item[-1]] if _is_too_deep(item) else item


def _groups(tokens: Sequence[Token], level: int = 0) -> list[list[Token]]:
    groups: list[list[Token]] = []
    for token in tokens:
        if token.level == level and token.nesting >= 0:
            groups.append([])
        groups[-1].append(token)
    return groups


def _is_too_deep(block: Sequence[Token]) -> bool:
    containers = ("blockquote_open", "list_item_open")
    return any(token.level >= DEEPEST - 1 and token.type in containers for token in block)


def _typed(first: Token, lines: Sequence[str]) -> Token:
    start, end = first.map or (0, 0)
    content = "\n".join(lines[start:end]) + "\n"
    return Token("code_block", "code", 0, content=content, map=[start, end])


def _fit_into_the_page(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            # Answers begin at any of the first three; a page's order must not skip one for it.
            token.tag = f"h{max(FIRST_HEADING, int(token.tag[1]))}"
        elif token.type in ("th_open", "td_open"):
            _align(token)
        elif token.children:
            token.children = _without_pictures(token.children)


def _align(cell: Token) -> None:
    """A class, since a style in the markup is nothing that our pages let happen."""
    side = str(cell.attrs.pop("style", "")).removeprefix("text-align:")
    if side:
        cell.attrs["class"] = {"left": "start", "right": "end"}.get(side, side)


def _without_pictures(children: Sequence[Token]) -> list[Token]:
    """A picture becomes a link with its words (inside a link, its words alone)."""
    kept: list[Token] = []
    depth = 0
    for token in children:
        if token.type in ("link_open", "link_close"):
            depth += token.nesting
            kept.append(_marked(token))
        elif token.type == "image":
            kept += _link_to_picture(token, is_inside=depth > 0)
        else:
            kept.append(token)
    return kept


def _link_to_picture(token: Token, *, is_inside: bool) -> list[Token]:
    source = str(token.attrs.get("src", ""))
    words = [Token("text", "", 0, content=_words_of(token.children or []) or source)]
    if is_inside:
        return words
    opened = _marked(Token("link_open", "a", 1, attrs={"href": source}))
    return [opened, *words, Token("link_close", "a", -1)]


_WORDS = {"softbreak": " ", "hardbreak": " "}


def _words_of(children: Sequence[Token]) -> str:
    """The alternative words of a picture, without their marks."""
    return "".join(
        _words_of(token.children or [])
        if token.type == "image"
        else _WORDS.get(token.type, token.content)
        for token in children
    )


def _marked(link: Token) -> Token:
    if link.nesting == 1 and not str(link.attrs.get("href", "")).startswith("mailto:"):
        link.attrs |= {"class": "outside", "target": "_blank"}
    return link


def _table_open(*_ignored: object) -> str:
    return '<div class="answer-table"><table>\n'


def _table_close(*_ignored: object) -> str:
    return "</table></div>\n"


_skeleton = _made()  # finds blocks, and does not read inside them
_skeleton.core.ruler.enableOnly(["normalize", "block"])
_markdown = _made()
_markdown.core.ruler.after("block", "deep_blocks", _show_deep_blocks_as_text)
_markdown.core.ruler.push("fit", _fit_into_the_page)
_markdown.add_render_rule("table_open", _table_open)
_markdown.add_render_rule("table_close", _table_close)


# --- For files ------------------------------------------------------------------------------------

_BEGINS_MARKUP = re.compile(r"^((?:[ \t>]|[-+*] |\d+[.)] )*)<(?=[!?/A-Za-z])(?!https?:|mailto:)")


def closed(text: str) -> str:
    """The same Markdown, with nothing in it that would run on behind its end: an open fence, or
    the beginning of raw HTML."""
    text = f"{text}\n"
    tokens, lines = _skeleton.parse(text), _LINE.findall(text)
    prose = [token.map for token in tokens if token.type == "inline" and token.map]
    for number in (number for start, end in prose for number in range(start, end)):
        lines[number] = _BEGINS_MARKUP.sub(r"\1\\<", lines[number])
    blocks = _blocks(tokens)
    if blocks and blocks[-1].type == "fence" and not _is_ended(blocks[-1], lines):
        lines.append(blocks[-1].markup)
    return "".join(lines)
