"""What higher apps tell the library about files of theirs: where to get fresh links, whom to tell.

A file's `source` is `<prefix>:<id>`; the prefix finds what was registered for it in `ready()`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured

from rivya_app.library.models import StoredFile


@dataclass(frozen=True, slots=True)
class Source:
    """`fresh_urls(source)` asks Rivya, outside any transaction, and may raise errors.RivyaError.

    `on_change(file)` runs inside the transaction that stored the file or gave it up, while the
    file's row is locked: it may lock rows of its own app, never another file.
    """

    fresh_urls: Callable[[str], list[str]]
    on_change: Callable[[StoredFile], None]


_sources: dict[str, Source] = {}


def register(
    prefix: str,
    *,
    fresh_urls: Callable[[str], list[str]],
    on_change: Callable[[StoredFile], None],
) -> None:
    """Answer for the files of `prefix`. A second registration for a prefix is an error."""
    known = _sources.get(prefix)
    new = Source(fresh_urls, on_change)
    if known is not None and known != new:
        raise ImproperlyConfigured(f"Files of '{prefix}' are answered for already.")
    _sources[prefix] = new


def of(file: StoredFile) -> Source:
    """Who answers for this file. Raises LookupError for a prefix nobody registered."""
    return _sources[file.source.split(":", 1)[0]]
