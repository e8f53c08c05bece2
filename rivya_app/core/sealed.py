"""Text encrypted at rest. The only module that holds the field keys."""

from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class SealBroken(Exception):
    """The stored text was sealed with a key that FIELD_KEYS no longer holds."""


class Secret:
    """A text that does not show itself in `repr`, `str`, f-strings, JSON or a template."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself. Call it only where it leaves for Rivya or is shown once."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return "Secret(...)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _current_box() -> MultiFernet:
    return _box(tuple(settings.FIELD_KEYS))


def seal(text: str) -> str:
    """Encrypt with the first of FIELD_KEYS."""
    return _current_box().encrypt(text.encode()).decode("ascii")


def unseal(token: str) -> Secret:
    """Decrypt with any of FIELD_KEYS. Raises SealBroken."""
    try:
        return Secret(_current_box().decrypt(token.encode("ascii")).decode())
    except InvalidToken:
        raise SealBroken("A sealed value cannot be opened with the field keys given.") from None


class SealedTextField(models.TextField):  # type: ignore[type-arg] # generic in the stubs alone
    """A text column whose value is a `Secret` in Python and a Fernet token in the database."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Secret | None:
        return None if value is None else (unseal(value) if value else Secret(""))

    def to_python(self, value: Any) -> Secret | None:
        if value is None or isinstance(value, Secret):
            return value
        return Secret(str(value))

    def get_prep_value(self, value: Any) -> str | None:
        if value is None:
            return None
        plain = value.reveal() if isinstance(value, Secret) else str(value)
        return seal(plain) if plain else ""

    def value_to_string(self, obj: models.Model) -> str:
        """Serialisers (fixtures, dumpdata) get nothing."""
        return ""
