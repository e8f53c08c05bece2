"""Video length and shape by channel, as rows of a form that ask what the chosen model takes."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from rivya_app.briefs.models import Brief
from rivya_app.gateway import param_words, video_formats
from rivya_app.gateway.cards import ModelCard
from rivya_app.gateway.video_formats import DURATION, RATIO
from rivya_app.rivya_api.types import Param

Formats = Mapping[str, Mapping[str, str]]
LONGEST = 20


@dataclass(frozen=True, slots=True)
class Cell:
    """One value in a row; `choices` is empty where it is typed."""

    name: str
    label: str
    value: str
    choices: list[tuple[str, str]]
    hint: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class FormatRow:
    """The format of one channel."""

    channel: str
    title: str
    cells: list[Cell]


def posted(data: QueryDict) -> dict[str, dict[str, str]]:
    """The formats as typed, without what was left empty."""
    found: dict[str, dict[str, str]] = {}
    for channel in Brief.Channel.values:
        for part in (DURATION, RATIO):
            value = data.get(f"{part}-{channel}", "").replace("\x00", "").strip()[:LONGEST]
            if value:
                found.setdefault(channel, {})[part] = value
    return found


def rows_for(formats: Formats, model: ModelCard | None, *, is_judged: bool) -> list[FormatRow]:
    """A row for each channel; with `is_judged` what the model does not take is said."""
    return [
        FormatRow(str(channel), str(title), _cells(str(channel), formats, model, is_judged))
        for channel, title in Brief.Channel.choices
    ]


def has_errors(rows: list[FormatRow]) -> bool:
    return any(cell.error for row in rows for cell in row.cells)


def _cells(channel: str, formats: Formats, model: ModelCard | None, is_judged: bool) -> list[Cell]:
    labels = {DURATION: _("Length in seconds"), RATIO: _("Shape")}
    cells = []
    for part, label in labels.items():
        param = video_formats.param_for(model, part)
        if model is not None and param is None:
            continue  # the model decides it by itself
        value = (formats.get(channel) or {}).get(part, "")
        error = _problem(part, param, value) if is_judged and value else ""
        choices = _choices(param, value if error else "")
        cells.append(Cell(f"{part}-{channel}", label, value, choices, _hint(part, param), error))
    return cells


def _choices(param: Param | None, wrong: str) -> list[tuple[str, str]]:
    """The model's own options; a value it does not take stays in sight until it is changed."""
    if param is None or not param.options:
        return []
    kept = [(wrong, wrong)] if wrong else []
    options = [(value, str(param_words.option(value))) for value in param.options]
    return [("", _("As the model has it")), *kept, *options]


def _hint(part: str, param: Param | None) -> str:
    if param is None:
        return _("such as 5") if part == DURATION else _("such as 9:16")
    if param.options or param.minimum is None or param.maximum is None:
        return ""
    return _("From %(low)s to %(high)s.") % {
        "low": f"{param.minimum:f}",
        "high": f"{param.maximum:f}",
    }


def _problem(part: str, param: Param | None, value: str) -> str:
    if param is not None:
        is_taken = video_formats.taken(param, value) is not None
    elif part == DURATION:
        is_taken = value.isdecimal() and 0 < int(value) <= 600
    else:
        is_taken = all(side.isdecimal() for side in value.split(":")) and value.count(":") == 1
    if is_taken:
        return ""
    if param is not None:
        return _("This model does not take “%(value)s”.") % {"value": value}
    return _("Write a number of seconds.") if part == DURATION else _("Write it as 9:16.")
