"""The documented error codes with their HTTP statuses and sentences: the one table of refusals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# code -> (HTTP status, sentence). Source: docs/api-errors-and-limits, read 2026-05-11.
# ASSUMED: the status of insufficient_credits (a setting plays the others), the code internal_error.
CODES: Final[dict[str, tuple[int, str]]] = {
    "public_api_disabled": (503, "The public API is switched off for now."),
    "api_key_missing": (401, "A valid Bearer API key is required."),
    "api_key_invalid": (401, "The API key could not be verified."),
    "api_key_revoked": (401, "The API key was revoked."),
    "api_key_expired": (401, "The API key has expired."),
    "api_scope_denied": (403, "The API key lacks the scope this endpoint needs."),
    "rate_limited": (429, "Too many requests. Slow down and try again."),
    "validation_failed": (400, "The request is not valid."),
    "not_found": (404, "Nothing was found here."),
    "webhook_url_rejected": (400, "This webhook URL is not allowed."),
    "chat_model_not_supported": (400, "This model is not available for chat."),
    "chat_session_conflict": (409, "This chat session cannot be used for this request."),
    "chat_attachment_not_supported": (400, "This attachment is not accepted."),
    "idempotency_conflict": (409, "The Idempotency-Key was used with another request."),
    "insufficient_credits": (402, "Not enough credits."),
    "internal_error": (500, "Something went wrong on our side."),
}


@dataclass
class Refusal(Exception):
    """A request answered with the error envelope.

    ``code`` is one of ``CODES`` or, for a fault, any word; ``status`` 0 means the table's own.
    """

    code: str
    message: str = ""
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()

    def resolved_status(self) -> int:
        return self.status or CODES.get(self.code, (400, ""))[0]

    def resolved_message(self) -> str:
        return self.message or CODES.get(self.code, (0, "The request failed."))[1]


class CutConnection(Exception):
    """The connection is to be dropped without an answer."""
