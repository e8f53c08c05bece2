"""The end of an answer while it is written: drawn by a script as the server draws it later, and
without bare marks at any of its lengths."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from rivya_app.chat import rendering

BARE = re.compile(r"\*|~~|^#|^[-+] |^>|\||`|\]\(", re.MULTILINE)
SAMPLES = {
    "words": "Keep **it simple**, *please*, and `run it` ~~twice~~ once.",
    "together": "**all bold _and slanted_ words** end",
    "link": "See [the *long* list](https://example.com/a?b=1) and ![a mug](https://example.com/x.png)!",
    "list": "- one **two**\n- three\n  - four\n  - five\n- six",
    "numbers": "3. first\n4. second\n   - inner words\n5. third",
    "parted": "- one\n\n- two\n\n- three",
    "heading": "## A **heading** of words",
    "quote": "> said **this**\n> and that",
    "code": "```python\nprint('a ** b')\n# - no list\n```",
    "table": "| Model | Price |\n|---|--:|\n| **Lamp** | 2 |\n| दीया | 3 |",
    "hindi": "**तांबे का दीया** और *पीतल* का",
    "no marks": "2 * 3 * 4 is snake_case_name, 5 * x and a - b",
    "markup": "<b>no</b> <script>alert(1)</script> &",
}
DRAW = """async ([text, lengths]) => {
  const { drawTail } = await import("/static/js/assistant-tail.js");
  const holder = document.createElement("div");
  holder.className = "plain-words";
  document.body.replaceChildren(holder);
  const seen = [];
  for (const length of lengths) {
    drawTail(holder, text.slice(0, length));
    seen.push(holder.innerText);
  }
  const whole = holder.cloneNode(true);
  for (const node of whole.querySelectorAll("*")) {
    for (const { name } of [...node.attributes]) node.removeAttribute(name);
  }
  return [seen, whole.innerHTML];
}"""


@pytest.fixture
def draw(page: Page, site: str, complaints: list[str]) -> Callable[[str], Any]:
    page.goto(f"{site}/")
    return lambda text: page.evaluate(DRAW, [text, list(range(1, len(text) + 1))])


def shape(html: str) -> str:
    """Tags and words alone, without what differs for a moment: the room of an item that stands
    apart, and the box around code."""
    html = "".join(re.sub(r"<(\w+)[^>]*>", r"<\1>", html).split())
    html = html.replace("<li><p>", "<li>").replace("</p></li>", "</li>")
    return html.replace("<div><pre>", "<pre>").replace("</pre></div>", "</pre>")


@pytest.mark.parametrize("name", SAMPLES)
def test_it_comes_to_what_the_server_makes_of_it(draw: Callable[[str], Any], name: str) -> None:
    _seen, html = draw(SAMPLES[name])
    assert shape(html) == shape(rendering.html_of(SAMPLES[name]))


@pytest.mark.parametrize("name", sorted(SAMPLES.keys() - {"code", "no marks", "markup"}))
def test_no_mark_stands_bare_at_any_length(draw: Callable[[str], Any], name: str) -> None:
    seen, _html = draw(SAMPLES[name])
    assert [words for words in seen if BARE.search(words)] == []


def test_what_stands_already_is_left_alone(page: Page, draw: Callable[[str], Any]) -> None:
    draw("- one\n- two")
    kept = page.evaluate(
        """async () => {
          const { drawTail } = await import("/static/js/assistant-tail.js");
          const holder = document.body.firstChild;
          const first = holder.querySelector("li").firstChild;
          drawTail(holder, "- one\\n- two and **more**\\n- three");
          const isSame = first === holder.querySelector("li").firstChild;
          return [first.isConnected, isSame, holder.innerText];
        }"""
    )
    assert kept[:2] == [True, True]
    assert kept[2].split() == ["one", "two", "and", "more", "three"]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "*" * 100_000,
        "_a" * 50_000,
        "**a *b " * 15_000,
        "word **bold** and *it* " * 4500,
        "> " * 2500 + "x",
        "".join(f"{'  ' * n}- x\n" for n in range(1000)),
    ],
    ids=["brackets", "stars", "under", "open", "long", "quotes", "nested"],
)
def test_hostile_text_is_drawn_in_no_time(page: Page, site: str, text: str) -> None:
    page.goto(f"{site}/")
    spent = page.evaluate(
        """async (text) => {
          const { drawTail } = await import("/static/js/assistant-tail.js");
          const holder = document.createElement("div");
          drawTail(holder, "- warm **up** [the](x) `code`");
          const began = performance.now();
          drawTail(holder, text);
          return performance.now() - began;
        }""",
        text,
    )
    assert spent < 2000  # about ten on an idle machine; many thousands, or no end, without limits
