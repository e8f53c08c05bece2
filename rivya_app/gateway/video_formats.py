"""Length and shape of a video, whatever a model calls them. Reads only.

A format is {"duration": "5", "ratio": "9:16"}; either may be missing and is left to the model.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from rivya_app.gateway import param_words
from rivya_app.gateway.cards import ModelCard
from rivya_app.rivya_api.types import Param

DURATION, RATIO = "duration", "ratio"
# By part of a format, the parameters that stand for it, in snake case.
_KEYS = {
    DURATION: ("duration", "duration_seconds", "n_frames"),
    RATIO: ("aspect_ratio", "image_size", "size"),
}


def param_for(model: ModelCard | None, part: str) -> Param | None:
    """The model's own parameter for DURATION or RATIO; None where it has none."""
    if model is None:
        return None
    by_key = {param_words.snake(param.key): param for param in model.params}
    return next((by_key[key] for key in _KEYS[part] if key in by_key), None)


def as_params(model: ModelCard | None, wanted: Mapping[str, str]) -> dict[str, Any]:
    """A format as Rivya wants it from this model; what the model does not take is left out."""
    found: dict[str, Any] = {}
    for part in (DURATION, RATIO):
        param = param_for(model, part)
        if param is not None and (value := taken(param, wanted.get(part, ""))) is not None:
            found[param.key] = value
    return found


def taken(param: Param, value: str) -> str | int | float | None:
    """The value as this parameter takes it, an option or a number in its bounds; else None."""
    if param.options:
        return value if value in param.options else None
    try:
        number = Decimal(value[:20])
    except InvalidOperation:
        return None
    low, high = param.minimum, param.maximum
    if not number.is_finite() or (low is not None and number < low):
        return None
    if high is not None and number > high:
        return None
    return int(number) if number == int(number) else float(number)
