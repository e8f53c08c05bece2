"""Typed readers of the environment. The only module that reads `os.environ` for settings."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str | None = None) -> str:
    """The value of `name`; raises ImproperlyConfigured where it is absent and has no default."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name} in the environment (see .env.example).")
    return value


def flag(name: str, default: bool) -> bool:
    """A yes/no value; any other word is refused rather than guessed."""
    value = os.environ.get(name)
    if value is None:
        return default
    word = value.strip().lower()
    if word not in _TRUE | _FALSE:
        raise ImproperlyConfigured(f"{name} must be 1 or 0.")
    return word in _TRUE


def whole(name: str, default: int) -> int:
    value = os.environ.get(name)
    if value is None or value == "":
        return default
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number.") from None


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated list without empty items."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def secret(name: str, default: str | None = None) -> str:
    """The value of `name`, or the content of the file that `name`_FILE points at.

    Raises ImproperlyConfigured where both are set, the file cannot be read, or neither is set
    and there is no default. The value itself is never part of a message.
    """
    path = os.environ.get(f"{name}_FILE")
    if path and name in os.environ:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            reason = error.strerror
            raise ImproperlyConfigured(f"{name}_FILE cannot be read: {reason}.") from None
    return text(name, default)


def secrets(name: str, default: str | None = None) -> list[str]:
    """A comma-separated list of secrets, read like `secret`."""
    return [part.strip() for part in secret(name, default).split(",") if part.strip()]
