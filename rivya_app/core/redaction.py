"""The one place that knows what a secret looks like in text, and takes it out."""

import logging
import re
from typing import Any

HIDDEN = "[hidden]"

_TELLING_NAMES = (
    r"(?:api[_-]?key|secret(?:[_-]?key)?|signing[_-]?secret|client[_-]?secret|password|passwd|"
    r"sessionid|csrf\w*token|access[_-]?token|refresh[_-]?token|duration[_-]?token|token|ticket|signature)"
)
_SIGNED_PARAMETERS = (
    r"(?:x-(?:amz|goog|oss)-[a-z-]+|sig|signature|token|access_token|expires?|expiry|"
    r"policy|key-pair-id|awsaccesskeyid|googleaccessid|se|sp|sv|st)"
)
_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\brvya_[a-z]+_[\w-]+"), HIDDEN),
    (re.compile(r"\bwhsec_[\w+/=-]+"), HIDDEN),
    (re.compile(r"\bgAAAAA[\w-]{40,}={0,2}"), HIDDEN),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{4,}"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@'\"<>?#]+@"), rf"\1{HIDDEN}@"),
    # The address of a shared package, or of an invitation, is a key to it.
    (re.compile(r"(/(?:shared|invitations)/)[\w-]{16,}"), rf"\1{HIDDEN}"),
    # The address that stops somebody's e-mail.
    (re.compile(r"(/unsubscribe/)[\w:.=-]{16,}"), rf"\1{HIDDEN}"),
    # One signed parameter makes the whole query string a key to the file.
    (
        re.compile(
            rf"(?i)((?:https?://|/)[^\s'\"<>?]*\?)(?=[^\s'\"<>]*\b{_SIGNED_PARAMETERS}=)[^\s'\"<>]+"
        ),
        rf"\1{HIDDEN}",
    ),
    (
        re.compile(
            rf"(?i)\b({_TELLING_NAMES}[\"']?\s*(?:=|:)\s*[\"']?)(?!\[hidden\])[^\s,;&\"'\]}})]{{4,}}"
        ),
        rf"\1{HIDDEN}",
    ),
)
_OWN_ATTRIBUTES = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def redact(text: str) -> str:
    """The text without anything shaped like a key, a signing secret, a token or a signed link."""
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text


class RedactionFilter(logging.Filter):
    """Redacts a log record in place: message, arguments, traceback, stack and extra fields."""

    _tracebacks = logging.Formatter()

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(_message(record)), ()
        if record.exc_info and record.exc_info[0] is not None:
            record.exc_text = self._tracebacks.formatException(record.exc_info)
        # Handlers print the text; with the exception itself they would write it out again in full.
        record.exc_info = None
        record.exc_text = redact(record.exc_text) if record.exc_text else None
        record.stack_info = redact(record.stack_info) if record.stack_info else None
        for name in record.__dict__.keys() - _OWN_ATTRIBUTES:
            record.__dict__[name] = _redacted_value(record.__dict__[name])
        return True


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # wrong arguments for the text: log it all the same
        return f"{record.msg} {record.args!r}"


def _redacted_value(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {redact(str(key)): _redacted_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted_value(item) for item in value]
    return redact(str(value))
