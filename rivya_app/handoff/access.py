"""Who may reach a package: any member of its workspace; who may change it is asked by the acts."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import QueryDict

from rivya_app.core.rows import found_or_404
from rivya_app.core.text import id_in, search_words
from rivya_app.handoff.models import Override, Package, PackageItem, PackedFile
from rivya_app.library.models import StoredFile
from rivya_app.reviews.models import Decision, Review
from rivya_app.workspaces.models import Campaign, Membership

APPROVED_A_PAGE = 24
PACKAGES_A_PAGE = 20


def packages(member: Membership) -> QuerySet[Package]:
    """Every package of the member's workspace, newest first."""
    return Package.objects.filter(workspace=member.workspace_id)


def package(member: Membership, public_id: UUID | str, *, lock: bool = False) -> Package:
    """One package of the member's workspace, under its lock if asked. Raises Http404."""
    rows = packages(member).select_related("workspace", "campaign", "made_by__user")
    return found_or_404(rows, lock=lock, public_id=public_id)


def packed_file(
    member: Membership, package_id: UUID | str, public_id: UUID | str, *, lock: bool = False
) -> PackedFile:
    """One file of one package of the member's workspace, under its lock if asked. Raises Http404.

    Whoever changes it locks its package first.
    """
    rows = PackedFile.objects.filter(
        item__package__workspace=member.workspace_id, item__package__public_id=package_id
    )
    related = rows.select_related("item__package__workspace", "item__file", "item__brief")
    return found_or_404(related, lock=lock, public_id=public_id)


def items_of(package: Package) -> list[PackageItem]:
    """The items in order, with all that is shown of them, in a constant number of queries."""
    overrides = Override.objects.select_related("member__user")
    packed = PackedFile.objects.order_by("id").prefetch_related(Prefetch("overrides", overrides))
    rows = package.items.select_related(
        "brief__created_by__user",
        "review__generation__requested_by__user",
        "decision__member__user",
        "file",
    ).defer("file__remote_url", "review__generation__reference_items")
    return list(rows.order_by("position").prefetch_related(Prefetch("packed", packed)))


def page_of_packages(member: Membership, number: str | None) -> Page[Any]:
    """The packages with how many files each has and how many of them are packed; newest first."""
    rows = packages(member).select_related("made_by__user", "campaign").defer("manifest")
    counted = rows.annotate(
        item_count=Count("items", distinct=True),
        file_count=Count("items__packed", distinct=True),
        packed_count=Count(
            "items__packed", distinct=True, filter=Q(items__packed__size__isnull=False)
        ),
    )
    page: Page[Any] = Paginator(counted.order_by("-created_at", "-pk"), PACKAGES_A_PAGE).get_page(
        number
    )
    return page


def covers_of(packages: Iterable[Package]) -> dict[int, list[PackageItem]]:
    """The items of several packages with their pictures, by the packages' keys, in one query."""
    rows = PackageItem.objects.filter(package__in=list(packages)).select_related("file")
    found: dict[int, list[PackageItem]] = {}
    for item in rows.defer("file__remote_url").order_by("package", "position"):
        found.setdefault(item.package_id, []).append(item)
    return found


# --- What may be packed ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for of the approved files; unknown words count as nothing asked."""

    q: str = ""
    campaign: str = ""
    brief: str = ""
    packed: str = ""  # "1": those already in a package too

    @classmethod
    def read(cls, asked: QueryDict) -> "Filters":
        return cls(
            q=search_words(asked.get("q", "")),
            campaign=id_in(asked.get("campaign", "")),
            brief=id_in(asked.get("brief", "")),
            packed="1" if asked.get("packed") else "",
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or self.campaign or self.brief)

    @property
    def query(self) -> str:
        """For links to other pages of the same list."""
        return urlencode({name: value for name, value in asdict(self).items() if value})


def approved(member: Membership, filters: Filters | None = None) -> QuerySet[Review]:
    """The workspace's reviews whose newest decision approved them and whose file is here, newest
    approval first. `approval_id` is that decision's key."""
    rows = Review.objects.filter(
        workspace=member.workspace_id,
        state=Review.State.APPROVED,
        file__state=StoredFile.State.STORED,
    )
    newest = Decision.objects.filter(review=OuterRef("pk")).order_by("-number")
    rows = rows.annotate(
        approval_id=Subquery(newest.values("pk")[:1]),
        approval_kind=Subquery(newest.values("kind")[:1]),
        is_packed=Exists(PackageItem.objects.filter(review=OuterRef("pk"))),
    ).filter(approval_kind=Decision.Kind.APPROVED)
    if filters is not None:
        rows = _narrowed(rows, filters)
    return rows.order_by("-closed_at", "-pk")


def _narrowed(rows: QuerySet[Review], filters: Filters) -> QuerySet[Review]:
    if not filters.packed:
        rows = rows.filter(~Exists(PackageItem.objects.filter(review=OuterRef("pk"))))
    if filters.campaign:
        rows = rows.filter(campaign__public_id=filters.campaign)
    if filters.brief:
        rows = rows.filter(brief__public_id=filters.brief)
    if filters.q:
        rows = rows.filter(brief__product__icontains=filters.q)
    return rows


def with_files(rows: QuerySet[Review]) -> QuerySet[Review]:
    """Ready to be shown: with brief, file, job and campaign."""
    related = rows.select_related("brief", "file", "generation__requested_by__user", "campaign")
    return related.defer("file__remote_url", "generation__reference_items")


def page_of_approved(member: Membership, filters: Filters, number: str | None) -> Page[Review]:
    """One page, in two queries."""
    return Paginator(with_files(approved(member, filters)), APPROVED_A_PAGE).get_page(number)


def approved_among(member: Membership, public_ids: Iterable[str]) -> list[Review]:
    """The approved reviews of these ids in the order given, each once. What is not approved, is
    not the workspace's, or is no id at all, is left out."""
    wanted = list(dict.fromkeys(filter(None, map(id_in, public_ids))))
    rows = with_files(approved(member)).filter(public_id__in=wanted)
    found = {str(review.public_id): review for review in rows}
    return [found[public_id] for public_id in wanted if public_id in found]


def approvals_of(reviews: Iterable[Review]) -> dict[int, Decision]:
    """The decisions that `approved` found, by the reviews' keys, in one query."""
    wanted = {review.pk: review.approval_id for review in reviews}  # type: ignore[attr-defined]
    rows = Decision.objects.select_related("member__user").in_bulk(wanted.values())
    return {review_id: rows[decision_id] for review_id, decision_id in wanted.items()}


def campaigns_with_approved(member: Membership) -> list[Campaign]:
    """The campaigns that have something approved, by name, in one query."""
    rows = Review.objects.filter(workspace=member.workspace_id, state=Review.State.APPROVED)
    return list(Campaign.objects.filter(pk__in=rows.values("campaign")).order_by("name"))


# --- What the rooms below ask ---------------------------------------------------------------------


def still_needed(references: Collection[str]) -> set[str]:
    """Those of these packages (`package:<uuid>`) that are being packed, and so still need their
    files. What is packed has bytes of its own."""
    ids = [reference.split(":")[1] for reference in references]
    rows = Package.objects.filter(public_id__in=ids, state=Package.State.BUILDING)
    return {f"package:{public_id}" for public_id in rows.values_list("public_id", flat=True)}


def packed_names(names: Collection[str]) -> set[str]:
    """Those of these names in storage under which packed files lie."""
    rows = PackedFile.objects.filter(storage_name__in=list(names))
    return set(rows.values_list("storage_name", flat=True))
