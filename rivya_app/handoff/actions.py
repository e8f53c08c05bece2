"""What a person can do with packages. Each act is one durable transaction and may be repeated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.handoff import access, building, gate, history, manifest
from rivya_app.handoff.boxes import Box
from rivya_app.handoff.checks import FAIL
from rivya_app.handoff.models import Override, Package, PackageItem, PackedFile
from rivya_app.handoff.presets import ORIGINAL, PRESETS, fits
from rivya_app.library import uses
from rivya_app.reviews.models import Review
from rivya_app.workspaces.models import Membership, Role

MAY_PACK = (Role.SELLER, Role.MANAGER, Role.OWNER)
MAY_ANSWER = (Role.MANAGER, Role.OWNER)  # for a check that failed
MOST_ITEMS = 100  # approved files in one package


class NotApproved(Exception):
    """Something that was to be packed is not approved, or not any more; nothing is kept."""


class NotNow(Exception):
    """The package is being packed, or what is to be changed is not there."""


@dataclass(frozen=True, slots=True)
class WantedItem:
    """One approved file with its words, as typed and checked by the form."""

    review_id: UUID
    alt_text: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class WantedPackage:
    """A package as typed and checked by the form; `presets` are codes beside the original."""

    form_token: UUID
    title: str
    presets: tuple[str, ...]
    items: tuple[WantedItem, ...]


@transaction.atomic(durable=True)
def make_package(*, member: Membership, wanted: WantedPackage) -> Package:
    """Record the package and have it built; the same form sent again finds the first one.

    Raises PermissionDenied, NotApproved, uses.FileGone (nothing is kept then).
    """
    _require(member, MAY_PACK)
    package, is_new = Package.objects.get_or_create(
        workspace=member.workspace,
        form_token=wanted.form_token,
        defaults={
            "title": wanted.title,
            "presets": [code for code in PRESETS if code in {ORIGINAL, *wanted.presets}],
            "made_by": member,
        },
    )
    if is_new:
        _fill(package, member, wanted.items)
        history.note(package, history.MADE, member=member, count=len(wanted.items))
        building.publish(package.pk)
    return package


def _fill(package: Package, member: Membership, wanted: Sequence[WantedItem]) -> None:
    reviews = _lock_approved(member, [item.review_id for item in wanted])
    files = [reviews[item.review_id].file for item in wanted]
    title, path = package.title, reverse("handoff:show-package", args=[package.public_id])
    uses.take(package.reference, files, title=title, path=path)
    approvals = access.approvals_of(reviews.values())
    for position, item in enumerate(wanted, start=1):
        review = reviews[item.review_id]
        row = PackageItem.objects.create(
            package=package,
            position=position,
            brief=review.brief,
            review=review,
            decision=approvals[review.pk],
            file=review.file,
            sha256=review.sha256,
            alt_text=item.alt_text,
            caption=item.caption,
        )
        _want_files(row, review.media_kind, package.presets)
    campaigns = {review.campaign for review in reviews.values()}
    if len(campaigns) == 1:
        package.campaign = campaigns.pop()
        package.save(update_fields=["campaign"])


def _want_files(item: PackageItem, media_kind: str, presets: Sequence[str]) -> None:
    PackedFile.objects.bulk_create(
        PackedFile(item=item, preset=code) for code in presets if fits(PRESETS[code], media_kind)
    )


def _lock_approved(member: Membership, wanted: Sequence[UUID]) -> dict[UUID, Review]:
    """The reviews under their locks, so that no decision is reversed meanwhile.

    Locked first, and only then asked whether they are approved. Raises NotApproved.
    """
    if not wanted or len(set(wanted)) != len(wanted) or len(wanted) > MOST_ITEMS:
        raise NotApproved
    mine = Review.objects.filter(workspace=member.workspace_id, public_id__in=wanted)
    list(mine.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    approved = access.with_files(access.approved(member)).filter(public_id__in=wanted)
    found = {review.public_id: review for review in approved}
    if set(found) != set(wanted):
        raise NotApproved
    return found


@transaction.atomic(durable=True)
def try_again(*, member: Membership, public_id: UUID | str) -> Package:
    """Have a package built that could not be, or whose packed bytes were found changed; what is
    packed as it was stays. Twice changes nothing. Raises PermissionDenied, Http404.
    """
    _require(member, MAY_PACK)
    package = access.package(member, public_id, lock=True)
    is_ready = package.state == Package.State.READY
    if package.state == Package.State.BROKEN or (is_ready and history.damaged_among([package])):
        _build_again(package)
        history.note(package, history.TRIED_AGAIN, member=member)
    return package


def _build_again(package: Package) -> None:
    package.state, package.trouble, package.attempt_count = Package.State.BUILDING, "", 0
    package.next_build_at = package.changed_at = clock.now()
    package.save()
    building.publish(package.pk)


@transaction.atomic(durable=True)
def change_words(
    *, member: Membership, public_id: UUID | str, words: Mapping[UUID, tuple[str, str]]
) -> Package:
    """Change alt texts and captions, by the items' public ids. What is packed stays as it is; the
    manifest is written anew. Raises PermissionDenied, Http404."""
    _require(member, MAY_PACK)
    package = access.package(member, public_id, lock=True)
    changed = [item for item in package.items.all() if _reword(item, words)]
    if changed:
        history.note(package, history.WORDS_CHANGED, member=member, count=len(changed))
        _rewrite(package)
    return package


def _reword(item: PackageItem, words: Mapping[UUID, tuple[str, str]]) -> bool:
    """Whether anything of the item changed."""
    before = (item.alt_text, item.caption)
    item.alt_text, item.caption = words.get(item.public_id, before)
    if (item.alt_text, item.caption) == before:
        return False
    item.save(update_fields=["alt_text", "caption"])
    return True


def _rewrite(package: Package) -> None:
    """A finished package's manifest says what holds now; one being built gets it at its end."""
    package.changed_at = clock.now()
    if package.state == Package.State.READY:
        package.manifest = manifest.written(package, access.items_of(package))
    package.save(update_fields=["manifest", "changed_at"])


