"""A form made of one model's own parameters, and back: what is chosen as Rivya wants it."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from rivya_app.gateway import lines, param_words
from rivya_app.gateway.cards import ModelCard
from rivya_app.rivya_api import types

PREFIX = "param_"
OWNER = "controls_of"  # the hidden field that says whose controls were on the page
MOST_CONTROLS = 60
MOST_OPTIONS = 300
LONGEST_TEXT = 2000
_MOST = Decimal(10) ** 15  # larger numbers lose digits in JSON
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

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        number = super().to_python(value)
        # Before the checks of bounds and step, which count with floats.
        if number is not None and not (number.is_finite() and abs(number) < _MOST):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return number

    def clean(self, value: Any) -> int | float | None:
        number = super().clean(value)
        return None if number is None else _json_number(number)


class ControlsForm(forms.Form):
    """One `param_<key>` field per parameter; `field.control` says which kind of control it is.

    Values typed for another model (`is_foreign`) stay where this one has the same key and takes
    the value. `text_limit` counts the characters of spoken lines.
    """

    def __init__(
        self,
        params: tuple[types.Param, ...],
        data: Mapping[str, Any] | None = None,
        chosen: Mapping[str, Any] | None = None,
        *,
        is_foreign: bool = False,
        text_limit: int | None = None,
    ) -> None:
        super().__init__()
        usable = [param for param in params if param.key not in _NOT_A_CONTROL]
        usable.sort(key=lambda param: (not param.is_required, param_words.place(param.key)))
        self.params = usable[:MOST_CONTROLS]
        self.left_out_count = len(usable) - len(self.params)
        self.text_limit = text_limit
        voices = _voices(params)
        for param in self.params:
            start = (chosen or {}).get(param.key, param.default)
            self.fields[PREFIX + param.key] = _field(param, start, voices)
        if data is not None:
            self.is_bound = True
            self.data = self._filled(data, is_foreign=is_foreign)

    @classmethod
    def of_model(
        cls,
        model: ModelCard | None,
        data: Mapping[str, Any] | None = None,
        chosen: Mapping[str, Any] | None = None,
    ) -> Self:
        """The controls of a model; whose controls `data` was typed into is read from it."""
        if model is None:
            return cls((), data)
        shown = (data or {}).get(OWNER) or model.model_id
        is_foreign = shown != model.model_id
        limit = None if model.needs_prompt else model.prompt_limit
        return cls(model.params, data, chosen, is_foreign=is_foreign, text_limit=limit)

    def _filled(self, data: Mapping[str, Any], *, is_foreign: bool) -> QueryDict:
        """What was typed, and where a control was not on the page its starting value."""
        filled = QueryDict(mutable=True)
        for name, field in self.fields.items():
            widget = field.widget
            is_absent = widget.value_omitted_from_data(data, {}, name)
            if isinstance(widget, SwitchInput):
                is_absent = name not in data
            value = widget.value_from_datadict(data, {}, name)
            if is_absent or (is_foreign and not _is_taken(field, value)):
                value = field.initial
            _put(filled, name, value)
        return filled

    @property
    def needed(self) -> list[forms.BoundField]:
        """Controls that are always in sight: those the model requires."""
        return [self[PREFIX + param.key] for param in self.params if param.is_required]

    @property
    def optional(self) -> list[forms.BoundField]:
        """Controls that stay folded away until wanted."""
        return [self[PREFIX + param.key] for param in self.params if not param.is_required]

    def clean(self) -> dict[str, Any]:
        """Put the default where a required control was emptied, and insist on what has none."""
        cleaned: dict[str, Any] = dict(super().clean() or {})
        for param in self.params:
            name = PREFIX + param.key
            if param.is_required and name in cleaned and _is_empty(cleaned[name]):
                cleaned[name] = _default(param)
                if _is_empty(cleaned[name]):
                    error = self.fields[name].error_messages["required"]
                    self.add_error(name, ValidationError(error, code="required"))
            if isinstance(self.fields[name], lines.LinesField) and name in cleaned:
                self._finish_lines(name, cleaned)
        return cleaned

    def _finish_lines(self, name: str, cleaned: dict[str, Any]) -> None:
        cleaned[name] = lines.with_voice(cleaned[name] or [], self._usual_voice(cleaned))
        length = lines.length(cleaned[name])
        if self.text_limit and length > self.text_limit:
            said = _(
                "The lines are %(length)d characters long; this model reads at most %(limit)d."
            )
            self.add_error(name, said % {"length": length, "limit": self.text_limit})

    @staticmethod
    def _usual_voice(cleaned: Mapping[str, Any]) -> str:
        names = (PREFIX + key for key in param_words.VOICES_OF_LINES)
        return next((str(cleaned[name]) for name in names if cleaned.get(name)), "")

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

    def wire_params_so_far(self) -> dict[str, Any]:
        """The same for a price before the press: what is wrong or missing is left out."""
        if not self.is_bound:
            return self.wire_params()
        found = {}
        for param in self.params:
            name = PREFIX + param.key
            field = self.fields[name]
            value = field.widget.value_from_datadict(self.data, {}, name)
            if _is_taken(field, value):
                found[param.key] = field.clean(value)
        return found


def _is_taken(field: forms.Field, value: Any) -> bool:
    """Whether a control has this value, as typed, among those it knows."""
    try:
        return not _is_empty(field.clean(value))
    except ValidationError:
        return False


def _put(data: QueryDict, name: str, value: Any) -> None:
    """As a browser would have posted it."""
    if isinstance(value, list):
        data.setlist(f"{name}:text", [str(line.get("text") or "") for line in value])
        data.setlist(f"{name}:voice", [str(line.get("voice") or "") for line in value])
    else:
        data[name] = "" if value is None else str(value)


def _voices(params: tuple[types.Param, ...]) -> tuple[str, ...]:
    """Who may speak a line: the options of the parameter that names the voices."""
    options = {param_words.snake(p.key): p.options for p in params if p.options}
    found = (options[key] for key in param_words.VOICES_OF_LINES if key in options)
    return next(found, ())[:MOST_OPTIONS]


def _field(param: types.Param, start: Any, voices: tuple[str, ...]) -> forms.Field:
    kind = _control(param)
    field = lines.LinesField(param.options or voices) if kind == "lines" else _BUILDERS[kind](param)
    field.required = False  # emptiness is judged in clean(), where the default is known
    field.label = param_words.label(param.key)
    field.help_text = _help(param, kind)
    field.initial = _start(param, start, kind)
    field.control = kind  # type: ignore[attr-defined]
    field.is_needed = param.is_required  # type: ignore[attr-defined]
    return field


def _help(param: types.Param, kind: str) -> Any:
    low, high = _bounds(param)
    said = param_words.hint(param.key, param.description)
    if said or kind != "number" or low is None or high is None:
        return said
    return _("From %(low)s to %(high)s.") % {"low": f"{low:f}", "high": f"{high:f}"}


def _control(param: types.Param) -> str:
    """select, number, text, switch or lines; a kind we do not know is typed as text."""
    if param_words.snake(param.key) in param_words.LINES_KEYS:
        return "lines"
    if param.options:
        return "switch" if set(param.options) == _SWITCH else "select"
    return "number" if param.type in ("number", "integer", "float") else "text"


def _select(param: types.Param) -> forms.Field:
    choices: list[tuple[str, Any]] = [
        (value, param_words.option(value)) for value in param.options[:MOST_OPTIONS]
    ]
    if _default(param) is None and not param.is_required:
        choices.insert(0, ("", "—"))
    return forms.ChoiceField(choices=choices)


def _bounds(param: types.Param) -> tuple[Decimal | None, Decimal | None]:
    """Lowest and highest value; neither where they contradict each other."""
    low, high = param.minimum, param.maximum
    if low is not None and high is not None and low > high:
        return None, None
    return low, high


def _number(param: types.Param) -> forms.Field:
    low, high = _bounds(param)
    return NumberField(
        min_value=low,
        max_value=high,
        step_size=param.step if param.step and param.step > 0 else None,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": str(param.step or "any")}),
    )


def _text(param: types.Param) -> forms.Field:
    is_long = (
        param_words.snake(param.key) in param_words.LONG_TEXT_KEYS
        or param.type.lower() in param_words.LONG_TEXT_TYPES
    )
    area = forms.Textarea(attrs={"rows": 3}) if is_long else None
    return forms.CharField(max_length=LONGEST_TEXT, widget=area)


def _switch(_param: types.Param) -> forms.Field:
    return SwitchField()


_BUILDERS = {"select": _select, "number": _number, "text": _text, "switch": _switch}


def _start(param: types.Param, value: Any, kind: str) -> Any:
    """A starting value the control can show; a chosen value the model no longer has gives way."""
    if kind == "lines":
        return value if isinstance(value, list) else []
    if kind in ("select", "switch"):
        known = param.options[:MOST_OPTIONS]
        return str(value) if value is not None and str(value) in known else _default(param)
    if kind == "number":
        return _maybe_number(value)
    return _text_of(value) or ""


def _default(param: types.Param) -> Any:
    """What the model uses where nothing is said; None where it states nothing usable."""
    kind = _control(param)
    if kind == "lines":
        return []
    if param.options:
        known = param.options[:MOST_OPTIONS]
        if param.default is not None and str(param.default) in known:
            return str(param.default)
        return known[0] if param.is_required else None
    return _maybe_number(param.default) if kind == "number" else _text_of(param.default)


def _text_of(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)[:LONGEST_TEXT]


def _maybe_number(value: Any) -> int | float | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value)[:40])
    except InvalidOperation:
        return None
    return _json_number(number) if number.is_finite() and abs(number) < _MOST else None


def _json_number(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [])
