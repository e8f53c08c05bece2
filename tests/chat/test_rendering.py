"""Answers are shown as safe HTML, and piece by piece they come to the same as the whole."""

import re
from html.parser import HTMLParser
from time import process_time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rivya_app.chat import rendering
from rivya_app.chat.rendering import html_of, settled_blocks

# Lines that mean something at the edges between blocks, and what may stand in them.
_STARTS = st.sampled_from(
    [
        "- " * 12,
        ">" * 25,
        "",
        "",
        "- ",
        "* ",
        "+ ",
        "1. ",
        "2) ",
        "  ",
        "    ",
        "\t",
        "> ",
        "# ",
        "###### ",
        "```",
        "~~~~",
    ]
)
_MIDDLES = st.sampled_from(
    [
        *(
            "",
            "word",
            "शब्द",
            "a | b",
            "--|--",
            "---",
            "***",
            "===",
            "```",
            "~~~",
            "`code",
            "**bold**",
        ),
        *(
            "[x](https://a.b)",
            "![y](https://c.d/e.png)",
            "<b>",
            "&amp",
            "1",
            "2.",
            "\\",
            "  ",
            "\0",
        ),
        *("*a", "_b_", "~~c~~", "<https://a.b>", "[x](javascript:y)", "\u202e", "\u2028", "\x0b"),
    ]
)
_ENDS = st.sampled_from(["\n", "\n", "\n\n", "\n\n", "\r\n", "\r", " ", ""])
_LINES = st.tuples(_STARTS, _MIDDLES, _MIDDLES, _ENDS).map("".join)
_TEXTS = st.lists(_LINES, max_size=14).map("".join)
_VOID = {"br", "hr"}


def told(pieces: list[str]) -> str:
    """What the page makes of an answer that comes in these pieces: the blocks, with each list that
    came item by item in one, and how it ends."""
    shown, tail, is_in_list = "", "", False
    for piece in pieces:
        tail += piece
        settled = settled_blocks(tail)
        if settled.html:
            shown = put_behind(shown, settled.html, is_in_list)
            tail, is_in_list = settled.rest, settled.is_in_list
    return put_behind(shown, html_of(tail), is_in_list)


def put_behind(shown: str, html: str, is_in_list: bool) -> str:
    if not is_in_list:
        return shown + html
    end = shown[-len("</ul>\n") :]
    begin = re.match(r"<(ul|ol)(?: start=\"\d+\")?>\n", html)
    assert begin
    assert end == f"</{begin[1]}>\n"
    return shown.removesuffix(end) + html[begin.end() :]


class Look(HTMLParser):
    """What is seen of the markup: a paragraph in an item of a list looks like the item's text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        is_seen = tag != "p" or "li" not in self.open[-1:]
        self.seen += [f"<{tag} {attrs}>"] if is_seen else ["\n"]
        if tag not in _VOID:
            self.open.append(tag if is_seen else "")

    def handle_endtag(self, tag: str) -> None:
        self.seen.append(f"</{tag}>" if self.open.pop() else "\n")

    def handle_data(self, data: str) -> None:
        self.seen.append(data)


def look(html: str) -> str:
    return re.sub(r"\s*(<[^>]*>)\s*", r"\1", "".join(Look(html).seen))


def cut(text: str, places: list[int]) -> list[str]:
    ends = sorted({place % (len(text) + 1) for place in places} | {len(text)})
    return [text[a:b] for a, b in zip([0, *ends], ends, strict=False)]


class Tags(HTMLParser):
    """What is in the markup, and whether every tag is closed in its turn."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def assert_safe(html: str) -> None:
    for tag, attributes in Tags(html).seen:
        assert tag in rendering._TAGS
        assert set(attributes) <= {"href", "rel", "target", "class", "dir", "start", "tabindex"}
        if tag == "a":
            assert re.match("https?://|mailto:", str(attributes["href"]), re.IGNORECASE)
            assert attributes["rel"] == "noopener noreferrer nofollow ugc"


# --- The same in pieces ---------------------------------------------------------------------------


@settings(max_examples=600, deadline=None)
@given(_TEXTS, st.lists(st.integers(0, 5000), max_size=12))
@example("- a\n\n1", [4])
@example("- - -\n- word\r- \r", [])
@example("x\n\na\r\nb\n\n", [5])
@example("```\na\n\n", [1])
@example("p\n\n- a\n\n- b\n\n  c\n\nd", [1, 5, 9])
def test_it_comes_to_the_same_in_any_pieces(text: str, places: list[int]) -> None:
    assert look(told(cut(text, places))) == look(html_of(text))


@settings(max_examples=200, deadline=None)
@given(_TEXTS)
def test_it_comes_to_the_same_letter_by_letter(text: str) -> None:
    assert look(told(list(text))) == look(html_of(text))


