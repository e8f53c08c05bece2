"""The exact bytes of a turn: frozen once before any call, and proved the same at every send."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from rivya_app.chat.models import Turn
from rivya_app.gateway.chat_models import ChatModel


class BodyChanged(Exception):
    """What would be sent is not what was frozen: somebody or something changed the row."""


def message_of(turn: Turn) -> str:
    """What Rivya is told as the user's message: the context ahead of the question."""
    return f"{turn.context}\n\n{turn.question}" if turn.context else turn.question


def freeze(turn: Turn, model: ChatModel, *, session_id: str, file_ids: Sequence[str]) -> None:
    """Fix what is sent (Rivya's docs/api-chat). Pictures go by their file id alone.

    The model is a ChatModel, so nothing that makes media can be asked here. The caller saves.
    """
    body: dict[str, Any] = {"model": model.model_id, "message": message_of(turn)}
    if session_id:
        body["session_id"] = session_id
    if file_ids:
        body["attachments"] = [{"file_id": file_id} for file_id in file_ids]
    if turn.is_searching and model.abilities.searches_web:
        body["enable_web_search"] = True
    if turn.effort and turn.effort in model.effort_words:
        body["reasoning_effort"] = turn.effort
    body["client_request_id"] = str(turn.public_id)
    turn.body = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    turn.body_sha256 = _digest(turn.body)


def exact_bytes(turn: Turn) -> bytes:
    """What every send of this turn sends. Raises BodyChanged."""
    if not turn.body or _digest(turn.body) != turn.body_sha256:
        raise BodyChanged
    return turn.body.encode()


def session_asked(turn: Turn) -> str:
    """The session the frozen body goes on with; "" where it began one."""
    return str(json.loads(turn.body).get("session_id", "")) if turn.body else ""


def file_ids(turn: Turn) -> list[str]:
    """Rivya's names of the pictures in the frozen body."""
    body = json.loads(turn.body) if turn.body else {}
    return [attached["file_id"] for attached in body.get("attachments", [])]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
