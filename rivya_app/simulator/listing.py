"""The model list as the settings have changed it: gone, added, dearer, not open any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from rivya_app.simulator.catalogue import Model, models
from rivya_app.simulator.settings import pairs

_CHANGES = ("hidden_models", "extra_models", "model_prices", "model_states")


def listed(setting: Mapping[str, Any]) -> dict[str, Model]:
    """The models of the list now, by id."""
    return _listed(*(str(setting[name]) for name in _CHANGES))


@lru_cache(maxsize=8)
def _listed(hidden: str, extra: str, prices: str, states: str) -> dict[str, Model]:
    gone, added = _words(hidden), _words(extra)
    price_of, state_of = pairs(prices), pairs(states)
    return {
        model.id: replace(
            model,
            credits=int(price_of.get(model.id, model.credits)),
            status=state_of.get(model.id, model.status),
        )
        for model in models().values()
        if model.id not in gone and (not model.is_extra or model.id in added)
    }


def _words(text: str) -> set[str]:
    return {word.strip() for word in text.split(",")}
