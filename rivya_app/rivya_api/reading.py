"""Reads single values out of answers nobody has checked yet. Knows no endpoint.

`maybe_*` functions give None for anything unusable; the others raise `errors.BadResponse`.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from rivya_app.rivya_api.errors import BadResponse

Json = Mapping[str, Any]

_CENT = Decimal("0.01")
_MOST_CREDITS = Decimal(10) ** 10  # sums of them still fit where twelve digits are kept
_MOST_COUNT = 10**12
_MOST_DIGITS = 30
_NEVER_TEXT = re.compile("[\x00\ud800-\udfff]")  # JSON can say these, no database can keep them
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
MAX_ID = 200
MAX_WORD = 60


def mapping(value: Any, what: str) -> Json:
    """Return `value` if it is a JSON object."""
    if isinstance(value, dict):
        return value
    raise BadResponse(f"{what} is {_kind(value)}, not an object")


def identifier(value: Any, what: str) -> str:
    """Return an id that is safe to keep, show and put into a path (see is_identifier)."""
    if isinstance(value, str) and is_identifier(value):
        return value
    raise BadResponse(f"{what} has no usable id")


def maybe_identifier(value: Any) -> str:
    """Return an id (see is_identifier), or "" for anything else."""
    return value if isinstance(value, str) and is_identifier(value) else ""


def is_identifier(value: str) -> bool:
    """Say whether a text can be one segment of a path without changing its meaning."""
    return 0 < len(value) <= MAX_ID and value.isprintable() and value not in (".", "..")


def word(value: Any, what: str) -> str:
    """Return a short, printable, non-empty text, such as a status."""
    if is_word(value):
        return str(value)
    raise BadResponse(f"{what} is not a word")


def is_word(value: Any) -> bool:
    """Say whether `word` would take it."""
    return isinstance(value, str) and 0 < len(value) <= MAX_WORD and value.isprintable()


def maybe_text(value: Any) -> str:
    """Return a text, or "" for anything else."""
    return value if isinstance(value, str) and not _NEVER_TEXT.search(value) else ""


def keepable(text: str) -> str:
    """Return the text without what no database can keep, for words whose rest is still wanted."""
    return _NEVER_TEXT.sub("", text)


def whole_signs(text: str) -> tuple[str, str]:
    """Return the text as `keepable` does, and the half of a sign that its end may be cut in.

    JavaScript cuts texts between the two halves of an emoji; what was cut is joined again here.
    """
    if not _NEVER_TEXT.search(text):
        return text, ""
    half = text[-1] if "\ud800" <= text[-1] <= "\udbff" else ""
    units = text.removesuffix(half).encode("utf-16-le", "surrogatepass")
    return keepable(units.decode("utf-16-le", "surrogatepass")), half


def maybe_mapping(value: Any) -> Json | None:
    """Return a JSON object, or None for anything else."""
    return value if isinstance(value, dict) else None


def items(value: Any) -> Sequence[Any]:
    """Return a JSON list, or an empty one for anything else."""
    return value if isinstance(value, list) else ()


def texts(value: Any) -> tuple[str, ...]:
    """Return the texts of a JSON list, leaving out everything else."""
    return tuple(entry for entry in items(value) if isinstance(entry, str))


def first(source: Json, keys: Sequence[str]) -> Any:
    """Return the value of the first of `keys` that is present and not null."""
    for key in keys:
        value = source.get(key)
        if value is not None:
            return value
    return None


def maybe_decimal(value: Any) -> Decimal | None:
    """Return a finite number given as a JSON number or a decimal text.

    One of absurd size is none: written out, 1e999999 alone has a million digits.
    """
    if not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value)[:64])  # "True" is no number, so booleans fall out here
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= _MOST_DIGITS else None


def maybe_count(value: Any, *, most: int = _MOST_COUNT) -> int | None:
    """Return a whole number from zero to `most`."""
    number = maybe_decimal(value)
    if number is None or number < 0 or number > most or number != int(number):
        return None
    return int(number)


def amount(value: Any, what: str, *, may_be_negative: bool = False) -> Decimal:
    """Return credits with two places. A wallet may be below zero; a price may not."""
    number = maybe_decimal(value)
    if number is None or abs(number) > _MOST_CREDITS or (number < 0 and not may_be_negative):
        raise BadResponse(f"{what} is not an amount of credits")
    return number.quantize(_CENT)


def maybe_credits(value: Any) -> Decimal | None:
    """Return credits with two places, or None where there is no such amount."""
    try:
        return amount(value, "amount")
    except BadResponse:
        return None


def maybe_time(value: Any) -> datetime | None:
    """Return an aware time from ISO 8601; a time without zone is taken as UTC."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def web_urls(values: Sequence[Any]) -> tuple[str, ...]:
    """Return the http(s) URLs among `values`, each once, in order."""
    found = (value for value in values if isinstance(value, str))
    web = (url for url in found if url.startswith(("https://", "http://")) and url.isprintable())
    return tuple(dict.fromkeys(web))


def snake_keys(source: Json) -> dict[str, Any]:
    """Return the object with camelCase keys folded to snake_case."""
    return {_HUMP.sub("_", str(key)).lower(): value for key, value in source.items()}


def _kind(value: Any) -> str:
    return "null" if value is None else type(value).__name__
