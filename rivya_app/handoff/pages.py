"""What the pages of packages show, gathered for their templates. Only reads."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse

from rivya_app.generations.live import Live
from rivya_app.handoff import (
    access,
    cards,
    gate,
    history,
    leaving_page,
    manifest,
    trouble_words,
)
from rivya_app.handoff.actions import MAY_ANSWER, MAY_PACK
from rivya_app.handoff.forms import AnswerForm, CropForm, PackageForm
from rivya_app.handoff.models import Package, PackageItem, PackedFile
from rivya_app.handoff.presets import PRESETS
from rivya_app.library import serving
from rivya_app.reviews import access as reviews
from rivya_app.workspaces.access import members_with
from rivya_app.workspaces.models import Membership

MOST_EVENTS = 50  # of the history on the page
MANIFEST_LINES = 400  # of the manifest on the page


def index_page(member: Membership, asked: QueryDict) -> dict[str, Any]:
    """What is approved and not packed yet, as filtered in the URL, and the packages."""
    filters = access.Filters.read(asked)
    packages = access.page_of_packages(member, asked.get("packages"))
    page = access.page_of_approved(member, filters, asked.get("page"))
    approvals = access.approvals_of(page.object_list)
    return {
        "page": page,
        "approved": [(review, approvals[review.pk]) for review in page.object_list],
        "filters": filters,
        "query": filters.query,
        "campaigns": access.campaigns_with_approved(member),
        "packages": packages,
        "package_cards": _package_cards(list(packages.object_list)),
        "may_pack": member.has_role(*MAY_PACK),
    }


def _package_cards(packages: list[Package]) -> list[cards.PackageCard]:
    covers = access.covers_of(packages)
    obstacles = gate.obstacles_of(packages)
    return [
        cards.package_card(each, covers.get(each.pk, []), obstacles.get(each.pk))
        for each in packages
    ]


def package_form(
    member: Membership, asked: QueryDict, posted: QueryDict | None
) -> PackageForm | None:
    """The form for the approved files named in the address or in what was sent; None for none.

    A form that is sent again after its package was made finds it by its token, so what it names
    may be packed by now.
    """
    wanted = (posted if posted is not None else asked).getlist("review")
    found = access.approved_among(member, wanted)
    is_short = len(found) < len(set(wanted))
    return PackageForm(found, posted, is_short=is_short) if found else None


def new_page(form: PackageForm) -> dict[str, Any]:
    """The form with its pictures."""
    return {"form": form, "fits_cuts": bool(form.fields["presets"].choices)}  # type: ignore[attr-defined]


def show_page(
    member: Membership, public_id: UUID, *, refused: tuple[UUID, AnswerForm] | None = None
) -> dict[str, Any]:
    """A package: how far it is, what stands against it, its files, and who did what when.

    `refused`: the packed file whose answer was not taken, and the form with what was typed.
    """
    package = access.package(member, public_id)
    items = access.items_of(package)
    questions, obstacle = gate.open_questions(items), gate.obstacle_of(package, items)
    may_answer = member.has_role(*MAY_ANSWER)
    progress = cards.progress_of(items)
    return {
        "package": package,
        "items": cards.item_cards(items, _seen_reviews(member, items), may_answer, refused),
        "progress": progress,
        "state": cards.state_of(package, obstacle),
        "questions": cards.question_cards(questions),
        "question_count": len(questions),
        "withdrawn": gate.no_longer_approved(items),
        "is_damaged": obstacle is gate.Obstacle.DAMAGED,
        "may_leave": package.state == Package.State.READY and obstacle is None,
        "may_pack": member.has_role(*MAY_PACK),
        "may_answer": may_answer,
        "answerers": members_with(package.workspace, *MAY_ANSWER) if questions else [],
        "trouble": trouble_words.words_of(package.trouble) if package.trouble else None,
        "broken_about": history.broken_about(package),
        "timeline": _timeline(package),
        "manifest": _manifest(package),
        "live": _live(package, progress),
        **leaving_page.leaving_of(member, package),
    }


def _seen_reviews(member: Membership, items: Sequence[PackageItem]) -> set[int]:
    """The reviews of these items that the member may open."""
    wanted = [item.review_id for item in items]
    return set(reviews.reviews(member).filter(pk__in=wanted).values_list("pk", flat=True))


def _timeline(package: Package) -> list[tuple[Any, str, str]]:
    """What happened, oldest first; of a long history its end."""
    rows = package.events.select_related("member__user").order_by("-pk")[:MOST_EVENTS]
    found = [(event.created_at, history.words_of(event), str(event.member or "")) for event in rows]
    return found[::-1]


def _manifest(package: Package) -> dict[str, Any]:
    """The beginning of the manifest, and how many lines of it are left out."""
    lines = manifest.as_text(package).splitlines()
    left_out = max(0, len(lines) - MANIFEST_LINES)
    return {"text": "\n".join(lines[:MANIFEST_LINES]), "left_out": left_out}


def _live(package: Package, progress: cards.Progress) -> Live | None:
    """None where nothing changes by itself, so that the page stops asking."""
    if package.state != Package.State.BUILDING:
        return None
    url = reverse("handoff:show-live", args=[package.public_id])
    return Live(url, f"{progress.packed}-{package.changed_at.timestamp():.6f}-{package.trouble}")


def crop_page(packed: PackedFile, form: CropForm) -> dict[str, Any]:
    """The frame over the approved picture."""
    file = packed.item.file
    box = form.shown_box
    width, height = file.width or 1, file.height or 1
    return {
        "packed": packed,
        "package": packed.item.package,
        "file": file,
        "form": form,
        "preset": PRESETS[packed.preset],
        "frame": {
            "x": round(box.left * width, 2),
            "y": round(box.top * height, 2),
            "width": round((box.right - box.left) * width, 2),
            "height": round((box.bottom - box.top) * height, 2),
        },
    }


def blob_of(packed: PackedFile, *, is_download: bool) -> serving.Blob:
    """The bytes of a packed file, for a member to look at or to save."""
    return serving.packed(
        packed.storage_name,
        sha256=packed.sha256,
        mime_type=packed.mime_type,
        called=packed.name.rsplit("/", 1)[-1],
        is_download=is_download,
    )