@settings(max_examples=300, deadline=None)
@given(_TEXTS, _TEXTS)
def test_it_never_takes_back_what_it_showed(text: str, more: str) -> None:
    settled = settled_blocks(text)
    shown = settled.html.removesuffix("</ul>\n").removesuffix("</ol>\n")
    shown = shown if settled.is_in_list else settled.html
    assert look(html_of(text + more)).startswith(look(shown))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.lists(st.integers(0, 200), max_size=5))
def test_it_stays_safe_whatever_the_letters_are(text: str, places: list[int]) -> None:
    assert_safe(told(cut(text, places)))
    assert_safe(html_of(text))


def test_it_shows_a_paragraph_as_soon_as_it_has_ended() -> None:
    assert settled_blocks("One.\n\n") == ('<p dir="auto">One.</p>\n', "", False)
    assert settled_blocks("One.\n\nTw") == ('<p dir="auto">One.</p>\n', "Tw", False)


def test_it_shows_an_item_of_a_list_as_soon_as_the_next_one_begins() -> None:
    assert settled_blocks("1. a\n2. b\n") == (
        '<ol>\n<li dir="auto">a</li>\n</ol>\n',
        "2. b\n",
        True,
    )
    assert settled_blocks("- a\n- **") == ('<ul>\n<li dir="auto">a</li>\n</ul>\n', "- **", True)
    assert settled_blocks("2. b\n   - c\n   - d\n") == ("", "2. b\n   - c\n   - d\n", False)
    assert settled_blocks("2. b\n\nThen") == (
        '<ol start="2">\n<li dir="auto">b</li>\n</ol>\n',
        "Then",
        False,
    )


def test_a_list_that_came_item_by_item_is_one_list() -> None:
    text = "Do this:\n\n1. **One**\n   - a\n\n2. Two\n3. Three\n\nThen\n\n- x\n- y"
    assert told(list(text)).count("<ol>") == 1
    assert "start" not in told(list(text))


@pytest.mark.parametrize(
    "tail",
    [
        "One",
        "One\n",  # may still become a heading, or a table
        "a | b\n",
        "a | b\n--|--\n1 | 2\n",
        "```python\nprint(1)\n\n# no heading\n",
        "- a\n\n",  # another item may come
        "- a\n  - b\n  - c\n\n",
        "- a\n  - b",
        "- a\n- ",
        "- a\n- -",  # may become a rule
        "* a\n* **",
        "a | b\n- |",  # may become a table
        "- a\n\n1",
        "1. a\n\n2",
        "> a\n",
        "    code\n\n",
    ],
)
def test_it_keeps_back_what_may_still_change(tail: str) -> None:
    assert settled_blocks(tail) == ("", tail, False)


@pytest.mark.parametrize(
    ("tail", "rest"),
    [
        ("# Head\n", ""),
        ("Head\n====\n\n", ""),
        ("```\na\n```\n", ""),
        ("- a\n- b\n\nThen", "Then"),
        ("- a\n\n**Then", "**Then"),
        ("a | b\n--|--\n1 | 2\n\n", ""),
        ("> a\n\n", ""),
        ("One\n- a\n", "- a\n"),
    ],
)
def test_it_shows_what_can_no_longer_change(tail: str, rest: str) -> None:
    html, left, _is_in_list = settled_blocks(tail)
    assert html
    assert left == rest


def test_it_leaves_links_defined_elsewhere_for_the_whole() -> None:
    text = "See [this][1].\n\nMore.\n\n[1]: https://a.example/page\n"
    assert told(list(text)) == '<p dir="auto">See [this][1].</p>\n<p dir="auto">More.</p>\n'
    assert 'href="https://a.example/page"' in html_of(text)


# --- What is let through --------------------------------------------------------------------------


def test_it_shows_what_answers_are_made_of() -> None:
    html = html_of(
        "# Big\n\n- *a* **b** ~~c~~ `d`\n\n3. three\n\n> said\n\n---\n\n"
        "| l | m | r |\n|:--|:-:|--:|\n| 1 | 2 | 3 |\n\n```python\nx < y\n```\n"
    )
    for part in (
        '<h3 dir="auto">Big</h3>',
        "<em>a</em> <strong>b</strong> <s>c</s> <code>d</code>",
        '<ol start="3">',
        "<blockquote>",
        "<hr>",
        '<th class="start" dir="auto">l</th>',
        '<td class="center" dir="auto">2</td>',
        '<td class="end" dir="auto">3</td>',
        '<code class="language-python">x &lt; y\n</code></pre>',
    ):
        assert part in html
    assert_safe(html)


def test_it_keeps_headings_below_those_of_the_page() -> None:
    html = html_of("\n\n".join("#" * level + " x" for level in range(1, 7)))
    assert re.findall("<(h.)", html) == ["h3", "h3", "h3", "h4", "h5", "h6"]


def test_it_marks_links_that_lead_away() -> None:
    tags = Tags(html_of('[shop](https://a.example "t") <mail@a.example>')).seen
    shop, mail = (attributes for tag, attributes in tags if tag == "a")
    rel = "noopener noreferrer nofollow ugc"
    assert shop == {
        "href": "https://a.example",
        "class": "outside",
        "target": "_blank",
        "rel": rel,
    }
    assert mail == {"href": "mailto:mail@a.example", "rel": rel}


