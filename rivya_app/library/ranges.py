"""Reads the Range header of a request for a file (RFC 9110, section 14). Single ranges only."""

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")


class Unsatisfiable(ValueError):
    """The range begins behind the end of the file."""


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes `start` to `stop` (the first one not sent) of `size`."""

    start: int
    stop: int
    size: int

    @property
    def length(self) -> int:
        return self.stop - self.start

    @property
    def header(self) -> str:
        """The value of Content-Range."""
        return f"bytes {self.start}-{self.stop - 1}/{self.size}"


def wanted(header: str, size: int) -> Part | None:
    """The part that is asked for; None for the whole file.

    What we do not understand, several ranges among it, is answered with the whole file, as the
    standard allows. Raises Unsatisfiable.
    """
    match = _ONE_RANGE.fullmatch(header.strip())
    if not match:
        return None
    first, last, final = match.groups()
    if final is not None:
        start, stop = max(0, size - int(final)), size
    else:
        start, stop = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:
            return None
    if start >= size:
        raise Unsatisfiable
    return Part(start, stop, size)
