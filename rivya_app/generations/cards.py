"""A job as a person sees it: one of four states, its clock, its files, its price, its failure."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rivya_app.core import clock
from rivya_app.core.buttons import Action
from rivya_app.core.text import credit_words
from rivya_app.gateway.refusals import FailureCard, Reader
from rivya_app.generations import failures
from rivya_app.generations.history import UsualTime, usual_times
from rivya_app.generations.marks import Mark, marks_of
from rivya_app.generations.models import Generation, Status
from rivya_app.library import access as library
from rivya_app.library.models import StoredFile
from rivya_app.workspaces import pauses
from rivya_app.workspaces.models import Membership

_WORDS = {
    "queued": lambda: _("Queued"),
    "processing": lambda: _("Processing"),
    "succeeded": lambda: _("Succeeded"),
    "failed": lambda: _("Failed"),
}
_RATIO_KEYS = ("aspect_ratio", "aspectRatio", "imageSize", "image_size", "size")
_USUAL_RATIOS = {"image": (1, 1), "video": (16, 9), "audio": (5, 2)}
_SIDES = re.compile(r"(\d{1,5})\s*[:x*×_]\s*(\d{1,5})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Again:
    """A new attempt: a new job with its own price."""

    url: str
    words: str
    name: str = ""
    value: str = ""


@dataclass
class JobCard:
    """Everything a template needs to show one job; what few templates show is made when asked."""

    job: Generation
    state: str
    files: list[StoredFile]
    usual: tuple[int, int] | None
    is_late: bool
    alt: str
    model_name: str
    again: Again | None = None
    change: Action | None = None
    retry: Action | None = None
    reader: Reader | None = None
    marks: list[Mark] = field(default_factory=list)
    is_paused: bool = False  # not sent yet, and held back while sending is paused

    @property
    def shown_state(self) -> str:
        """What colours it: as `state`, but for a pause."""
        return "paused" if self.is_paused else self.state

    @property
    def word(self) -> str:
        if self.needs_look:
            return _("Needs a look")
        if self.is_uncertain:
            return _("Checking with Rivya")
        if self.is_paused:
            return _("Paused: it keeps its place")
        return _WORDS[self.state]()

    @property
    def since(self) -> datetime:
        """What the clock counts from."""
        return self.job.submitted_at or self.job.created_at

    @cached_property
    def ratio(self) -> tuple[int, int]:
        return _ratio(self.job, self.files)

    @cached_property
    def failure(self) -> FailureCard | None:
        return failures.card_for(self.job, self.reader)

    @property
    def price_words(self) -> str:
        return _price_words(self.job)

    @property
    def sent_words(self) -> str:
        """What asking again means: one job at Rivya, however often it is asked for."""
        return _sent_words(self.job)

    @property
    def waits_for_references(self) -> bool:
        return self.job.is_open and self.job.waits_for == "references"

    @cached_property
    def url(self) -> str:
        return reverse("generations:show-job", args=[self.job.public_id])

    @property
    def view_url(self) -> str:
        """Where its results are seen as large as the window."""
        return reverse("generations:view-results", args=[self.job.public_id])

    @property
    def announce(self) -> str:
        return _announcement(self.job, self.state)

    @property
    def is_uncertain(self) -> bool:
        return self.job.is_uncertain

    @property
    def needs_look(self) -> bool:
        return self.job.needs_look

    @property
    def is_saving(self) -> bool:
        """Rivya is done; our copy of the bytes is still under way."""
        return self.state == "succeeded" and any(
            file.state == StoredFile.State.PENDING for file in self.files
        )

    @property
    def is_moving(self) -> bool:
        """Whether the page has something to wait for."""
        is_drawing = any(file.is_being_drawn for file in self.files)
        return self.job.is_open or self.is_saving or is_drawing

    @property
    def changed_at(self) -> datetime:
        return max([self.job.changed_at, *(file.changed_at for file in self.files)])


def cards_for(generations: Iterable[Generation], reader: Reader | None = None) -> list[JobCard]:
    """Cards for several jobs in a constant number of queries; buttons are the reader's."""
    rows = list(generations)
    files = defaultdict(list)
    for file in library.files_for([row.reference for row in rows]):
        files[file.source].append(file)
    usual = usual_times([row.model_id for row in rows if row.is_open])
    cards = [_card(row, files[row.reference], usual.get(row.model_id)) for row in rows]
    held = _paused(rows)
    for card in cards:
        card.reader = reader
        card.is_paused = card.job.pk in held
    return cards


