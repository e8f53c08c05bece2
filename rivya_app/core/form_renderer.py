"""Renders the plain widgets of forms without templates; everything else as Django does.

A form of sixty controls takes a third of the time so: Django runs a template for each option.
"""

from collections.abc import Mapping
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.html import conditional_escape
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
    shown = "" if value is None else f' value="{_safe(value)}"'
    named = f'<input type="{_safe(widget["type"])}" name="{_safe(widget["name"])}"'
    return _html(f"{named}{shown}{_attributes(widget['attrs'])}>")


def _select(widget: Mapping[str, Any]) -> SafeString:
    inside = "".join(_group(*group) for group in widget["optgroups"])
    attributes = _attributes(widget["attrs"])
    return _html(f'<select name="{_safe(widget["name"])}"{attributes}>{inside}</select>')


def _group(name: Any, options: list[Mapping[str, Any]], _index: int) -> str:
    inside = "".join(map(_option, options))
    return f'<optgroup label="{_safe(name)}">{inside}</optgroup>' if name else inside


def _option(option: Mapping[str, Any]) -> str:
    attributes, label = _attributes(option["attrs"]), conditional_escape(option["label"])
    return f'<option value="{_safe(option["value"])}"{attributes}>{label}</option>'


def _attributes(attributes: Mapping[str, Any]) -> str:
    """As Django writes them: True is the bare name, False is left out."""
    return "".join(
        f" {_safe(name)}" if value is True else f' {_safe(name)}="{_safe(value)}"'
        for name, value in attributes.items()
        if value is not False
    )


def _safe(value: Any) -> str:
    """The value as text, escaped unless it says that it is."""
    return conditional_escape(str(value))


def _html(markup: str) -> SafeString:
    return mark_safe(markup)  # noqa: S308  put together here, of escaped parts