@transaction.atomic(durable=True)
def adjust_crop(
    *, member: Membership, package_id: UUID | str, packed_id: UUID | str, box: Box | None
) -> Package:
    """Cut one file anew, to `box` or, with None, to what the machine finds; the others stay.

    Raises PermissionDenied, Http404, NotNow while the package is being packed, and for originals.
    """
    _require(member, MAY_PACK)
    package = access.package(member, package_id, lock=True)
    packed = access.packed_file(member, package_id, packed_id, lock=True)
    if package.state == Package.State.BUILDING or packed.preset == ORIGINAL:
        raise NotNow
    wanted = box.as_list() if box else None
    if packed.is_box_by_hand == bool(box) and (box is None or packed.box == wanted):
        return package
    packed.box, packed.is_box_by_hand = wanted, box is not None
    _forget_cut(packed)
    history.note(package, history.CROP_CHANGED, member=member, name=packed.name)
    _build_again(package)
    return package


def _forget_cut(packed: PackedFile) -> None:
    """Its bytes are nobody's now; the library's clean-up takes them. The name stays."""
    packed.storage_name = packed.sha256 = packed.mime_type = ""
    packed.size = packed.width = packed.height = None
    packed.has_ai_tag, packed.checks = False, []
    packed.save()


@transaction.atomic(durable=True)
def override(
    *,
    member: Membership,
    package_id: UUID | str,
    packed_id: UUID | str,
    check_code: str,
    sha256: str,
    reason: str,
) -> Override:
    """Answer by name for a check that failed, for the bytes with this checksum alone.

    `sha256` is that of the file the member was shown. Given twice, the first answer stays. Raises
    PermissionDenied, Http404, NotNow where these bytes have no such failed check (any more).
    """
    _require(member, MAY_ANSWER)
    package = access.package(member, package_id, lock=True)
    packed = access.packed_file(member, package_id, packed_id, lock=True)
    failed = {
        finding.code: answer
        for finding, answer in gate.findings_of(packed)
        if finding.result == FAIL
    }
    is_ready = package.state == Package.State.READY
    if not is_ready or packed.sha256 != sha256 or check_code not in failed:
        raise NotNow
    given = failed[check_code]
    if given is not None:
        return given
    answer = Override.objects.create(
        packed=packed, check_code=check_code, sha256=sha256, member=member, reason=reason
    )
    history.note(package, history.OVERRIDDEN, member=member, check=check_code, name=packed.name)
    _rewrite(package)
    return answer


def _require(member: Membership, roles: Sequence[Role]) -> None:
    if not member.has_role(*roles):
        raise PermissionDenied
