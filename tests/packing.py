"""Steps of the handoff, as the people and the worker take them. Rows come from real acts alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.files.storage import default_storage

from rivya_app.handoff import actions, building
from rivya_app.handoff.actions import WantedItem, WantedPackage
from rivya_app.handoff.models import Override, Package, PackedFile
from rivya_app.reviews.models import Review
from rivya_app.workspaces.models import Membership


def wanted(reviews: Sequence[Review], **fields: Any) -> WantedPackage:
    """A package as the form would hand it on; `fields` change parts of it."""
    items = tuple(WantedItem(review.public_id, "A blue mug", "Holds 300 ml") for review in reviews)
    values = {
        "form_token": uuid4(),
        "title": "Mugs for the winter",
        "presets": ("square",),
        "items": items,
    }
    return WantedPackage(**{**values, **fields})


def asked_for(member: Membership, *reviews: Review, **fields: Any) -> Package:
    """A package that waits for the worker."""
    return actions.make_package(member=member, wanted=wanted(reviews, **fields))


def built(package: Package) -> Package:
    """What the worker makes of it."""
    building.build(package.pk)
    return fresh(package)


def fresh(package: Package) -> Package:
    rows = Package.objects.select_related("workspace", "campaign", "made_by__user")
    return rows.get(pk=package.pk)


def files_of(package: Package) -> list[PackedFile]:
    """The files of the package, in order."""
    rows = PackedFile.objects.filter(item__package=package).select_related("item__file")
    return list(rows.order_by("item__position", "pk"))


def only(package: Package, preset: str) -> PackedFile:
    """The one file of a package of one picture that is cut so."""
    rows = PackedFile.objects.select_related("item__package", "item__file")
    return rows.get(item__package=package, preset=preset)


def failed_code(packed: PackedFile) -> str:
    """The code of its first failed check."""
    return next(check["code"] for check in packed.checks if check["result"] == "fail")


def answered(member: Membership, packed: PackedFile, code: str = "", **fields: Any) -> Override:
    """`member` answers for a failed check of the file as it is."""
    values = {
        "package_id": packed.item.package.public_id,
        "packed_id": packed.public_id,
        "check_code": code or failed_code(packed),
        "sha256": packed.sha256,
        "reason": "The shop takes small pictures.",
    }
    return actions.override(member=member, **{**values, **fields})


def answer_all(member: Membership, package: Package) -> None:
    """`member` answers for everything that failed."""
    for packed in PackedFile.objects.filter(item__package=package).select_related("item__package"):
        for check in packed.checks:
            if check["result"] == "fail":
                answered(member, packed, check["code"])


def stored(name: str) -> Path:
    """Where these bytes lie on the disk."""
    return Path(default_storage.path(name))


def damage(name: str) -> bytes:
    """Somebody changes one stored byte on the disk; returns what was there before."""
    path = stored(name)
    before = path.read_bytes()
    path.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
    return before