def test_it_never_loads_a_picture() -> None:
    html = html_of(
        "![A *red* mug](https://a.example/t.png) [![in](https://b.example/i)](http://c.d)"
    )
    assert "<img" not in html
    assert ">A red mug</a>" in html
    assert [a["href"] for tag, a in Tags(html).seen if tag == "a"] == [
        "https://a.example/t.png",
        "http://c.d",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)' onclick=alert(1)>x</a>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\nscript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](\x01javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](data:image/svg+xml;base64,PHN2Zz4=)",
        "[x](vbscript:x) [y](file:///etc/passwd) [z](//evil.example) [r](/assistant/)",
        "<javascript:alert(1)>",
        '[x](https://a.b/"onmouseover="alert(1))',
        "[x]: javascript:alert(1)\n\n[x]",
        "<b><i><u>nested</b></i>",
        "&lt;script&gt; &#60;img src=x&#62; &amp &#x3c &;",
        '```"><script>alert(1)</script>\nx\n```',
        "| <td onclick=x> | b |\n|--|--|\n| </table><script> | y |",
        "</div></section><style>*{display:none}</style>",
        "<svg/onload=alert(1)><math><mtext></mtext></math>",
        "\0<scr\0ipt>\0",
    ],
)
def test_it_shows_hostile_text_as_text(text: str) -> None:
    html = html_of(text)
    assert_safe(html)
    written = re.sub("<[^>]*>", "", html)
    assert "<" not in written
    for tag, attributes in Tags(html).seen:
        assert tag not in ("script", "img", "style", "svg", "td onclick")
        assert "javascript" not in str(attributes.get("href"))


def test_it_loses_nothing_that_is_nested_too_deep() -> None:
    for text in (">" * 60 + " deep", "- " * 60 + "deep", "> - " * 60 + "deep"):
        html = html_of(f"before\n\n{text}\n\nafter")
        assert "deep" in html
        assert html.startswith('<p dir="auto">before</p>')
        assert "after" in html
        assert_safe(html)


def test_it_keeps_each_block_to_its_own_direction() -> None:
    html = html_of("\u202eevil\n\nשלום\n\n- \u2067x\n")
    assert html.count('dir="auto"') == 3


def test_it_shows_long_devanagari() -> None:
    assert "नमस्ते " * 3000 in html_of("नमस्ते " * 3000 + "x")


@pytest.mark.parametrize(
    "text",
    [
        *("[" * 100_000, "![" * 50_000, "[a](" * 25_000, "[![" * 33_000, "*[" * 50_000),
        *(">" * 100_000, "> " * 50_000, "- " * 50_000, "1. " * 33_000, "*a" * 50_000),
        *("`a " * 33_000, "<" * 100_000, "&#1" * 33_000, "a|\n-|\n" * 16_000, "\0" * 100_000),
        ">" * 100 + "\n" + ">a\n" * 33_000,
        "".join(" " * (n % 300) + "- a\n" for n in range(600)),
    ],
    ids=lambda text: repr(text[:6]),
)
def test_it_is_not_kept_busy(text: str) -> None:
    """Seconds are far above what each takes alone (the slowest 3.5), and far below its square."""
    began = process_time()
    html_of(text)
    settled_blocks(text)
    assert process_time() - began < 15


def test_it_shows_a_text_beyond_all_bounds_as_it_was_typed() -> None:
    html = html_of("*a* <b>" * 40_000)
    assert html.startswith("<pre")
    assert "<em>" not in html
    assert "&lt;b&gt;" in html


def test_it_reads_a_long_answer_line_by_line_in_little_time() -> None:
    """Were every new line to read the whole item again, this would take minutes."""
    began = process_time()
    html = told(["- all\n", *(f"  - point **{n}** of the list\n" for n in range(1500))])
    told([f"- point **{n}** of the list\n" for n in range(1500)])
    told(["```\n", *["    x = 1\n"] * 5000])
    assert process_time() - began < 15
    assert html.count("<li") == 1501


@pytest.mark.parametrize("line", ["| {n} | cell |\n", "> {n}\n"])
def test_it_does_not_read_again_what_goes_on_in_every_line(
    monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    read: list[int] = []
    parse = rendering._skeleton.parse

    def watched(text: str) -> list[Any]:
        read.append(len(text))
        return parse(text)

    monkeypatch.setattr(rendering._skeleton, "parse", watched)
    pieces = [line.format(n=n) for n in range(1, 300)]
    told([piece[at : at + 5] for piece in pieces for at in range(0, len(piece), 5)])
    assert not read
    end = ["\n", *["The end.\n", "\n"] * 6, "x"]
    assert told([*pieces, *end]) == html_of("".join([*pieces, *end]))
    assert read
