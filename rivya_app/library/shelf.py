"""What the library page lists: filter, search and sort, all of it in the URL."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rivya_app.core import clock
from rivya_app.core.text import id_in, search_words
from rivya_app.library import access, cleaning
from rivya_app.library.models import FileUse, LibrarySettings, StoredFile
from rivya_app.workspaces.models import Membership

PAGE_SIZE = 36
Choices = list[tuple[str, str | Promise]]
KINDS: Choices = [
    ("", _("Every kind")),
    ("image", _("Images")),
    ("video", _("Videos")),
    ("audio", _("Audio")),
]
ORIGINS: Choices = [
    ("", _("Any origin")),
    ("upload", _("Uploads")),
    ("result", _("Results")),
]
USES: Choices = [("", _("Used or not")), ("used", _("In use")), ("unused", _("Not used"))]
AGES: Choices = [
    ("", _("Any age")),
    ("7", _("Older than a week")),
    ("30", _("Older than a month")),
    ("180", _("Older than half a year")),
]
SORTS: Choices = [
    ("", _("Newest first")),
    ("oldest", _("Oldest first")),
    ("name", _("By name")),
    ("largest", _("Largest first")),
]
_ORDER = {
    "": ("-created_at", "-pk"),
    "oldest": ("created_at", "pk"),
    "name": ("title", "pk"),
    "largest": ("-size", "pk"),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for; unknown words count as nothing asked."""

    q: str = ""
    kind: str = ""
    origin: str = ""
    person: str = ""
    use: str = ""
    age: str = ""
    sort: str = ""

    @classmethod
    def read(cls, asked: QueryDict) -> "Filters":
        def known(name: str, choices: Choices) -> str:
            word = asked.get(name, "")
            return word if word in dict(choices) else ""

        return cls(
            q=search_words(asked.get("q", "")),
            kind=known("kind", KINDS),
            origin=known("origin", ORIGINS),
            person=id_in(asked.get("person", "")),
            use=known("use", USES),
            age=known("age", AGES),
            sort=known("sort", SORTS),
        )

    @property
    def is_filtered(self) -> bool:
        return any(value for name, value in asdict(self).items() if name != "sort")

    @property
    def query(self) -> str:
        """For links to other pages of the same list."""
        return urlencode({name: value for name, value in asdict(self).items() if value})


def held(member: Membership) -> QuerySet[StoredFile]:
    """The files whose bytes are here."""
    return access.files(member).filter(state=StoredFile.State.STORED)


def find(member: Membership, filters: Filters) -> QuerySet[StoredFile]:
    """The held files of the member's workspace that match."""
    rows = held(member)
    if filters.q:
        rows = rows.filter(Q(title__icontains=filters.q) | Q(original_name__icontains=filters.q))
    if filters.kind:
        rows = rows.filter(kind=filters.kind)
    if filters.origin:
        is_upload = Q(source__startswith="upload:")
        rows = rows.filter(is_upload if filters.origin == "upload" else ~is_upload)
    if filters.person:
        rows = rows.filter(made_by__public_id=filters.person)
    if filters.use:
        is_used = Exists(FileUse.objects.filter(file=OuterRef("pk")))
        rows = rows.filter(is_used if filters.use == "used" else ~is_used)
    if filters.age:
        rows = rows.filter(created_at__lt=clock.now() - timedelta(days=int(filters.age)))
    return rows.order_by(*_ORDER[filters.sort])


@dataclass(frozen=True, slots=True)
class Held:
    """One file of the list: how many need it, and where none does, when the clean-up takes it."""

    file: StoredFile
    use_count: int
    due_at: datetime | None

    @property
    def is_due(self) -> bool:
        return self.due_at is not None and self.due_at < clock.now()


def page_of(rows: QuerySet[StoredFile], number: str | None, keep: LibrarySettings) -> Page[Any]:
    """One page of Held, in a constant number of queries."""
    page: Page[Any] = Paginator(rows, PAGE_SIZE).get_page(number)
    files = list(page.object_list)
    uses = FileUse.objects.filter(file__in=files).values("file").annotate(count=Count("pk"))
    counts = dict(uses.values_list("file", "count"))
    page.object_list = [_held(file, counts.get(file.pk, 0), keep) for file in files]
    return page


def _held(file: StoredFile, use_count: int, keep: LibrarySettings) -> Held:
    return Held(file, use_count, None if use_count else cleaning.due_at(file, keep))


@dataclass(frozen=True, slots=True)
class Sums:
    """All held files of a workspace: how many, and how large (bytes)."""

    count: int
    size: int


def sums(member: Membership) -> Sums:
    """In one query. Bytes that two files share are counted for both."""
    found = held(member).order_by().aggregate(count=Count("pk"), size=Sum("size"))
    return Sums(found["count"], found["size"] or 0)


def people(member: Membership) -> list[Membership]:
    """Everybody who put a file here, by name."""
    makers = held(member).order_by().values("made_by").distinct()
    rows = Membership.objects.filter(pk__in=makers).select_related("user")
    return list(rows.order_by(F("user__name"), "pk"))


def choices_for(member: Membership, kinds: list[str], q: str) -> list[StoredFile]:
    """What can be taken as a reference: the newest held files of these kinds, by name if asked."""
    rows = find(member, Filters(q=search_words(q)))
    return list(rows.filter(kind__in=kinds)[:24])
