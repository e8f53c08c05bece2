"""What a link shows to people without an account: its package alone. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rivya_app.handoff.models import PackageItem, PackedFile, ShareLink
from rivya_app.handoff.zipping import Zip

ORIGINAL = "original"


@dataclass(frozen=True, slots=True)
class Tally:
    """How the checks of some files went; what failed was answered for, or it could not leave."""

    passed: int
    warned: int
    failed: int


@dataclass(frozen=True, slots=True)
class Shown:
    """One approved piece: the file that is shown large, and all of its files."""

    item: PackageItem
    large: PackedFile
    files: list[PackedFile]
    tally: Tally

    @property
    def kind(self) -> str:
        """image, video or audio."""
        return self.large.mime_type.partition("/")[0]


def page_of(link: ShareLink) -> dict[str, Any]:
    """The package of a link, as a stranger may see it."""
    package = link.package
    items = package.items.order_by("position").prefetch_related("packed")
    shown = [_shown(item) for item in items]
    pieces = [piece for piece in shown if piece is not None]
    files = [file for piece in pieces for file in piece.files]
    return {
        "link": link,
        "package": package,
        "pieces": pieces,
        "file_count": len(files),
        "is_all_tagged": bool(files) and all(file.has_ai_tag for file in files),
        "size": Zip(package).length,
    }


def _shown(item: PackageItem) -> Shown | None:
    files = sorted(
        (file for file in item.packed.all() if file.storage_name),
        key=lambda file: (file.preset != ORIGINAL, file.pk),
    )
    return Shown(item, files[0], files, _tally(files)) if files else None


def _tally(files: Iterable[PackedFile]) -> Tally:
    results = [check.get("result") for file in files for check in file.checks]
    return Tally(results.count("pass"), results.count("warn"), results.count("fail"))
