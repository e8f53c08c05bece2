"""Chat sessions and turns: what is checked, held, answered and settled."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any, Final

from rivya_app.simulator import chat_writer, prices, wallet
from rivya_app.simulator.calls import Call
from rivya_app.simulator.catalogue import Chat, Model
from rivya_app.simulator.faults import without_words
from rivya_app.simulator.files import FileShelf
from rivya_app.simulator.listing import listed
from rivya_app.simulator.records import Account, Session, wire_credits, wire_time
from rivya_app.simulator.refusals import Refusal
from rivya_app.simulator.validation import json_object, refuse, text_field
from rivya_app.simulator.world import World, new_id

_FIELDS: Final = {
    "model",
    "message",
    "session_id",
    "attachments",
    "enable_web_search",
    "reasoning_effort",
    "client_request_id",
}
_PICTURE_TOKENS: Final = 258
_EFFORT_FACTOR: Final = {"minimal": 1.0, "low": 1.2, "medium": 2.0, "high": 4.0, "xhigh": 6.0}


@dataclass
class Turn:
    """One message being answered. ``text`` is the whole answer, known from the start."""

    session: Session
    account: Account
    model: Model
    text: str
    input_tokens: int
    output_tokens: int
    held: int
    id: str
    message_id: str
    created_at: float

    def head(self) -> dict[str, Any]:
        return {"id": self.id, "session_id": self.session.id, "model": self.model.id}


@dataclass(frozen=True)
class _Asked:
    message: str
    pictures: list[str]
    effort: str
    search: bool


class Turns:
    def __init__(self, world: World, shelf: FileShelf) -> None:
        self._world, self._shelf = world, shelf
        self.release_open()

    def release_open(self) -> None:
        """A turn cut off by the end of the process is given back."""
        for session in self._world.sessions.values():
            if session.open_reserved:
                self._give_back(session)
        self._world.commit()

    def begin(self, call: Call) -> Turn:
        """Check the request, find or make its session and hold the base price. Raises Refusal."""
        body = json_object(call.body)
        unknown = set(body) - _FIELDS
        if unknown:
            raise refuse(f"Unknown field: {sorted(unknown)[0]}.")
        model, chat = self._model(text_field(body, "model"))
        asked = _Asked(
            self._message(model, body),
            self._pictures(body.get("attachments"), model, chat, call.account.id),
            _effort(body, model, chat),
            _search(body, model, chat),
        )
        session = self._session(text_field(body, "session_id"), model, call.account.id, asked)
        held = model.credits * 100
        wallet.reserve(self._world, call.account, held)
        return self._opened(session, call.account, model, asked, held)

    def _model(self, model_id: str) -> tuple[Model, Chat]:
        model = listed(self._world.setting).get(model_id)
        if not model_id:
            raise refuse("model is required.")
        if model is None or model.chat is None:
            raise Refusal("chat_model_not_supported")
        return model, model.chat

    def _message(self, model: Model, body: dict[str, Any]) -> str:
        message = text_field(body, "message", model.prompt_max)
        if not message.strip():
            raise refuse("message is required.")
        return message

    def _pictures(self, given: Any, model: Model, chat: Chat, account: str) -> list[str]:
        if given in (None, []):
            return []
        if not isinstance(given, list):
            raise refuse("attachments must be a list.")
        if not chat.attachments:
            raise Refusal("chat_attachment_not_supported", f"{model.id} takes no attachments.")
        if len(given) > chat.attachments:
            raise Refusal(
                "chat_attachment_not_supported", f"At most {chat.attachments} attachments."
            )
        return [self._picture(item, account) for item in given]

    def _picture(self, item: Any, account: str) -> str:
        file_id = item.get("file_id") if isinstance(item, dict) else None
        if not isinstance(file_id, str) or set(item) != {"file_id"}:
            raise Refusal("chat_attachment_not_supported", "Upload an image and pass its file_id.")
        file = self._shelf.find(account, file_id)
        if file is None or file.media != "image":
            raise Refusal("chat_attachment_not_supported", "This file is not an image of yours.")
        return file.id

    def _session(self, session_id: str, model: Model, account: str, asked: _Asked) -> Session:
        now = time.time()
        if not session_id:
            title = without_words(asked.message)[:60]
            return Session(new_id("chat"), account, model.id, title, now, now)
        session = self._world.sessions.get(session_id)
        if session is None or session.account != account or session.origin != "api":
            raise Refusal("chat_session_conflict", "This session was not made by this API account.")
        if session.model != model.id:
            raise Refusal("chat_session_conflict", f"This session belongs to {session.model}.")
        if session.open_reserved:
            raise Refusal("chat_session_conflict", "This session is answering another message.")
        return session

    def _opened(
        self, session: Session, account: Account, model: Model, asked: _Asked, held: int
    ) -> Turn:
        now = time.time()
        history = sum(chat_writer.tokens(str(m["content"])) for m in session.messages)
        turn_number = len(session.messages) // 2
        message = without_words(asked.message)
        text = chat_writer.answer(
            message, turn_number, len(asked.pictures), asked.effort, search=asked.search
        )
        session.messages.append(
            _message("user", asked.message, now)
            | {"attachments": [{"file_id": file_id} for file_id in asked.pictures]}
        )
        session.open_reserved, session.updated_at = held, now
        self._world.save(session)
        factor = _EFFORT_FACTOR.get(asked.effort, 1.0)
        return Turn(
            session=session,
            account=account,
            model=model,
            text=text,
            input_tokens=history
            + chat_writer.tokens(message)
            + _PICTURE_TOKENS * len(asked.pictures),
            output_tokens=round(chat_writer.tokens(text) * factor),
            held=held,
            id=f"chatcmpl_{secrets.token_hex(12)}",
            message_id=f"msg_{secrets.token_hex(12)}",
            created_at=now,
        )

    def finish(self, turn: Turn) -> dict[str, Any]:
        """Settle the turn and keep its answer; the documented completion object."""
        usage = {
            "input_tokens": turn.input_tokens,
            "output_tokens": turn.output_tokens,
            "total_tokens": turn.input_tokens + turn.output_tokens,
        }
        final = prices.chat_final(
            turn.model, usage["total_tokens"], fractional=self._world.setting["fractional_credits"]
        )
        spent = {"reserved": wire_credits(turn.held), "final": wire_credits(final)}
        wallet.settle(self._world, turn.account, turn.held, final)
        session, now = turn.session, time.time()
        answer = _message("assistant", turn.text, now, turn.message_id)
        session.messages.append(answer | {"usage": usage, "credits": spent})
        session.open_reserved, session.updated_at = 0, now
        self._world.save(session)
        return turn.head() | {
            "object": "chat.completion",
            "created_at": wire_time(turn.created_at),
            "message": {"id": turn.message_id, "role": "assistant", "content": turn.text},
            "usage": usage,
            "credits": spent,
        }

    def abandon(self, turn: Turn) -> None:
        """Give the hold back; the question stays in the session, unanswered."""
        self._give_back(turn.session)

    def _give_back(self, session: Session) -> None:
        account = self._world.accounts[session.account]
        wallet.settle(self._world, account, session.open_reserved, 0)
        session.open_reserved = 0
        self._world.save(session)


def _message(role: str, content: str, now: float, message_id: str = "") -> dict[str, Any]:
    return {
        "id": message_id or f"msg_{secrets.token_hex(12)}",
        "role": role,
        "content": content,
        "created_at": wire_time(now),
    }


def _effort(body: dict[str, Any], model: Model, chat: Chat) -> str:
    effort = text_field(body, "reasoning_effort") or "default"
    if effort not in chat.efforts:
        raise refuse(f"reasoning_effort: {model.id} takes {', '.join(chat.efforts)}.")
    return effort


def _search(body: dict[str, Any], model: Model, chat: Chat) -> bool:
    search = body.get("enable_web_search", False)
    if not isinstance(search, bool):
        raise refuse("enable_web_search must be true or false.")
    if search and not chat.web_search:
        raise refuse(f"enable_web_search: {model.id} does not search the web.")
    return search
