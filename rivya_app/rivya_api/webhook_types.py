"""What Rivya says about webhook endpoints, deliveries and events. `repr` shows no secret."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from rivya_app.rivya_api import assumptions, reading
from rivya_app.rivya_api.reading import Json


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """A registered endpoint. `signing_secret` is filled only by create and rotate-secret."""

    id: str
    name: str
    url: str
    event_types: tuple[str, ...]
    status: str
    secret_preview: str
    signing_secret: str = field(repr=False)
    last_success_at: datetime | None
    last_failure_at: datetime | None
    failure_count: int
    created_at: datetime | None
    updated_at: datetime | None
    disabled_at: datetime | None
    revoked_at: datetime | None
    request_id: str = ""

    @classmethod
    def from_json(cls, source: Any, *, known_id: str = "", request_id: str = "") -> Self:
        """Read an endpoint; `known_id` stands in where an answer (rotate-secret) may omit it."""
        body = reading.mapping(source, "webhook endpoint")
        secret = reading.first(body, assumptions.SECRET_KEYS)
        return cls(
            id=reading.identifier(body.get("id") or known_id, "webhook endpoint"),
            name=reading.maybe_text(body.get("name")),
            url=reading.maybe_text(body.get("url")),
            event_types=reading.texts(body.get("event_types")),
            status=reading.maybe_text(body.get("status")),
            secret_preview=reading.maybe_text(body.get("secret_preview")),
            signing_secret=reading.maybe_text(secret),
            last_success_at=reading.maybe_time(body.get("last_success_at")),
            last_failure_at=reading.maybe_time(body.get("last_failure_at")),
            failure_count=reading.maybe_count(body.get("failure_count")) or 0,
            created_at=reading.maybe_time(body.get("created_at")),
            updated_at=reading.maybe_time(body.get("updated_at")),
            disabled_at=reading.maybe_time(body.get("disabled_at")),
            revoked_at=reading.maybe_time(body.get("revoked_at")),
            request_id=request_id,
        )


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """One attempt to reach an endpoint. Field names are assumed; `raw` is what was sent."""

    id: str
    event_id: str
    event_type: str
    status: str
    response_status: int | None
    attempt: int | None
    created_at: datetime | None
    raw: Json = field(repr=False)

    @classmethod
    def from_json(cls, source: Any) -> Self:
        """Read a delivery, or the answer of the test endpoint; nothing in it is required."""
        body = reading.mapping(source, "webhook delivery")
        event_id = reading.first(body, assumptions.DELIVERY_EVENT_ID_KEYS)
        code = reading.first(body, assumptions.DELIVERY_STATUS_CODE_KEYS)
        return cls(
            id=reading.maybe_text(body.get("id")),
            event_id=reading.maybe_text(event_id),
            event_type=reading.maybe_text(
                reading.first(body, assumptions.DELIVERY_EVENT_TYPE_KEYS)
            ),
            status=reading.maybe_text(body.get("status")),
            response_status=reading.maybe_count(code),
            attempt=reading.maybe_count(reading.first(body, assumptions.DELIVERY_ATTEMPT_KEYS)),
            created_at=reading.maybe_time(body.get("created_at")),
            raw=body,
        )


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """One event as Rivya lists it, or as it arrives in a delivery. `raw` is the whole envelope."""

    id: str
    type: str
    api_version: str
    created_at: datetime | None
    raw: Json = field(repr=False)

    @classmethod
    def from_json(cls, source: Any) -> Self:
        """Read an envelope; raise BadResponse where it has no id or no type."""
        body = reading.mapping(source, "webhook event")
        return cls(
            id=reading.identifier(body.get("id"), "webhook event"),
            type=reading.word(body.get("type"), "webhook event type"),
            api_version=reading.maybe_text(body.get("api_version")),
            created_at=reading.maybe_time(body.get("created_at")),
            raw=body,
        )
