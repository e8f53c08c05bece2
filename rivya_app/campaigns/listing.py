"""The list of campaigns: filter, search and sort, all of it in the URL."""

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.db.models.functions import Lower
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rivya_app.core.text import search_words
from rivya_app.workspaces import access
from rivya_app.workspaces.models import Campaign, Membership

PAGE_SIZE = 20
SHELVES: list[tuple[str, str | Promise]] = [
    ("", _("In use")),
    ("archived", _("Archived")),
    ("all", _("All")),
]
SORTS: list[tuple[str, str | Promise]] = [
    ("", _("By name")),
    ("newest", _("Newest first")),
    ("ends", _("Ending soonest")),
]
_ORDER: dict[str, tuple[Any, ...]] = {
    "": (Lower("name"), "id"),
    "newest": ("-created_at", "-id"),
    "ends": (F("ends_on").asc(nulls_last=True), Lower("name"), "id"),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for; unknown words count as nothing asked."""

    q: str = ""
    show: str = ""
    sort: str = ""

    @classmethod
    def read(cls, asked: QueryDict) -> "Filters":
        def known(name: str, choices: list[tuple[str, str | Promise]]) -> str:
            word = asked.get(name, "")
            return word if word in dict(choices) else ""

        return cls(
            q=search_words(asked.get("q", "")),
            show=known("show", SHELVES),
            sort=known("sort", SORTS),
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or self.show)

    @property
    def query(self) -> str:
        """For links to other pages of the same list."""
        return urlencode({name: value for name, value in asdict(self).items() if value})


def find(member: Membership, filters: Filters) -> QuerySet[Campaign]:
    """The campaigns of the member's workspace that match."""
    rows = access.campaigns(member)
    if filters.show != "all":
        rows = rows.filter(is_archived=filters.show == "archived")
    if filters.q:
        rows = rows.filter(name__icontains=filters.q)
    return rows.order_by(*_ORDER[filters.sort])


def page_of(rows: QuerySet[Campaign], number: str | None) -> Page[Campaign]:
    """One page of them."""
    return Paginator(rows, PAGE_SIZE).get_page(number)
