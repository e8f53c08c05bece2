"""What somebody wants otherwise in a next attempt, and what the asker made of each wish.

Rooms above register whose wishes there are. The answers are kept with the job that was asked on
them, so that they stay as they were given.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.generations.models import Generation, GenerationEvent

TAKEN, EDITED, DROPPED = "taken", "edited", "dropped"
_ANSWERS: dict[str, str | Promise] = {
    TAKEN: gettext_lazy("in the text"),
    EDITED: gettext_lazy("in the text, in other words"),
    DROPPED: gettext_lazy("not taken up"),
}
# The nine parts of a picture, by row and column: as a model reads it, and as people do.
_PARTS: tuple[tuple[tuple[str, str | Promise], ...], ...] = (
    (
        ("Upper left", gettext_lazy("upper left")),
        ("Top centre", gettext_lazy("top centre")),
        ("Upper right", gettext_lazy("upper right")),
    ),
    (
        ("Left side", gettext_lazy("left side")),
        ("Centre", gettext_lazy("centre")),
        ("Right side", gettext_lazy("right side")),
    ),
    (
        ("Lower left", gettext_lazy("lower left")),
        ("Bottom centre", gettext_lazy("bottom centre")),
        ("Lower right", gettext_lazy("lower right")),
    ),
)
_ENDS = ".!?।…"


@dataclass(frozen=True, slots=True)
class Spot:
    """Percent of the picture's sides from its upper left corner; of a film, its second too."""

    x: float
    y: float
    seconds: float | None = None

    @property
    def _part(self) -> tuple[str, str | Promise]:
        return _PARTS[_third(self.y)][_third(self.x)]

    @property
    def words(self) -> str:
        """In the reader's language: "upper left", "upper left, at 2.5 s"."""
        part = str(self._part[1])
        if self.seconds is None:
            return part
        return _("%(place)s, at %(seconds)s s") % {"place": part, "seconds": _number(self.seconds)}

    @property
    def for_model(self) -> str:
        """In English, which the models follow best."""
        part = self._part[0]
        return part if self.seconds is None else f"{part} at {_number(self.seconds)} s"


def _third(percent: float) -> int:
    return min(2, max(0, int(percent * 3 // 100)))


def _number(seconds: float) -> str:
    return f"{seconds:.1f}".removesuffix(".0")


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that is wanted otherwise, as a person typed it. `code` is its own for ever."""

    code: str
    words: str
    by: str
    at: datetime
    spot: Spot | None = None
    pin: int = 0  # its number on the picture, where it has a spot

    @property
    def place(self) -> str:
        return self.spot.words if self.spot else ""

    def sentence(self, words: str = "") -> str:
        """As it stands in the text for the model: one line, ended, with its place before it."""
        line = " ".join((words or self.words).split())
        line = line if not line or line[-1] in _ENDS else f"{line}."
        return f"{self.spot.for_model}: {line}" if self.spot else line


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a wish: taken, edited or dropped. `text` is the sentence that was asked."""

    code: str
    asked: str
    answer: str
    text: str = ""
    spot: Spot | None = None

    @property
    def words(self) -> str:
        """ "in the text", in the reader's language."""
        return str(_ANSWERS[self.answer])

    @property
    def place(self) -> str:
        return self.spot.words if self.spot else ""

    @property
    def line(self) -> str:
        """ "upper left: larger handle → in the text"."""
        asked = f"{self.place}: {self.asked}" if self.spot else self.asked
        return f"{asked} → {self.words}"


def as_details(answers: Iterable[Answer]) -> list[dict[str, Any]]:
    """As they are kept with a job, and with a change that waits."""
    return [asdict(answer) for answer in answers]


def from_details(kept: Iterable[Mapping[str, Any]]) -> tuple[Answer, ...]:
    return tuple(
        Answer(**{**row, "spot": Spot(**row["spot"]) if row["spot"] else None}) for row in kept
    )


def answers_of(generations: Iterable[Generation]) -> dict[int, list[Answer]]:
    """By job, those without any left out; one query."""
    rows = GenerationEvent.objects.filter(
        generation__in=list(generations), kind="requested", details__has_key="wishes"
    )
    kept = rows.values_list("generation", "details")
    return {key: list(from_details(details["wishes"])) for key, details in kept}


# By the jobs' keys, those nobody wants otherwise left out; a constant number of queries.
Provider = Callable[[Sequence[Generation]], Mapping[int, Sequence[Wish]]]
_providers: dict[str, Provider] = {}


def register(name: str, provider: Provider) -> None:
    """Higher apps say in `ready()` that they know of wishes."""
    if _providers.get(name, provider) is not provider:
        raise ImproperlyConfigured(f"'{name}' brings wishes already.")
    _providers[name] = provider


def wishes_for(generations: Sequence[Generation]) -> dict[int, list[Wish]]:
    """What is wanted otherwise of these jobs and not taken back, by their keys."""
    found: dict[int, list[Wish]] = {}
    if generations:
        for provider in _providers.values():
            for key, wishes in provider(generations).items():
                found.setdefault(key, []).extend(wishes)
    return found
