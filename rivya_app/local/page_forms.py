"""Reads the forms and job cards of a page, as a browser without scripts would send them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_NEVER_SENT = {"submit", "button", "reset", "file", "image"}


@dataclass
class PageForm:
    """One form: where it is sent, and what it would send untouched."""

    action: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass
class Page:
    """What was found on a page, in its order. `states` maps a card's id to its `data-state`."""

    forms: list[PageForm] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    downloads: list[str] = field(default_factory=list)

    def form_to(self, path: str) -> PageForm:
        """The first form that is sent to `path`; raises LookupError."""
        for form in self.forms:
            if form.action.split("?")[0] == path:
                return form
        raise LookupError(f"the page has no form that is sent to {path}")


def read_page(html: str) -> Page:
    """Read a whole page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.page


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self._form: PageForm | None = None
        self._choice = ""  # the name of the select we are in
        self._text: list[str] | None = None  # the content of the textarea we are in
        self._text_name = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if "data-state" in attributes and "id" in attributes:
            self.page.states[attributes["id"]] = attributes["data-state"]
        if tag == "a" and "download" in attributes:
            self.page.downloads.append(attributes.get("href", ""))
        if tag == "form":
            self._form = PageForm(attributes.get("action", ""))
            self.page.forms.append(self._form)
        elif self._form is not None:
            self._control(tag, attributes, self._form.values)

    def _control(self, tag: str, attributes: dict[str, str], values: dict[str, str]) -> None:
        name = attributes.get("name", "")
        if tag == "input" and name and _is_sent(attributes):
            values[name] = attributes.get("value", "on")
        elif tag == "select":
            self._choice = name
        elif tag == "option" and self._choice:
            if "selected" in attributes or self._choice not in values:
                values[self._choice] = attributes.get("value", "")
        elif tag == "textarea":
            self._text, self._text_name = [], name

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._choice = ""
        elif tag == "textarea" and self._form is not None and self._text is not None:
            self._form.values[self._text_name] = "".join(self._text).removeprefix("\n")
            self._text = None


def _is_sent(attributes: dict[str, str]) -> bool:
    kind = attributes.get("type", "text")
    if "disabled" in attributes or kind in _NEVER_SENT:
        return False
    return kind not in {"radio", "checkbox"} or "checked" in attributes
