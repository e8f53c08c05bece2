"""Everything that can go wrong when talking to Rivya, as one tree.

RivyaError
├── TransportError             no answer: never connected, timed out, or cut
│   └── StreamInterrupted      a chat stream that stopped before its end
├── BadResponse                an answer that cannot be understood
├── RateBudgetExceeded         our own budget says wait; nothing was sent
├── SignatureRefused           a webhook that did not prove where it came from
└── ApiError                   Rivya said no; one class below it per documented code
"""

import re
from collections.abc import Iterable
from typing import ClassVar

_SECRETS = re.compile(r"(rvya_sk_|whsec_)[^\s\"'<>,;]+")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
MAX_MESSAGE = 500


def redact(text: str, limit: int = MAX_MESSAGE) -> str:
    """Return one printable line of at most `limit` characters, with secrets blanked out."""
    line = _UNPRINTABLE.sub(" ", text[: limit * 4]).strip()
    return _SECRETS.sub(r"\1…", line)[:limit]


class RivyaError(Exception):
    """Base of every error of this client.

    `maybe_sent` is true when Rivya may have accepted the call all the same, so a create must be
    repeated with the same key, never called failed. `follows_doubt` is true when this is a verdict,
    but a quick try just before it ended without one. `retry_after` is in seconds.
    """

    code: str = ""
    request_id: str = ""
    retry_after: float | None = None
    maybe_sent: bool = False
    follows_doubt: bool = False
    is_retryable: bool = False


class TransportError(RivyaError):
    """No answer came. `maybe_sent` is false only when no connection was ever made."""

    is_retryable = True

    def __init__(self, message: str, *, maybe_sent: bool, is_timeout: bool = False) -> None:
        super().__init__(message)
        self.maybe_sent = maybe_sent
        self.is_timeout = is_timeout


class StreamInterrupted(TransportError):
    """A chat stream broke, fell silent or outgrew its bounds after it had begun."""

    def __init__(self, message: str, *, is_timeout: bool = False) -> None:
        super().__init__(message, maybe_sent=True, is_timeout=is_timeout)


class BadResponse(RivyaError):
    """An answer that is not what the contract says: not JSON, wrong types, or too large.

    On a create, a 2xx of this kind is uncertain (`maybe_sent`), never a failure.
    """

    is_retryable = True

    def __init__(
        self, reason: str, *, status: int = 0, request_id: str = "", maybe_sent: bool = False
    ) -> None:
        super().__init__(_with_request_id(reason, request_id))
        self.reason = reason
        self.status = status
        self.request_id = request_id
        self.maybe_sent = maybe_sent


class RateBudgetExceeded(RivyaError):
    """Raised by a `before_send` of ours: the key's shared budget is used up for now."""

    is_retryable = True

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"rate budget used up, wait {retry_after:.1f} s")
        self.retry_after = retry_after


class SignatureRefused(RivyaError):
    """A webhook was refused. `reason` is one of a few fixed words; `header_names` has no values."""

    def __init__(self, reason: str, header_names: Iterable[str] = ()) -> None:
        super().__init__(f"webhook refused: {reason}")
        self.reason = reason
        self.header_names = tuple(header_names)


