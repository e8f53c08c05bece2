"""A package and its files as a person sees them. Asks for nothing: `access` gathered the rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rivya_app.handoff import check_words, gate
from rivya_app.handoff.checks import FAIL, PASS, WARN, Finding
from rivya_app.handoff.forms import AnswerForm
from rivya_app.handoff.models import Override, Package, PackageItem, PackedFile
from rivya_app.handoff.presets import PRESETS, Preset

_COVERS = 3  # pictures beside a package in a list

Refused = tuple[UUID, AnswerForm] | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How many files are packed, of how many, and their bytes."""

    packed: int
    total: int
    size: int


@dataclass(frozen=True, slots=True)
class State:
    """One word for a package, with the colour and shape of `_state.html`."""

    state: str
    word: str

    @property
    def is_warning(self) -> bool:
        return self.state == "warning"


@dataclass(frozen=True, slots=True)
class PackageCard:
    """One package in a list."""

    package: Package
    url: str
    state: State
    covers: list[PackageItem]
    words: str


@dataclass(frozen=True, slots=True)
class CheckCard:
    """One rule, how the file stands to it, the answer given, and the form for one."""

    finding: Finding
    words: check_words.CheckWords
    answer: Override | None
    form: AnswerForm | None

    @property
    def state(self) -> str:
        """A failed check that somebody answered for is no longer red, and not green either."""
        if self.finding.result == FAIL:
            return "warning" if self.answer else "failed"
        return "succeeded" if self.finding.result == PASS else "warning"

    @property
    def is_open(self) -> bool:
        return self.finding.result == FAIL and self.answer is None


@dataclass(frozen=True, slots=True)
class PackedCard:
    """One file of the zip."""

    packed: PackedFile
    preset: Preset
    checks: list[CheckCard]
    url: str
    crop_url: str

    @property
    def marks(self) -> list[tuple[float, float, float, float]]:
        """The places to look at, as left, top, width and height in percent of the picture."""
        areas = [area for check in self.notable for area in check.finding.areas]
        return [
            (
                100 * area.left,
                100 * area.top,
                100 * (area.right - area.left),
                100 * (area.bottom - area.top),
            )
            for area in areas
        ]

    @property
    def passed(self) -> list[CheckCard]:
        return [check for check in self.checks if check.state == "succeeded"]

    @property
    def failed(self) -> list[CheckCard]:
        """What failed, answered for or not."""
        return [check for check in self.checks if check.finding.result == FAIL]

    @property
    def notable(self) -> list[CheckCard]:
        """What is to be looked at."""
        return [check for check in self.checks if check.finding.result == WARN]

    @property
    def folded(self) -> list[CheckCard]:
        """What nobody has to answer for, what is to be looked at first."""
        return [*self.notable, *self.passed]

    @property
    def state(self) -> State:
        """All checks of the file in one word."""
        asked = sum(check.is_open for check in self.checks)
        if asked:
            words = ngettext("%(count)d check failed", "%(count)d checks failed", asked)
            return State("failed", words % {"count": asked})
        if self.failed:
            return State("warning", _("Failed, answered for"))
        if self.notable:
            words = ngettext("%(count)d to look at", "%(count)d to look at", len(self.notable))
            return State("warning", words % {"count": len(self.notable)})
        return State("succeeded", _("Checks passed"))


@dataclass(frozen=True, slots=True)
class ItemCard:
    """One approved file with what is made of it. `review_url` is "" where it may not be opened."""

    item: PackageItem
    brief_url: str
    review_url: str
    files: list[PackedCard]


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """One file with the names of its failed checks that need an answer."""

    packed: PackedFile
    titles: list[str]


def question_cards(questions: Sequence[gate.Question]) -> list[QuestionCard]:
    """By file, in their order."""
    found: dict[int, QuestionCard] = {}
    for question in questions:
        card = found.setdefault(question.packed.pk, QuestionCard(question.packed, []))
        card.titles.append(check_words.words_of(question.finding).title)
    return list(found.values())


