"""Whether a package may leave, and what stands against it. Asked before every way out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rivya_app.handoff import history
from rivya_app.handoff.checks import FAIL, Finding
from rivya_app.handoff.models import Override, Package, PackageItem, PackedFile
from rivya_app.reviews.models import Review


@dataclass(frozen=True, slots=True)
class Question:
    """A failed check of one packed file that nobody has answered for yet."""

    packed: PackedFile
    finding: Finding


def findings_of(packed: PackedFile) -> list[tuple[Finding, Override | None]]:
    """Every check of these very bytes, and the answer given for it where there is one.

    Reads `overrides`, which whoever shows many files prefetches.
    """
    given = {
        each.check_code: each for each in packed.overrides.all() if each.sha256 == packed.sha256
    }
    findings = [Finding.of(data) for data in packed.checks]
    return [(finding, given.get(finding.code)) for finding in findings]


def open_questions(items: Iterable[PackageItem]) -> list[Question]:
    """The failed checks of all packed files that need an answer."""
    return [
        Question(packed, finding)
        for item in items
        for packed in item.packed.all()
        for finding, answer in findings_of(packed)
        if finding.result == FAIL and answer is None
    ]


def no_longer_approved(items: Iterable[PackageItem]) -> list[PackageItem]:
    """The items whose approval was taken back or reversed, or given anew for other reasons."""
    return [item for item in items if item.review.state != Review.State.APPROVED]


class Obstacle(StrEnum):
    """What stands against leaving, the gravest first."""

    DAMAGED = "damaged"  # packed bytes were found changed
    WITHDRAWN = "withdrawn"  # something is not approved any more
    ASKED = "asked"  # a failed check needs an answer


def may_leave(package: Package) -> bool:
    """Whether everything is packed as it was, every failed check answered for, all approved."""
    return package.state == Package.State.READY and not obstacles_of([package])


def obstacle_of(package: Package, items: Sequence[PackageItem]) -> Obstacle | None:
    """The gravest, for a package whose items are here already."""
    if package.pk in history.damaged_among([package]):
        return Obstacle.DAMAGED
    if no_longer_approved(items):
        return Obstacle.WITHDRAWN
    return Obstacle.ASKED if open_questions(items) else None


def obstacles_of(packages: Sequence[Package]) -> dict[int, Obstacle]:
    """By the packages' keys, those with none left out; four queries for a whole list."""
    items = PackageItem.objects.filter(package__in=packages)
    withdrawn = items.exclude(review__state=Review.State.APPROVED).values_list("package", flat=True)
    return {
        **dict.fromkeys(_asked_among(packages), Obstacle.ASKED),
        **dict.fromkeys(withdrawn, Obstacle.WITHDRAWN),
        **dict.fromkeys(history.damaged_among(packages), Obstacle.DAMAGED),
    }


def _asked_among(packages: Sequence[Package]) -> set[int]:
    failed = PackedFile.objects.filter(
        item__package__in=packages, checks__contains=[{"result": FAIL}]
    )
    rows = failed.select_related("item").prefetch_related("overrides")
    return {
        packed.item.package_id
        for packed in rows
        for finding, answer in findings_of(packed)
        if finding.result == FAIL and answer is None
    }
