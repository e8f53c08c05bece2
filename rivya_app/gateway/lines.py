"""The one structured parameter: spoken lines, each with a voice, typed as rows of a form."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.gateway import param_words

MOST_LINES = 50
LONGEST_LINE = 5000
SPARE_ROWS = 2  # empty ones to type into where no script adds more

Line = dict[str, str]


class LinesInput(forms.Widget):
    """Rows of a voice and a text, posted as two lists of equal length."""

    template_name = "gateway/lines.html"
    use_fieldset = True

    def __init__(self, voices: Sequence[str]) -> None:
        super().__init__()
        self.voices = voices

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[Line]:
        """The rows as typed, empty ones too; a list as it is where the values are not a form's."""
        if not hasattr(data, "getlist"):
            given = data.get(name)
            return given if isinstance(given, list) else []
        texts = data.getlist(f"{name}:text")[: MOST_LINES + 1]
        voices = [*data.getlist(f"{name}:voice"), *[""] * len(texts)]
        return [{"voice": voice, "text": text} for voice, text in zip(voices, texts, strict=False)]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data and f"{name}:text" not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = [row for row in value or [] if row.get("text") or row.get("voice")]
        context["widget"] |= {
            "rows": [*rows, *[{"voice": "", "text": ""}] * max(1, SPARE_ROWS - len(rows))],
            "voices": [(voice, param_words.option(voice)) for voice in self.voices],
            "longest": LONGEST_LINE,
        }
        return context

    def format_value(self, value: Any) -> Any:
        return value


class LinesField(forms.Field):
    """A list of `{voice, text}`; rows without a text are left out, and so is an unnamed voice."""

    default_error_messages = {"required": gettext_lazy("Write at least one line.")}

    def __init__(self, voices: Sequence[str]) -> None:
        super().__init__(widget=LinesInput(voices))
        self.voices = voices

    def clean(self, value: Any) -> list[Line]:
        lines = [_line(row) for row in value or [] if str(row.get("text") or "").strip()]
        if len(lines) > MOST_LINES:
            raise ValidationError(_("At most %(count)d lines.") % {"count": MOST_LINES})
        if any(len(line["text"]) > LONGEST_LINE for line in lines):
            raise ValidationError(_("A line has at most %(count)d characters.") % _LONGEST)
        if self.voices and any(
            line.get("voice", self.voices[0]) not in self.voices for line in lines
        ):
            raise ValidationError(_("Choose one of the voices in the list."))
        return lines


_LONGEST = {"count": LONGEST_LINE}


def _line(row: Mapping[str, Any]) -> Line:
    text, voice = str(row["text"]).strip(), str(row.get("voice") or "").strip()
    return {"voice": voice, "text": text} if voice else {"text": text}


def with_voice(lines: list[Line], voice: str) -> list[Line]:
    """The lines for Rivya: those that name no voice get this one, where there is one."""
    return [line if line.get("voice") or not voice else {"voice": voice, **line} for line in lines]


def length(lines: list[Line]) -> int:
    """Characters of the text Rivya makes of the lines: one under the other."""
    return len("\n".join(line["text"] for line in lines))
