"""What Rivya's answers become: frozen, typed, and tolerant of whatever is new in them.

Every `from_json` ignores unknown keys, keeps unknown words, and raises `errors.BadResponse` where
something we cannot do without has the wrong type. Temporary URLs and secrets stay out of `repr`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Self

from rivya_app.rivya_api import assumptions, reading
from rivya_app.rivya_api.catalogue import Model, Param, ReferenceRule
from rivya_app.rivya_api.chat_types import ChatMessage, ChatSession, Completion, Usage
from rivya_app.rivya_api.errors import BadResponse
from rivya_app.rivya_api.reading import Json
from rivya_app.rivya_api.webhook_types import WebhookDelivery, WebhookEndpoint, WebhookEvent

__all__ = [
    "ChatMessage",
    "ChatSession",
    "Completion",
    "Job",
    "JobError",
    "JobResult",
    "JobState",
    "Model",
    "Param",
    "ReferenceRule",
    "RemoteFile",
    "Usage",
    "Wallet",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
    "find_job",
    "find_job_id",
]


class JobState(StrEnum):
    """The four documented states of a generation [docs/api-generation-status]."""

    QUEUED = "queued"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


_STATES = {state.value: state for state in JobState}
_FINAL = frozenset({JobState.SUCCEEDED, JobState.FAILED})


@dataclass(frozen=True, slots=True)
class JobResult:
    """Where the finished files are for now. Only http(s) URLs are kept; none is ever shown."""

    primary_url: str = field(repr=False)
    urls: tuple[str, ...] = field(repr=False)

    @classmethod
    def from_json(cls, source: Any) -> Self:
        """Read `{primary_url, urls}`; raise BadResponse for anything but an object."""
        body = reading.mapping(source, "result")
        urls = reading.web_urls([body.get("primary_url"), *reading.items(body.get("urls"))])
        return cls(primary_url=urls[0] if urls else "", urls=urls)


@dataclass(frozen=True, slots=True)
class JobError:
    """Why a job failed, in Rivya's words; both may be empty."""

    code: str
    message: str

    @classmethod
    def from_json(cls, source: Any) -> Self:
        """Read `{code, message}`, or a bare text as the message."""
        if isinstance(source, dict):
            return cls(
                code=reading.maybe_text(source.get("code")),
                message=reading.maybe_text(source.get("message")),
            )
        return cls(code="", message=reading.maybe_text(source))


@dataclass(frozen=True, slots=True)
class Job:
    """One generation as Rivya reports it. Credits have two places; times are aware."""

    id: str
    status: str
    model: str
    reserved_credits: Decimal
    final_credits: Decimal
    created_at: datetime | None
    updated_at: datetime | None
    result: JobResult | None
    error: JobError | None
    request_id: str = ""

    @property
    def state(self) -> JobState | None:
        """The documented state, or None for a word we do not know."""
        return _STATES.get(self.status)

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to this job."""
        return self.state in _FINAL

    @classmethod
    def from_json(cls, source: Any, *, request_id: str = "") -> Self:
        """Read a generation object, from an answer or from a webhook.

        Amounts may be missing while the job is open; a finished job without its `final_credits`
        raises BadResponse, because money must not be guessed.
        """
        body = reading.mapping(source, "job")
        status = reading.word(body.get("status"), "job status")
        result, error = body.get("result"), body.get("error")
        return cls(
            id=reading.identifier(body.get("id"), "job"),
            status=status,
            model=reading.maybe_text(body.get("model")),
            reserved_credits=_amount(body, "reserved_credits"),
            final_credits=_amount(body, "final_credits", is_needed=_STATES.get(status) in _FINAL),
            created_at=reading.maybe_time(body.get("created_at")),
            updated_at=reading.maybe_time(body.get("updated_at")),
            result=None if result is None else JobResult.from_json(result),
            error=None if error is None else JobError.from_json(error),
            request_id=request_id,
        )


@dataclass(frozen=True, slots=True)
class Wallet:
    """The account's balance in credits, shared with Studio."""

    current: Decimal
    request_id: str = ""

    @classmethod
    def from_json(cls, source: Any, *, request_id: str = "") -> Self:
        """Read `{current_credits}` [docs/api-credits]."""
        body = reading.mapping(source, "wallet")
        amount = reading.amount(
            body.get("current_credits"), "current_credits", may_be_negative=True
        )
        return cls(current=amount, request_id=request_id)


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A reference file held by Rivya. `url` and `duration_token` go into params, on no page."""

    id: str
    url: str = field(repr=False)
    duration_token: str = field(repr=False)
    kind: str
    name: str
    mime_type: str
    size_bytes: int | None
    duration_seconds: Decimal | None
    created_at: datetime | None
    expires_at: datetime | None
    request_id: str = ""

    @classmethod
    def from_json(cls, source: Any, *, request_id: str = "") -> Self:
        """Read a `PublicApiFile`; most of its field names are assumed."""
        body = reading.mapping(source, "file")
        urls = reading.web_urls([body.get("url")])
        if not urls:
            raise BadResponse("file has no usable url", request_id=request_id)
        read = reading.first
        return cls(
            id=reading.identifier(read(body, assumptions.FILE_ID_KEYS), "file"),
            url=urls[0],
            duration_token=reading.maybe_text(body.get("duration_token")),
            kind=reading.maybe_text(body.get("kind")),
            name=reading.maybe_text(read(body, assumptions.FILE_NAME_KEYS)),
            mime_type=reading.maybe_text(read(body, assumptions.FILE_MIME_KEYS)),
            size_bytes=reading.maybe_count(read(body, assumptions.FILE_SIZE_KEYS)),
            duration_seconds=reading.maybe_decimal(read(body, assumptions.FILE_DURATION_KEYS)),
            created_at=reading.maybe_time(body.get("created_at")),
            expires_at=reading.maybe_time(body.get("expires_at")),
            request_id=request_id,
        )


def find_job(envelope: Any) -> Job | None:
    """Return the generation inside a webhook envelope, or None if it must be fetched instead.

    It is known by a usable `id` and one of the four documented states.
    """
    for place in _places(envelope):
        if place.get("status") in _STATES:
            try:
                return Job.from_json(place)
            except BadResponse:
                continue
    return None


def find_job_id(envelope: Any) -> str:
    """Return the id of the generation an envelope speaks of, or "" where it names none."""
    for place in (*_places(envelope), reading.maybe_mapping(envelope) or {}):
        named = reading.maybe_text(reading.first(place, assumptions.JOB_ID_KEYS))
        if named and reading.is_identifier(named):
            return named
    for place in _places(envelope):
        own = reading.maybe_text(place.get("id"))
        if own and reading.is_identifier(own):
            return own
    return ""


def _places(envelope: Any) -> list[Json]:
    found = (_at(envelope, path) for path in assumptions.JOB_PLACES)
    return [place for place in found if place is not None]


def _at(source: Any, path: tuple[str, ...]) -> Json | None:
    for key in path:
        source = source.get(key) if isinstance(source, dict) else None
    return reading.maybe_mapping(source)


def _amount(body: Mapping[str, Any], key: str, *, is_needed: bool = False) -> Decimal:
    value = body.get(key)
    if value is None and not is_needed:
        return Decimal("0.00")
    return reading.amount(value, key)
