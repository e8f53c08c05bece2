"""The exact bytes of a job: frozen once, put together again at every send, and proved the same."""

import hashlib
import json
from typing import Any

from rivya_app.core.sealed import Secret
from rivya_app.generations.models import Generation


class BodyChanged(Exception):
    """What would be sent is not what was frozen: somebody or something changed the row."""


def freeze(body: dict[str, Any]) -> tuple[str, str]:
    """The exact JSON text of a request and its sha256, in hex."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text, hashlib.sha256(text.encode()).hexdigest()


def freeze_references(generation: Generation, items: list[dict[str, Any]]) -> None:
    """Fix `items` (as `params.referenceMediaItems` of Rivya's docs/api-generations) as this job's.

    The links in them are secrets of a kind, so they are kept sealed and apart from the text that
    pages read. The caller saves.
    """
    text, _digest = freeze({"items": items})
    generation.reference_items = Secret(text)
    _text, generation.body_sha256 = freeze(_composed(generation))


def exact_bytes(generation: Generation) -> bytes:
    """What every send of this job sends. Raises BodyChanged."""
    text = generation.body
    if generation.reference_count:
        text, _digest = freeze(_composed(generation))
    sent = text.encode()
    if hashlib.sha256(sent).hexdigest() != generation.body_sha256:
        raise BodyChanged
    return sent


def _composed(generation: Generation) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(generation.body)
    items = json.loads(generation.reference_items.reveal())["items"]
    return {**body, "params": {**body.get("params", {}), "referenceMediaItems": items}}


def frozen_links(generation: Generation) -> set[str]:
    """The links of the references that were frozen."""
    sealed = generation.reference_items.reveal()
    return {item["url"] for item in json.loads(sealed)["items"]} if sealed else set()