def _paused(rows: Iterable[Generation]) -> set[int]:
    """The keys of those that a pause holds back. A query a workspace, none where nothing waits."""
    waiting = [row for row in rows if row.status == Status.QUEUED]
    held = {key for key in {row.workspace_id for row in waiting} if pauses.is_paused(key)}
    return {row.pk for row in waiting if row.workspace_id in held}


def add_marks(member: Membership, cards: Iterable[JobCard]) -> None:
    """What the rooms above say of these jobs, in a constant number of queries."""
    shown = list(cards)
    found = marks_of(member, [card.job for card in shown])
    for card in shown:
        card.marks = found.get(card.job.pk, [])


def card_for(generation: Generation) -> JobCard:
    return cards_for([generation])[0]


def state_of(generation: Generation) -> str:
    """One of the four words. Accepted by Rivya but not begun there is still queued."""
    if generation.status == Status.PROCESSING:
        return "queued" if generation.remote_status == "queued" else "processing"
    if generation.status == Status.SUBMITTING:
        return "queued"
    return str(generation.status)


def _card(generation: Generation, files: list[StoredFile], usual: UsualTime | None) -> JobCard:
    since = generation.submitted_at or generation.created_at
    elapsed = (clock.now() - since).total_seconds()
    is_running = generation.status == Status.PROCESSING
    return JobCard(
        job=generation,
        state=state_of(generation),
        files=files,
        usual=(round(usual.low), round(usual.high)) if usual else None,
        is_late=bool(usual and is_running and elapsed > usual.late_after),
        alt=generation.title,
        model_name=generation.model_id,
    )


def _announcement(generation: Generation, state: str) -> str:
    sentences = {
        "succeeded": _("%(title)s is ready."),
        "failed": _("%(title)s failed."),
        "processing": _("%(title)s is being made."),
        "queued": _("%(title)s is queued."),
    }
    return sentences[state] % {"title": generation.title}


def _price_words(generation: Generation) -> str:
    if generation.final_credits is not None:
        return credit_words(generation.final_credits)
    if not generation.is_open:
        return _("Cost not known")
    amount = generation.reserved_credits or generation.estimated_credits
    return _("%(credits)s held") % {"credits": credit_words(amount)}


def _sent_words(generation: Generation) -> str:
    """Empty where it was asked for once and answered."""
    sends, is_named = generation.submit_count, bool(generation.task_id)
    if is_named and sends > 1:
        return ngettext(
            "One job at Rivya, asked for %(count)d time with the same number. "
            "It cannot be charged twice.",
            "One job at Rivya, asked for %(count)d times with the same number. "
            "It cannot be charged twice.",
            sends,
        ) % {"count": sends}
    if generation.is_open and not is_named and sends:
        return ngettext(
            "Asked for %(count)d time. Asking again uses the same number, so Rivya makes one job "
            "and it cannot be charged twice.",
            "Asked for %(count)d times, always with the same number, so Rivya makes one job and "
            "it cannot be charged twice.",
            sends,
        ) % {"count": sends}
    return ""


def params_of(generation: Generation) -> dict[str, Any]:
    """The model's own settings of this job, from its frozen body."""
    params = json.loads(generation.body).get("params", {})
    return params if isinstance(params, dict) else {}


def _ratio(generation: Generation, files: Sequence[StoredFile]) -> tuple[int, int]:
    """The picture's proportions: from its bytes once here, before that from what was asked."""
    for file in files:
        if file.width and file.height:
            return file.width, file.height
    params = params_of(generation)
    usual = _USUAL_RATIOS.get(generation.media_kind, (16, 9))
    if generation.media_kind == "audio":
        return usual
    asked = (_ratio_in(str(params.get(key, ""))) for key in _RATIO_KEYS)
    return next(filter(None, asked), usual)


def _ratio_in(words: str) -> tuple[int, int] | None:
    """What a setting says of the proportions: "3:4", "1024x1536", "portrait_16_9", "square_hd"."""
    if words.startswith("square"):
        return (1, 1)
    sides = _SIDES.search(words)
    if sides is None or not int(sides[1]) or not int(sides[2]):
        return None
    shape = Fraction(int(sides[1]), int(sides[2]))
    if words.startswith("portrait") and shape > 1:
        shape = 1 / shape
    return shape.numerator, shape.denominator
