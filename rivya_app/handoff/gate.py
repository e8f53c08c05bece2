"""Whether a package may leave, and what stands against it. Asked before every way out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rivya_app.handoff import access
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


def may_leave(package: Package) -> bool:
    """Whether everything is packed, every failed check is answered for and every file approved."""
    return may_leave_with(package, access.items_of(package))


def may_leave_with(package: Package, items: Sequence[PackageItem]) -> bool:
    """The same for items that are here already."""
    is_ready = package.state == Package.State.READY
    return is_ready and not (open_questions(items) or no_longer_approved(items))


def standing_of(packages: Sequence[Package]) -> tuple[set[int], set[int]]:
    """The keys of those with an open question, and of those with something no longer approved.

    Three queries for a whole list.
    """
    failed = PackedFile.objects.filter(
        item__package__in=packages, checks__contains=[{"result": FAIL}]
    )
    rows = failed.select_related("item").prefetch_related("overrides")
    asked = {
        packed.item.package_id
        for packed in rows
        for finding, answer in findings_of(packed)
        if finding.result == FAIL and answer is None
    }
    items = PackageItem.objects.filter(package__in=packages)
    reversed_ = items.exclude(review__state=Review.State.APPROVED)
    return asked, set(reversed_.values_list("package", flat=True))
