"""What a request costs, in hundredths of a credit.

ASSUMED throughout: the pages give base prices only. Fixed-price models cost their base unless the
setting ``param_prices`` is on; metered ones reserve by the started unit and settle by the use.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from rivya_app.simulator.catalogue import Model

_SECONDS_PER_BASE = 5
_TOKENS_PER_BASE = 2000


def reserved(model: Model, prompt: str, given: dict[str, Any], setting: Mapping[str, Any]) -> int:
    """What is held when the task is accepted."""
    params = model.filled(given)
    base = model.credits * 100
    if model.billing == "METERED":
        return base * max(1, math.ceil(_units(model, prompt, params, setting)))
    return round(base * _factor(params)) if setting["param_prices"] else base


def final(
    model: Model, prompt: str, given: dict[str, Any], held: int, setting: Mapping[str, Any]
) -> int:
    """What a success costs; never more than was held."""
    if model.billing != "METERED":
        return held
    exact = model.credits * 100 * _units(model, prompt, model.filled(given), setting)
    fractional = setting["fractional_credits"]
    rounded = math.ceil(exact) if fractional else math.ceil(exact / 100) * 100
    return min(held, max(rounded, 1 if fractional else 100))


def chat_final(model: Model, tokens: int, *, fractional: bool) -> int:
    """What a turn costs; never more than the base price held for it."""
    exact = model.credits * 100 * tokens / _TOKENS_PER_BASE
    rounded = max(1, round(exact)) if fractional else max(100, round(exact / 100) * 100)
    return min(model.credits * 100, rounded)


def _units(model: Model, prompt: str, params: dict[str, Any], setting: Mapping[str, Any]) -> float:
    """How many times the base price the work is worth."""
    if "sound-effect" in model.id:
        return float(params.get("duration_seconds", 3)) / _SECONDS_PER_BASE
    return max(1, len(prompt)) / max(1, int(setting["metered_characters"]))


def _factor(params: dict[str, Any]) -> float:
    seconds = float(params.get("duration", params.get("n_frames", 5)))
    size = {"2K": 1.5, "4K": 2.0, "1080p": 1.5}.get(str(params.get("resolution", "")), 1.0)
    return max(1.0, seconds / 5) * size
