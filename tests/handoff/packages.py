"""Packages that are ready to leave: one by the acts of its people, and one with bytes of any kind
and number, whose rows are laid down as the worker leaves them."""

import hashlib
import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from PIL import Image

from rivya_app.briefs.models import Brief
from rivya_app.core import clock
from rivya_app.core.sealed import Secret
from rivya_app.gateway.models import ApiKey, Workflow
from rivya_app.generations.models import Generation
from rivya_app.handoff import (
    access,
    actions,
    building,
    destinations,
    gate,
    links,
    manifest,
    outgoing,
)
from rivya_app.handoff.actions import WantedItem, WantedPackage
from rivya_app.handoff.destinations import Made
from rivya_app.handoff.models import Package, PackageItem, PackedFile, ShareLink
from rivya_app.handoff.names import name_of
from rivya_app.handoff.outgoing_models import Destination, OutgoingEvent
from rivya_app.handoff.presets import PRESETS
from rivya_app.library import blobs
from rivya_app.library.models import StoredFile
from rivya_app.reviews.models import Decision, Review
from rivya_app.workspaces.models import Membership
from tests.reviewing import approved
from tests.shop import Shop

TITLE = "नीला मग, blue mug"
DESTINATION_ID = "4d0c6d7a-52f5-4f0e-9d0a-2f3c1d6b7e11"
ALT_TEXT = "A blue mug on a wooden table"
CAPTION = "Hand-thrown, holds 300 ml."


def packed(
    shop: Shop, seller: Membership, manager: Membership, *, title: str = TITLE, **fields: Any
) -> Package:
    """An approved result of the shop, packed by the worker."""
    review = approved(shop, seller, manager)
    item = WantedItem(review.public_id, ALT_TEXT, CAPTION)
    values = {"form_token": uuid4(), "presets": ("square",)}
    wanted = WantedPackage(title=title, items=(item,), **{**values, **fields})
    package = actions.make_package(member=seller, wanted=wanted)
    building.build(package.pk)
    package = Package.objects.select_related("workspace").get(pk=package.pk)
    answer_all(manager, package)
    assert gate.may_leave(package)
    return package


def answer_all(manager: Membership, package: Package) -> None:
    """A reason for each failed check, where there is any."""
    for question in gate.open_questions(access.items_of(package)):
        actions.override(
            member=manager,
            package_id=package.public_id,
            packed_id=question.packed.public_id,
            check_code=question.finding.code,
            sha256=question.packed.sha256,
            reason="Wanted so.",
        )


def picture(colour: str = "navy", side: int = 64) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(out, "PNG")
    return out.getvalue()


