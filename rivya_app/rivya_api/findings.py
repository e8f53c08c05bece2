"""One line of the doctor's report: what was compared, and how it came out."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["agrees", "differs", "cannot_tell"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`is_relied_on` says whether something of ours breaks if it differs. Holds no secret."""

    area: str
    name: str
    verdict: Verdict
    detail: str = ""
    is_relied_on: bool = True

    @property
    def is_harmful(self) -> bool:
        """Whether this should make the doctor exit unhappy."""
        return self.verdict == "differs" and self.is_relied_on


def agrees(area: str, name: str, detail: str = "") -> Finding:
    """Return a finding that is as we took it to be."""
    return Finding(area, name, "agrees", detail)


def differs(area: str, name: str, detail: str, *, is_relied_on: bool = True) -> Finding:
    """Return a finding that is not as we took it to be."""
    return Finding(area, name, "differs", detail, is_relied_on)


def cannot_tell(area: str, name: str, detail: str) -> Finding:
    """Return a finding that could not be seen from here."""
    return Finding(area, name, "cannot_tell", detail)
