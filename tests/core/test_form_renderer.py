"""Quickly rendered widgets mean to a browser exactly what the templates of Django mean."""

from html.parser import HTMLParser

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString, mark_safe

from rivya_app.core.form_renderer import QuickRenderer

NASTY = "\"><script>'&amp; é"
CHOICES = [("a", "A & b"), (1, "<i>"), ("", "—"), ("Group <", [("g", "In it"), (None, "None")])]


class Parts(HTMLParser):
    """What a browser makes of markup: its tags, attributes and texts."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[object] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.found.append(data.strip())


@pytest.mark.parametrize("value", [None, "", "a", 1, True, False, NASTY, 0.5])
@pytest.mark.parametrize(
    "widget",
    [
        forms.TextInput({"class": NASTY, "required": True, "disabled": False, "step": 0.5}),
        forms.NumberInput({"min": 0, "max": 10}),
        forms.EmailInput({"title": mark_safe("A &amp; B")}),
        forms.PasswordInput(render_value=True),
        forms.HiddenInput(),
        forms.CheckboxInput({"aria-label": NASTY}),
        forms.Select({"id": "it"}, CHOICES),
        forms.Select(choices=[]),
        forms.NullBooleanSelect(),
        forms.Textarea(),
        forms.RadioSelect(choices=CHOICES),
    ],
    ids=lambda widget: type(widget).__name__,
)
def test_it_writes_what_django_writes(widget: forms.Widget, value: object) -> None:
    quick = widget.render("name", value, {"data-x": NASTY}, QuickRenderer())
    usual = widget.render("name", value, {"data-x": NASTY}, TemplatesSetting())
    assert isinstance(quick, SafeString)
    assert Parts(quick).found == Parts(usual).found
    assert "<script>" not in quick
