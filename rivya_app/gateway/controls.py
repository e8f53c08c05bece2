"""A form made of one model's own parameters, and back: what is chosen as Rivya wants it."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.utils.html import format_html
from django.utils.safestring import SafeString

from rivya_app.gateway import param_words
from rivya_app.rivya_api import types

PREFIX = "param_"
MOST_CONTROLS = 40
LONGEST_TEXT = 2000
# References are given as files, by another door; a text field would only send nonsense.
_NOT_A_CONTROL = frozenset({"referenceMediaItems"})
_SWITCH = frozenset({"true", "false"})


class SwitchInput(forms.CheckboxInput):
    """A checkbox that always says something, so that "off" differs from "was not on the page"."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        box = super().render(name, value, attrs, renderer)
        return format_html('<input type="hidden" name="{}" value="false">{}', name, box)

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        if hasattr(data, "getlist"):
            sent = data.getlist(name)
            return "true" if "true" in sent else ("false" if sent else None)
        return data.get(name)


class SwitchField(forms.Field):
    """A select of Rivya's that only knows "true" and "false"; those texts come out."""

    widget = SwitchInput

    def prepare_value(self, value: Any) -> bool:
        return value in (True, "true")

    def clean(self, value: Any) -> str:
        return value if value in _SWITCH else ""


class NumberField(forms.DecimalField):
    """A number within the model's bounds; a JSON number comes out."""

    def clean(self, value: Any) -> int | float | None:
        number = super().clean(value)
        return None if number is None else _json_number(number)


class ControlsForm(forms.Form):
    """One `param_<key>` field per parameter; `field.control` is select, number, text or switch."""

    def __init__(
        self,
        params: tuple[types.Param, ...],
        data: Mapping[str, Any] | None = None,
        chosen: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data)
        self.params = [p for p in params if p.key not in _NOT_A_CONTROL][:MOST_CONTROLS]
        for param in self.params:
            start = (chosen or {}).get(param.key, param.default)
            self.fields[PREFIX + param.key] = _field(param, start)

    def clean(self) -> dict[str, Any]:
        """Put the default where a control was not on the page, and insist on what has none."""
        cleaned: dict[str, Any] = dict(super().clean() or {})
        for param in self.params:
            name = PREFIX + param.key
            if name not in cleaned or not _is_empty(cleaned[name]):
                continue
            if name not in self.data or param.is_required:
                cleaned[name] = _default(param)
            if param.is_required and _is_empty(cleaned[name]):
                error = self.fields[name].error_messages["required"]
                self.add_error(name, ValidationError(error, code="required"))
        return cleaned

    def stay_silent(self) -> None:
        """Show what is set so far without judging it: the person is not done."""
        self._errors = ErrorDict()

    def wire_params(self) -> dict[str, Any]:
        """The `params` object for Rivya, without what was left empty.

        A form without data gives its starting values. Raises ValueError for an invalid form.
        """
        if not self.is_bound:
            values: dict[str, Any] = {n: field.initial for n, field in self.fields.items()}
        elif self.is_valid():
            values = self.cleaned_data
        else:
            raise ValueError("These controls are not valid.")
        sent = ((p.key, values.get(PREFIX + p.key)) for p in self.params)
        return {key: value for key, value in sent if not _is_empty(value)}


def _field(param: types.Param, start: Any) -> forms.Field:
    kind = _control(param)
    field = _BUILDERS[kind](param)
    field.required = False  # emptiness is judged in clean(), where the default is known
    field.label = param_words.label(param.key)
    field.help_text = param_words.hint(param.key, param.description)
    field.initial = _start(param, start, kind)
    field.control = kind  # type: ignore[attr-defined]
    return field


def _control(param: types.Param) -> str:
    if param.options:
        return "switch" if set(param.options) == _SWITCH else "select"
    return "number" if param.type in ("number", "integer", "float") else "text"


def _select(param: types.Param) -> forms.Field:
    choices: list[tuple[str, Any]] = [(value, param_words.option(value)) for value in param.options]
    if _default(param) is None and not param.is_required:
        choices.insert(0, ("", "—"))
    return forms.ChoiceField(choices=choices)


def _number(param: types.Param) -> forms.Field:
    return NumberField(
        min_value=param.minimum,
        max_value=param.maximum,
        step_size=param.step if param.step and param.step > 0 else None,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": str(param.step or "any")}),
    )


def _text(_param: types.Param) -> forms.Field:
    return forms.CharField(max_length=LONGEST_TEXT)


def _switch(_param: types.Param) -> forms.Field:
    return SwitchField()


_BUILDERS = {"select": _select, "number": _number, "text": _text, "switch": _switch}


def _start(param: types.Param, value: Any, kind: str) -> Any:
    """A starting value the control can show; a chosen value the model no longer has gives way."""
    if kind in ("select", "switch"):
        return str(value) if value is not None and str(value) in param.options else _default(param)
    if kind == "number":
        return _maybe_number(value)
    return "" if value is None else str(value)


def _default(param: types.Param) -> Any:
    """What the model uses where nothing is said; None where it states nothing usable."""
    if param.options:
        is_known = param.default is not None and str(param.default) in param.options
        if is_known:
            return str(param.default)
        return param.options[0] if param.is_required else None
    if _control(param) == "number":
        return _maybe_number(param.default)
    return None if param.default is None else str(param.default)


def _maybe_number(value: Any) -> int | float | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return _json_number(number) if number.is_finite() else None


def _json_number(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _is_empty(value: Any) -> bool:
    return value is None or value == ""
