"""An answer's Markdown as HTML that is safe to show."""

from markdown_it import MarkdownIt

_md = MarkdownIt("js-default")


def settled_blocks(tail: str) -> tuple[str, str]:
    """The HTML of the whole blocks at the beginning of `tail`, and the text that is left of it."""
    return "", tail


def html_of(text: str) -> str:
    return _md.render(text)
