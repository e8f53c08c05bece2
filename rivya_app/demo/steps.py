"""What happened to finished results in the demo: sent for review, decided, answered. Data alone."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["approved", "changes_wanted", "rejected"]
SECOND = 1 / 86_400  # of a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing somebody did with one draft of a brief. `days_ago` may be a fraction of a day."""

    days_ago: float
    product: str
    draft: int = 1  # its position in the brief; a film stands behind the drafts
    attempt: int = 1
    by: str = "manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Step):
    """Several drafts may go together. `due` counts days from the day on which the demo opens."""

    drafts: tuple[int, ...] = (1,)
    note: str = ""
    due: int | None = None
    by: str = "seller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided(Step):
    """`pins` are percent from the left, percent from above, and what they say."""

    kind: Verdict = "approved"
    note: str = ""
    pins: tuple[tuple[int, int, str], ...] = ()
    film: str = ""  # with an approval: the text of the video it orders


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack(Step):
    """Within seconds of the decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversed(Step):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Step):
    by: str = "seller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Step):
    """The next attempt after wanted changes; `attempt` is its own number."""

    prompt: str
    by: str = "seller"


DECISIONS = (Decided, TakenBack, Reversed)  # each leaves one row with the review
