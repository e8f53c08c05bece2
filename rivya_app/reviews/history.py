"""What was decided before on a draft, and the pins on its picture, for its page. Only reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from django.db.models import Prefetch
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.briefs.models import Draft
from rivya_app.core import clock
from rivya_app.library.models import StoredFile
from rivya_app.reviews import checklist
from rivya_app.reviews.checklist import Item
from rivya_app.reviews.models import Decision, Pin, Review
from rivya_app.workspaces.models import Role

MARK = 14  # the radius of a pin's dot, px
USUAL_STAGE = 700  # px of the picture's longer side where no script knows its size on the screen
_LOOKS: dict[str, tuple[str, str]] = {  # icon and tone
    "approved": ("circle-check", "succeeded"),
    "changes_wanted": ("pencil-line", "warning"),
    "rejected": ("octagon-x", "failed"),
    "taken_back": ("undo-2", "queued"),
    "reversed": ("rotate-ccw", "queued"),
    "withdrawn": ("undo-2", "queued"),
    "pending": ("circle-dashed", "queued"),
}
_DONE: dict[str, Promise] = {
    "approved": gettext_lazy("Approved"),
    "changes_wanted": gettext_lazy("Changes asked for"),
    "rejected": gettext_lazy("Rejected"),
    "taken_back": gettext_lazy("Decision taken back"),
    "reversed": gettext_lazy("Opened again"),
}


@dataclass(frozen=True, slots=True)
class PinMark:
    """A pin on the picture and in the list. `x` and `y` in percent of the picture's sides."""

    number: int
    x: float
    y: float
    note: str
    by: str = ""
    seconds: float | None = None
    public_id: str = ""  # "" where it is no longer to be changed
    is_earlier: bool = False

    @property
    def key(self) -> str:
        return f"{'earlier' if self.is_earlier else 'pin'}-{self.number}"

    @property
    def at_words(self) -> str:
        """Where on the film, in minutes and seconds; "" on a picture."""
        if self.seconds is None:
            return ""
        whole = int(self.seconds)
        return f"{whole // 60}:{whole % 60:02d}"


@dataclass(frozen=True, slots=True)
class DecisionCard:
    """One decision in words: what, who, in which role, when, why, on which bytes."""

    decision: Decision
    pins: list[PinMark]

    @property
    def words(self) -> str:
        return str(_DONE[self.decision.kind])

    @property
    def icon(self) -> str:
        return _LOOKS[self.decision.kind][0]

    @property
    def tone(self) -> str:
        return _LOOKS[self.decision.kind][1]

    @property
    def role_words(self) -> str:
        return str(Role(self.decision.role).label)

    @property
    def checksum(self) -> str:
        """Enough of it for a person to compare."""
        return self.decision.sha256[:12]

    @property
    def seconds_left(self) -> int:
        """Of its undo window, rounded up; 0 where it is over."""
        until = self.decision.undo_until
        return max(0, ceil((until - clock.now()).total_seconds())) if until else 0

    @property
    def answers(self) -> list[tuple[str, bool]]:
        """The checklist as it was answered."""
        return [
            (checklist.words_of(Item(item["code"], item["text"])), item["is_ticked"])
            for item in self.decision.checklist
        ]


@dataclass(frozen=True, slots=True)
class Round:
    """One review of this draft with everything that was decided on it."""

    review: Review
    label: str
    decisions: list[DecisionCard]
    is_this: bool
    is_same_file: bool


def rounds(review: Review, draft: Draft, drafts: Iterable[Draft]) -> list[Round]:
    """The reviews of this draft's attempts, newest first, in two queries."""
    attempts = {one.generation_id: one for one in drafts if one.position == draft.position}
    decisions = Decision.objects.select_related("member__user").order_by("number")
    rows = Review.objects.filter(brief=review.brief, generation__in=attempts)
    found = rows.select_related("requested_by__user").prefetch_related(
        Prefetch("decisions", queryset=decisions)
    )
    return [
        Round(
            review=one,
            label=_("Attempt %(number)d") % {"number": attempts[one.generation_id].attempt},
            decisions=[card(decision) for decision in one.decisions.all()],
            is_this=one.pk == review.pk,
            is_same_file=one.file_id == review.file_id,
        )
        for one in found.order_by("-created_at", "-id")
    ]


def card(decision: Decision) -> DecisionCard:
    """One decision with the pins it kept."""
    return DecisionCard(decision, _kept(decision.pins, by=str(decision.member)))


def pins_of(review: Review) -> list[PinMark]:
    """The pins of an open review, in the order they were put."""
    rows: Iterable[Pin] = review.pins.select_related("made_by__user")
    return [
        PinMark(
            number=number,
            x=float(pin.x),
            y=float(pin.y),
            note=pin.note,
            by=str(pin.made_by),
            seconds=pin.seconds,
            public_id=str(pin.public_id),
        )
        for number, pin in enumerate(rows, start=1)
    ]


def pins_of_decision(decision: DecisionCard | None) -> list[PinMark]:
    """The pins as a decision kept them."""
    return decision.pins if decision else []


def earlier_pins(found: Sequence[Round], review: Review) -> list[PinMark]:
    """Those that earlier reviews of the same bytes kept, each once."""
    kept: list[dict[str, object]] = []
    for one in reversed(found):
        if one.is_this:
            continue
        for shown in one.decisions:
            same = shown.decision.sha256 == review.sha256
            kept += [pin for pin in shown.decision.pins if same and pin not in kept]
    return _kept(kept, is_earlier=True)


def _kept(
    pins: Iterable[dict[str, object]], *, by: str = "", is_earlier: bool = False
) -> list[PinMark]:
    return [
        PinMark(
            number=number,
            x=float(str(pin["x"])),
            y=float(str(pin["y"])),
            note=str(pin["note"]),
            by=by,
            seconds=None if pin.get("seconds") is None else float(str(pin["seconds"])),
            is_earlier=is_earlier,
        )
        for number, pin in enumerate(pins, start=1)
    ]


@dataclass(frozen=True, slots=True)
class Layer:
    """The drawing over the picture: its size in the picture's own pixels, and its marks."""

    width: int
    height: int
    marks: list["Dot"]
    scale: str  # of a dot, where no script sets it


@dataclass(frozen=True, slots=True)
class Dot:
    """A mark with its place as SVG wants it."""

    pin: PinMark
    transform: str


def layer(file: StoredFile, pins: Iterable[PinMark]) -> Layer | None:
    """None where there is no picture to lie over."""
    if not (file.width and file.height):
        return None
    dots = [
        Dot(pin, f"translate({pin.x * file.width / 100:.2f} {pin.y * file.height / 100:.2f})")
        for pin in pins
    ]
    scale = max(file.width, file.height) / USUAL_STAGE
    return Layer(file.width, file.height, dots, f"scale({scale:.3f})")