class ApiError(RivyaError):
    """Rivya answered with an error.

    `code` is Rivya's own word ("" where the answer carried none) and decides the class; `status`
    is the HTTP status and comes second. An unknown code keeps the class its status gives.
    """

    documented_code: ClassVar[str] = ""
    hides_acceptance: ClassVar[bool | None] = None
    passes_by_itself: ClassVar[bool] = False

    def __init__(
        self,
        *,
        code: str,
        status: int,
        message: str,
        request_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(_with_request_id(f"{code or status}: {redact(message)}", request_id))
        self.code = code
        self.status = status
        self.message = redact(message)
        self.request_id = request_id
        self.retry_after = retry_after
        # A gateway's 5xx, or a redirect, says nothing about what happened behind it.
        is_unclear = status >= 500 or 300 <= status < 400
        self.maybe_sent = is_unclear if self.hides_acceptance is None else self.hides_acceptance
        self.is_retryable = self.passes_by_itself or status >= 500 or status in (408, 425, 429)


class AuthenticationFailed(ApiError):
    """The key was not accepted (401)."""


class ApiKeyMissing(AuthenticationFailed):
    """No Bearer key was sent."""

    documented_code = "api_key_missing"


class ApiKeyInvalid(AuthenticationFailed):
    """The key cannot be verified."""

    documented_code = "api_key_invalid"


class ApiKeyRevoked(AuthenticationFailed):
    """The key was revoked in Rivya's settings."""

    documented_code = "api_key_revoked"


class ApiKeyExpired(AuthenticationFailed):
    """The key is no longer valid."""

    documented_code = "api_key_expired"


class ApiScopeDenied(ApiError):
    """The key lacks the scope for this endpoint."""

    documented_code = "api_scope_denied"


class ValidationFailed(ApiError):
    """Body, model, prompt or params are invalid."""

    documented_code = "validation_failed"


class NotFound(ApiError):
    """Absent, or not owned by the key's account. Never concluded from a bare 404."""

    documented_code = "not_found"


class WebhookUrlRejected(ApiError):
    """The endpoint URL is not allowed."""

    documented_code = "webhook_url_rejected"


class ChatModelNotSupported(ApiError):
    """The model is not available for chat."""

    documented_code = "chat_model_not_supported"


class ChatSessionConflict(ApiError):
    """The session was not made by the API, or belongs to another account or model."""

    documented_code = "chat_session_conflict"


class ChatAttachmentNotSupported(ApiError):
    """The attachment was refused; images go through the Files API."""

    documented_code = "chat_attachment_not_supported"


class IdempotencyConflict(ApiError):
    """The idempotency key is taken. `maybe_sent` is true: whoever took it may be ourselves."""

    documented_code = "idempotency_conflict"
    hides_acceptance = True


class InsufficientCredits(ApiError):
    """The balance is too low. Known by its code alone: its HTTP status is not documented."""

    documented_code = "insufficient_credits"


class RateLimited(ApiError):
    """Too many requests in the window (429)."""

    documented_code = "rate_limited"
    hides_acceptance = False
    passes_by_itself = True


class ServerError(ApiError):
    """Rivya, or something in front of it, failed (5xx)."""


class PublicApiDisabled(ServerError):
    """The public API is switched off for now."""

    documented_code = "public_api_disabled"
    hides_acceptance = False
    passes_by_itself = True


# The codes of Rivya's docs/api-errors-and-limits.
BY_CODE: dict[str, type[ApiError]] = {
    kind.documented_code: kind
    for kind in (
        ApiKeyMissing,
        ApiKeyInvalid,
        ApiKeyRevoked,
        ApiKeyExpired,
        ApiScopeDenied,
        ValidationFailed,
        NotFound,
        WebhookUrlRejected,
        ChatModelNotSupported,
        ChatSessionConflict,
        ChatAttachmentNotSupported,
        IdempotencyConflict,
        InsufficientCredits,
        RateLimited,
        PublicApiDisabled,
    )
}


def api_error(
    *,
    code: str,
    status: int,
    message: str,
    request_id: str = "",
    retry_after: float | None = None,
) -> ApiError:
    """Build the class that `code` names, else the one `status` allows."""
    return _class_for(code, status)(
        code=code,
        status=status,
        message=message,
        request_id=request_id,
        retry_after=retry_after,
    )


def _class_for(code: str, status: int) -> type[ApiError]:
    if code in BY_CODE:
        return BY_CODE[code]
    if status == 401:
        return AuthenticationFailed
    if status == 429:
        return RateLimited
    return ServerError if status >= 500 else ApiError


def _with_request_id(text: str, request_id: str) -> str:
    return f"{text} [{request_id}]" if request_id else text
