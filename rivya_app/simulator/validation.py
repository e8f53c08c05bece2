"""Checks a create request against the catalogue; every refusal is ``validation_failed``."""

from __future__ import annotations

from typing import Any, Protocol

from rivya_app.simulator.catalogue import Model, Param
from rivya_app.simulator.listing import listed
from rivya_app.simulator.refusals import Refusal
from rivya_app.simulator.tasks import Order
from rivya_app.simulator.world import World

_TOP_LEVEL = {"model", "prompt", "params", "client_request_id"}
_ID_LIMIT = 128  # stated for files; ASSUMED here


def refuse(message: str) -> Refusal:
    return Refusal("validation_failed", message)


class ReferenceCheck(Protocol):
    """Checks ``params.referenceMediaItems``. Raises Refusal."""

    def __call__(self, items: Any, model: Model, account: str) -> None: ...


def json_object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise refuse("The body must be a JSON object.")
    return body


def text_field(body: dict[str, Any], key: str, limit: int | None = None) -> str:
    """A string field, empty when absent."""
    value = body.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise refuse(f"{key} must be a string.")
    if limit is not None and len(value) > limit:
        raise refuse(f"{key} may have at most {limit} characters.")
    return value


def generation_order(
    world: World, body: Any, account: str, check_references: ReferenceCheck
) -> Order:
    """The validated order. Raises Refusal."""
    fields = json_object(body)
    unknown = set(fields) - _TOP_LEVEL
    if unknown:
        raise refuse(f"Unknown field: {sorted(unknown)[0]}.")
    model = _model(world, text_field(fields, "model"))
    params = _params(world, model, fields.get("params"), account, check_references)
    prompt = _prompt(model, text_field(fields, "prompt"), params)
    request_id = text_field(fields, "client_request_id", _ID_LIMIT)
    return Order(model, prompt, params, request_id)


def _model(world: World, model_id: str) -> Model:
    model = listed(world.setting).get(model_id)
    if model is None:
        raise refuse(f"model: there is no model {model_id!r}.")
    if model.category == "chat":
        raise refuse("model: chat models belong to /api/v1/chat/completions.")
    if not model.is_available:
        raise refuse(f"model: {model_id} is not available through the API.")
    return model


def _prompt(model: Model, prompt: str, params: dict[str, Any]) -> str:
    if isinstance(params.get("dialogue"), list):
        prompt = "\n".join(line["text"] for line in params["dialogue"])
    elif not prompt.strip() and model.prompt_required:
        raise refuse("prompt is required.")
    if model.prompt_max is not None and len(prompt) > model.prompt_max:
        raise refuse(f"prompt may have at most {model.prompt_max} characters.")
    return prompt


def _params(
    world: World, model: Model, given: Any, account: str, check_references: ReferenceCheck
) -> dict[str, Any]:
    if given is None:
        given = {}
    if not isinstance(given, dict):
        raise refuse("params must be an object.")
    for param in model.params:
        if param.required and given.get(param.key) in (None, "", []):
            raise refuse(f"params.{param.key} is required.")
    if model.references and model.references.required and not given.get("referenceMediaItems"):
        raise refuse(f"{model.id} needs reference media.")
    for key, value in given.items():
        if key == "referenceMediaItems":
            check_references(value, model, account)
        else:
            _check_param(world, model, key, value)
    return dict(given)


def _check_param(world: World, model: Model, key: str, value: Any) -> None:
    param = model.param(key)
    if param is None:
        if world.setting["unknown_params"] == "reject":
            raise refuse(f"params.{key} is not a parameter of {model.id}.")
    elif key == "dialogue":
        _check_dialogue(value)
    elif param.type == "select":
        _check_select(param, value)
    elif param.type == "number":
        _check_number(param, value)
    elif not isinstance(value, str):
        raise refuse(f"params.{key} must be a string.")


def _check_select(param: Param, value: Any) -> None:
    if not isinstance(value, str) or value not in param.options:
        raise refuse(f"params.{param.key} must be one of {', '.join(param.options)}.")


def _check_number(param: Param, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refuse(f"params.{param.key} must be a number.")
    if param.low is not None and param.high is not None and not param.low <= value <= param.high:
        raise refuse(f"params.{param.key} must be from {param.low} to {param.high}.")
    if param.step:
        steps = (value - (param.low or 0)) / param.step
        if abs(steps - round(steps)) > 1e-6:
            raise refuse(f"params.{param.key} goes in steps of {param.step}.")


def _check_dialogue(value: Any) -> None:
    from rivya_app.simulator.models_audio import VOICES

    if not isinstance(value, list) or not value:
        raise refuse("params.dialogue must be a list of {voice, text}.")
    for line in value:
        if not isinstance(line, dict) or not isinstance(line.get("text"), str) or not line["text"]:
            raise refuse("params.dialogue: every line needs a text.")
        if line.get("voice") is not None and line["voice"] not in VOICES:
            raise refuse("params.dialogue: this voice is not known.")
