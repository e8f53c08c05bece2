"""What the Chat API answers: completions, sessions, messages. No text of theirs is in `repr`."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Self

from rivya_app.rivya_api import assumptions, reading
from rivya_app.rivya_api.reading import Json

_MOST_TOKENS = 2**31 - 1  # no turn has so many, and whoever keeps them keeps no more


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one turn."""

    input_tokens: int
    output_tokens: int
    total_tokens: int

    @classmethod
    def from_json(cls, source: Any) -> Self | None:
        """Read `{input_tokens, output_tokens, total_tokens}`; None where there is no count."""
        body = reading.maybe_mapping(source) or {}
        sent = reading.maybe_count(body.get("input_tokens"), most=_MOST_TOKENS)
        received = reading.maybe_count(body.get("output_tokens"), most=_MOST_TOKENS)
        if sent is None and received is None:
            return None
        total = reading.maybe_count(body.get("total_tokens"))
        known = (sent or 0) + (received or 0)
        return cls(sent or 0, received or 0, known if total is None else total)


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer of the assistant. Totals are None where Rivya did not send them."""

    id: str
    session_id: str
    model: str
    message_id: str
    text: str = field(repr=False)
    usage: Usage | None
    reserved_credits: Decimal | None
    final_credits: Decimal | None
    created_at: datetime | None
    request_id: str = ""

    @property
    def has_totals(self) -> bool:
        """Whether the turn can be settled from this answer alone."""
        return self.final_credits is not None

    @classmethod
    def from_json(cls, source: Any, *, request_id: str = "", text: str | None = None) -> Self:
        """Read a `chat.completion`; `text` stands in where a stream brought the words before."""
        body = reading.mapping(source, "completion")
        message = reading.maybe_mapping(body.get("message")) or {}
        content = message.get("content")
        if text is None and not isinstance(content, str):
            reading.mapping(body.get("message"), "completion message")
            reading.word(content, "completion content")
        charge = reading.maybe_mapping(body.get("credits")) or {}
        return cls(
            id=reading.maybe_text(body.get("id")),
            session_id=reading.maybe_identifier(body.get("session_id")),
            model=reading.maybe_text(body.get("model")),
            message_id=reading.maybe_text(message.get("id")),
            text=reading.keepable(content if isinstance(content, str) else text or ""),
            usage=Usage.from_json(body.get("usage")),
            reserved_credits=reading.maybe_credits(charge.get("reserved")),
            final_credits=reading.maybe_credits(charge.get("final")),
            created_at=reading.maybe_time(body.get("created_at")),
            request_id=request_id,
        )


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of a session, with the turn's totals where Rivya gives them."""

    id: str
    role: str
    text: str = field(repr=False)
    usage: Usage | None
    reserved_credits: Decimal | None
    final_credits: Decimal | None
    created_at: datetime | None

    @classmethod
    def from_json(cls, source: Any) -> Self:
        """Read one message; every name but `id`, `role` and `content` is assumed."""
        body = reading.mapping(source, "message")
        charge = reading.maybe_mapping(body.get("credits")) or {}
        return cls(
            id=reading.maybe_text(body.get("id")),
            role=reading.maybe_text(body.get("role")),
            text=_text(reading.first(body, assumptions.MESSAGE_TEXT_KEYS)),
            usage=Usage.from_json(body.get("usage")),
            reserved_credits=reading.maybe_credits(charge.get("reserved")),
            final_credits=reading.maybe_credits(charge.get("final")),
            created_at=reading.maybe_time(body.get("created_at")),
        )


def _text(value: Any) -> str:
    return reading.keepable(value) if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class ChatSession:
    """One conversation held by Rivya; `messages` is empty in lists. `raw` is what was sent."""

    id: str
    title: str
    model: str
    messages: tuple[ChatMessage, ...]
    created_at: datetime | None
    updated_at: datetime | None
    raw: Json = field(repr=False)

    @classmethod
    def from_json(cls, source: Any) -> Self:
        """Read a session whose only sure field is an id (`id` or `session_id`)."""
        body = reading.mapping(source, "session")
        messages = reading.items(reading.first(body, assumptions.SESSION_MESSAGES_KEYS))
        return cls(
            id=reading.identifier(reading.first(body, ("id", "session_id")), "session"),
            title=reading.maybe_text(reading.first(body, assumptions.SESSION_TITLE_KEYS)),
            model=reading.maybe_text(body.get("model")),
            messages=tuple(ChatMessage.from_json(m) for m in messages if isinstance(m, dict)),
            created_at=reading.maybe_time(body.get("created_at")),
            updated_at=reading.maybe_time(body.get("updated_at")),
            raw=body,
        )
