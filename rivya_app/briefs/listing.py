"""The list of briefs: filter, search and sort, all of it in the URL."""

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.aggregates import BoolAnd
from django.core.paginator import Page, Paginator
from django.db.models import BooleanField, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import QueryDict
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from rivya_app.briefs import access
from rivya_app.briefs.models import Brief, Draft
from rivya_app.core.text import id_in, search_words
from rivya_app.generations.models import OPEN_STATUSES, Status
from rivya_app.workspaces.models import Membership

PAGE_SIZE = 24
MOST_FOUND = 20 * PAGE_SIZE  # by a filter; counting on would read every job of the workspace
STATES: list[tuple[str, str | Promise]] = [
    ("", _("Every state")),
    ("open", _("In progress")),
    ("needs_look", _("Needs a look")),
    ("succeeded", _("Succeeded")),
    ("failed", _("Failed")),
    ("low_credits", _("Waiting for credits")),
    ("over_budget", _("Waiting for budget")),
    ("needs_yes", _("Waiting for the owner’s yes")),
]
SORTS: list[tuple[str, str | Promise]] = [
    ("", _("Newest first")),
    ("oldest", _("Oldest first")),
    ("product", _("By product")),
]
_ORDER = {"": ("-created_at", "-id"), "oldest": ("created_at", "id"), "product": ("product", "id")}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for; unknown words count as nothing asked."""

    q: str = ""
    state: str = ""
    mine: str = ""
    sort: str = ""
    campaign: str = ""  # its public id

    @classmethod
    def read(cls, asked: QueryDict) -> "Filters":
        def known(name: str, choices: list[tuple[str, str | Promise]]) -> str:
            word = asked.get(name, "")
            return word if word in dict(choices) else ""

        return cls(
            q=search_words(asked.get("q", "")),
            state=known("state", STATES),
            mine="1" if asked.get("mine") else "",
            sort=known("sort", SORTS),
            campaign=id_in(asked.get("campaign", "")),
        )

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or self.state or self.mine or self.campaign)

    @property
    def query(self) -> str:
        """For links to other pages of the same list."""
        return urlencode({name: value for name, value in asdict(self).items() if value})


def find(member: Membership, filters: Filters) -> QuerySet[Brief]:
    """The briefs of the member's workspace that match."""
    rows = access.briefs(member)
    if filters.mine:
        rows = rows.filter(access.kept_by(member))
    if filters.campaign:
        rows = rows.filter(campaign__public_id=filters.campaign)
    if filters.q:
        rows = rows.filter(Q(product__icontains=filters.q) | Q(points__icontains=filters.q))
    if filters.state:
        rows = rows.filter(_in_state(member, filters.state))
    return rows.order_by(*_ORDER[filters.sort])


def _in_state(member: Membership, state: str) -> Q:
    if state == "open":
        return _with_draft(generation__status__in=OPEN_STATUSES)
    if state == "over_budget":
        return Q(state=Brief.State.NEEDS_BUDGET)
    if state == "needs_yes":
        return Q(state=Brief.State.NEEDS_YES)
    if state == "needs_look":
        return _with_draft(generation__workspace=member.workspace_id, generation__needs_look=True)
    if state == "low_credits":
        refused = _with_draft(
            generation__workspace=member.workspace_id,
            generation__status=Status.FAILED,
            generation__error_code="insufficient_credits",
        )
        return Q(state=Brief.State.NEEDS_CREDITS) | refused
    if state == "succeeded":
        return Q(Exists(_drafts_of_outer().filter(generation__status=Status.SUCCEEDED)))
    return _with_draft(generation__status=Status.FAILED) & Q(_only_failed())


def _with_draft(**facts: Any) -> Q:
    """Briefs with such a draft. Rare ones, so they are found first; beside an OR, an Exists would
    be asked again for every brief."""
    return Q(pk__in=Draft.objects.filter(**facts).values("brief"))


def _only_failed() -> Subquery:
    """As one value a brief, because PostgreSQL turns two Exists into a read of every job."""
    drafts = _drafts_of_outer().order_by().values("brief")
    verdict = drafts.annotate(verdict=BoolAnd(Q(generation__status=Status.FAILED)))
    return Subquery(verdict.values("verdict"), output_field=BooleanField())


def _drafts_of_outer() -> QuerySet[Draft]:
    return Draft.objects.filter(brief=OuterRef("pk"))


def with_drafts(rows: QuerySet[Brief]) -> QuerySet[Brief]:
    """Ready for `cards.brief_cards`, in a constant number of queries."""
    drafts = Draft.objects.select_related("generation")
    return rows.select_related("created_by__user", "handed_to__user", "campaign").prefetch_related(
        Prefetch("drafts", drafts)
    )


class FoundPages(Paginator):
    """The pages of a filtered list, of its first MOST_FOUND briefs."""

    @cached_property
    def count(self) -> int:
        return min(self._reached, MOST_FOUND)

    @property
    def is_cut(self) -> bool:
        """Whether there are more briefs than the pages show."""
        return self._reached > MOST_FOUND

    @cached_property
    def _reached(self) -> int:
        rows: QuerySet[Brief] = self.object_list  # type: ignore[assignment]
        return rows[: MOST_FOUND + 1].count()


def page_of(rows: QuerySet[Brief], number: str | None, *, is_filtered: bool) -> Page[Brief]:
    """One page, in a constant number of queries."""
    pages = FoundPages if is_filtered else Paginator
    return pages(with_drafts(rows), PAGE_SIZE).get_page(number)