def state_of(package: Package, obstacle: gate.Obstacle | None) -> State:
    """How far it is, in one word."""
    if package.state == Package.State.BUILDING:
        return State("processing", _("Being packed"))
    if package.state == Package.State.BROKEN:
        return State("failed", _("Could not be packed"))
    if obstacle is gate.Obstacle.DAMAGED:
        return State("failed", _("Stored bytes changed"))
    if obstacle is gate.Obstacle.WITHDRAWN:
        return State("failed", _("Not approved any more"))
    if obstacle is gate.Obstacle.ASKED:
        return State("warning", _("Needs an answer"))
    return State("succeeded", _("Ready"))


def progress_of(items: Sequence[PackageItem]) -> Progress:
    files = [packed for item in items for packed in item.packed.all()]
    done = [packed for packed in files if packed.is_packed]
    return Progress(len(done), len(files), sum(packed.size or 0 for packed in done))


def package_card(
    package: Package, items: list[PackageItem], obstacle: gate.Obstacle | None
) -> PackageCard:
    """`package` as `access.page_of_packages` found it."""
    counts = {
        "packed": package.packed_count,  # type: ignore[attr-defined]
        "total": package.file_count,  # type: ignore[attr-defined]
    }
    if package.state == Package.State.BUILDING:
        words = _("%(packed)d of %(total)d packed") % counts
    else:
        words = ngettext("%(total)d file", "%(total)d files", counts["total"]) % counts
    return PackageCard(
        package=package,
        url=reverse("handoff:show-package", args=[package.public_id]),
        state=state_of(package, obstacle),
        covers=items[:_COVERS],
        words=words,
    )


def item_cards(
    items: Sequence[PackageItem], seen_reviews: set[int], may_answer: bool, refused: Refused
) -> list[ItemCard]:
    """`seen_reviews`: the keys of the reviews whose pages the reader may open."""
    return [
        ItemCard(
            item=item,
            brief_url=reverse("briefs:show-brief", args=[item.brief.public_id]),
            review_url=_review_url(item) if item.review_id in seen_reviews else "",
            files=[_packed_card(item, packed, may_answer, refused) for packed in item.packed.all()],
        )
        for item in items
    ]


def _review_url(item: PackageItem) -> str:
    return reverse("reviews:show-review", args=[item.review.public_id])


def _packed_card(
    item: PackageItem, packed: PackedFile, may_answer: bool, refused: Refused
) -> PackedCard:
    preset = PRESETS[packed.preset]
    ids = [item.package.public_id, packed.public_id]
    can_move = preset.ratio is not None and bool(item.file.width and item.file.height)
    return PackedCard(
        packed=packed,
        preset=preset,
        checks=[
            _check_card(packed, finding, answer, may_answer, refused)
            for finding, answer in gate.findings_of(packed)
        ],
        url=f"{reverse('handoff:packed-file', args=ids)}?v={packed.sha256[:12]}",
        crop_url=reverse("handoff:adjust-crop", args=ids) if can_move else "",
    )


def _check_card(
    packed: PackedFile,
    finding: Finding,
    answer: Override | None,
    may_answer: bool,
    refused: Refused,
) -> CheckCard:
    is_asked = finding.result == FAIL and answer is None and may_answer
    form = _answer_form(packed, finding, refused) if is_asked else None
    return CheckCard(finding, check_words.words_of(finding), answer, form)


def _answer_form(packed: PackedFile, finding: Finding, refused: Refused) -> AnswerForm:
    """The one that was not taken, with what was typed, else an empty one."""
    if refused is not None:
        packed_id, form = refused
        if packed_id == packed.public_id and form.data.get("check") == finding.code:
            return form
    start = {"check": finding.code, "sha256": packed.sha256}
    return AnswerForm(initial=start, auto_id=f"answer-{packed.public_id}-{finding.code}-%s")