def keep(name: str, content: bytes) -> str:
    """Put bytes into the vault under a name of their own; the name."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        blobs.put(name, Path(file.name))
    return name


def make_package(
    maker: Membership,
    contents: Sequence[bytes] | None = None,
    *,
    title: str = TITLE,
    mime_type: str = "image/png",
) -> Package:
    """A ready package of one approved picture, packed as often as there are contents."""
    contents = [picture(), picture("teal", 48)] if contents is None else contents
    package = Package.objects.create(
        workspace=maker.workspace,
        form_token=uuid4(),
        title=title,
        presets=["square"],
        made_by=maker,
    )
    item = make_item(package, contents[0] if contents else picture())
    more = (f"cut-{number}" for number in range(len(contents)))
    presets = [*PRESETS, *more]  # the first of them are real ones
    for preset, content in zip(presets, contents, strict=False):
        make_packed(item, preset, content, mime_type=mime_type)
    return finish(package)


def finish(package: Package) -> Package:
    """As the building leaves it: with a manifest of what is packed."""
    package.built_at = clock.now()
    package.manifest = manifest.written(package, access.items_of(package))
    package.state, package.next_build_at = Package.State.READY, None
    package.save()
    package.refresh_from_db()  # the database keeps JSON in an order of its own
    return package


@dataclass(frozen=True)
class Leaving:
    """A package with one of each of its ways out."""

    package: Package
    packed: PackedFile
    link: ShareLink
    token: str
    destination: Destination
    event: OutgoingEvent


def sent(member: Membership, package: Package, made: Made) -> OutgoingEvent:
    """The package told to another system, as a person presses it."""
    return outgoing.send(
        member=member,
        package_id=package.public_id,
        destination_id=made.destination.public_id,
    )


def make_leaving(seller: Membership, owner: Membership) -> Leaving:
    package = make_package(seller)
    made = links.make_link(
        member=seller,
        package_id=package.public_id,
        wanted=links.WantedLink("Priya", 14, Secret("")),
    )
    other = destinations.make(member=owner, name="Shop", url="http://127.0.0.1:9/events")
    Destination.objects.update(public_id=DESTINATION_ID)
    event = outgoing.send_test(member=owner, destination_id=UUID(DESTINATION_ID))
    other.destination.refresh_from_db()
    packed = PackedFile.objects.filter(item__package=package).earliest("pk")
    return Leaving(package, packed, made.link, made.token.reveal(), other.destination, event)


def make_packed(item: PackageItem, preset: str, content: bytes, *, mime_type: str) -> PackedFile:
    sha256 = hashlib.sha256(content).hexdigest()
    home = item.package.workspace.public_id
    return PackedFile.objects.create(
        item=item,
        preset=preset,
        name=name_of(preset, item.position, "नीला मग", mime_type),
        storage_name=keep(f"{home}/{sha256[:2]}/{sha256}", content),
        sha256=sha256,
        size=len(content),
        width=64,
        height=64,
        mime_type=mime_type,
        has_ai_tag=True,
    )


def make_item(package: Package, content: bytes) -> PackageItem:
    """An approved result of a brief of the package's maker."""
    maker, sha256 = package.made_by, hashlib.sha256(content).hexdigest()
    brief = _brief(maker)
    job = _job(maker)
    file = StoredFile.objects.create(
        workspace=maker.workspace,
        source=job.reference,
        expected_kind="image",
        kind="image",
        title=brief.product,
        state="stored",
        sha256=sha256,
        size=len(content),
        storage_name=f"{maker.workspace.public_id}/{sha256[:2]}/{sha256}",
        mime_type="image/png",
        next_copy_at=None,
    )
    review = Review.objects.create(
        workspace=maker.workspace,
        brief=brief,
        generation=job,
        file=file,
        sha256=sha256,
        media_kind="image",
        requested_by=maker,
        state="approved",
        closed_at=clock.now(),
    )
    decision = Decision.objects.create(
        review=review, number=1, kind="approved", member=maker, role="manager", sha256=sha256
    )
    return PackageItem.objects.create(
        package=package,
        position=package.items.count() + 1,
        brief=brief,
        review=review,
        decision=decision,
        file=file,
        sha256=sha256,
        alt_text=ALT_TEXT,
        caption=CAPTION,
    )


def _brief(maker: Membership) -> Brief:
    return Brief.objects.create(
        workspace=maker.workspace,
        created_by=maker,
        form_token=uuid4(),
        product="Hand-thrown blue mug",
        points="glazed stoneware",
        channel="marketplace",
        style="studio",
        language="en",
        draft_count=1,
        model_id="z-image",
        prompt="A blue mug on a wooden table",
    )


def _job(maker: Membership) -> Generation:
    """Enough of a job for a review to name."""
    key, _is_new = ApiKey.objects.get_or_create(
        workspace=maker.workspace,
        purpose="production-image-workflow",
        defaults={
            "secret": Secret("rvya_sk_" + "t" * 20),
            "fingerprint": uuid4().hex * 2,
            "prefix": "rvya_sk_tttt",
            "last_four": "tttt",
        },
    )
    flow, _is_new = Workflow.objects.get_or_create(
        workspace=maker.workspace, moment="listing_images", defaults={"api_key": key}
    )
    return Generation.objects.create(
        workspace=maker.workspace,
        requested_by=maker,
        workflow=flow,
        api_key=key,
        title="Hand-thrown blue mug",
        media_kind="image",
        model_id="z-image",
        body="{}",
        estimated_credits=1,
    )
