"""Steps of the handoff, as the people and the worker take them. Rows come from real acts alone."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from rivya_app.handoff import actions, building
from rivya_app.handoff.actions import WantedItem, WantedPackage
from rivya_app.handoff.models import Package, PackedFile
from rivya_app.library.models import StoredFile
from rivya_app.reviews.models import Review
from rivya_app.workspaces.models import Membership
from tests.shop import Shop

ORIGINAL = "original"


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
    return Package.objects.select_related("workspace", "made_by__user").get(pk=package.pk)


def files_of(package: Package) -> list[PackedFile]:
    """The files of the package, in order."""
    rows = PackedFile.objects.filter(item__package=package).select_related("item__file")
    return list(rows.order_by("item__position", "pk"))


def only(package: Package, preset: str) -> PackedFile:
    return PackedFile.objects.get(item__package=package, preset=preset)


def damage(shop: Shop, file: StoredFile) -> None:
    """Somebody changes the stored bytes on the disk."""
    from django.core.files.storage import default_storage

    with open(default_storage.path(file.storage_name), "ab") as content:
        content.write(b"one more byte")
    assert shop.workspace == file.workspace
