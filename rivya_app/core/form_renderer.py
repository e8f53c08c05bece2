"""Renders the plain widgets of forms without templates; everything else as Django does.

A form of sixty controls takes a third of the time so: Django runs a template for each option.
"""

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

_FOLDER = "django/forms/widgets/"
_INPUTS = frozenset(
    f"{_FOLDER}{name}.html"
    for name in ("input", "text", "number", "email", "password", "hidden", "checkbox", "url")
)


class QuickRenderer(TemplatesSetting):
    """The same HTML as Django's own templates, in the order of attributes too."""

    def render(
        self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None
    ) -> SafeString:
        if template_name in _INPUTS:
            return _input(context["widget"])
        if template_name == f"{_FOLDER}select.html":
            return _select(context["widget"])
        return mark_safe(super().render(template_name, context, request))  # noqa: S308 a template


def _input(widget: Mapping[str, Any]) -> SafeString:
    value = widget["value"]
    shown = "" if value is None else format_html(' value="{}"', str(value))
    return format_html(
        '<input type="{}" name="{}"{}{}>',
        widget["type"],
        widget["name"],
        shown,
        _attributes(widget["attrs"]),
    )


def _select(widget: Mapping[str, Any]) -> SafeString:
    groups = format_html_join("", "{}", ((_group(*group),) for group in widget["optgroups"]))
    attributes = _attributes(widget["attrs"])
    return format_html('<select name="{}"{}>{}</select>', widget["name"], attributes, groups)


def _group(name: Any, options: list[Mapping[str, Any]], _index: int) -> SafeString:
    inside = format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((str(one["value"]), _attributes(one["attrs"]), one["label"]) for one in options),
    )
    return format_html('<optgroup label="{}">{}</optgroup>', name, inside) if name else inside


def _attributes(attributes: Mapping[str, Any]) -> SafeString:
    """As Django writes them: True is the bare name, False and nothing else is left out."""
    shown = (pair for pair in attributes.items() if pair[1] is not False)
    return format_html_join(
        "",
        "{}",
        (
            (format_html(" {}", name) if value is True else format_html(' {}="{}"', name, value),)
            for name, value in shown
        ),
    )
