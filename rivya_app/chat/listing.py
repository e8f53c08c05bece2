"""The list of conversations: whose, and which words they hold, all of it in the URL."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Left
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from rivya_app.chat import access, caps, passages, rendering
from rivya_app.chat.models import Conversation, Status, Turn
from rivya_app.chat.passages import Passage
from rivya_app.chat.paths import path_of
from rivya_app.core.text import search_words
from rivya_app.gateway import catalogue
from rivya_app.workspaces.models import Membership

PAGE_SIZE = 20
SHOWN = 160  # characters of an answer
OWN, SHARED, ARCHIVED = "", "shared", "archived"
TABS: list[tuple[str, str | Promise]] = [
    (OWN, _("Yours")),
    (SHARED, _("Shared with you")),
    (ARCHIVED, _("Archived")),
]
# As the components know them (components/_state.html). What went well needs no word.
_STATES = {
    Status.WAITING: "needs_yes",
    Status.PENDING: "queued",
    Status.STREAMING: "processing",
    Status.INTERRUPTED: "warning",
    Status.FAILED: "failed",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for; unknown words count as nothing asked."""

    q: str = ""
    show: str = OWN

    @classmethod
    def read(cls, member: Membership, asked: QueryDict) -> "Filters":
        """Who asks nothing has no conversations, and reads the others'."""
        show = asked.get("show", "")
        if not member.has_role(*access.MAY_CHAT):
            show = SHARED
        return cls(search_words(asked.get("q", "")), show if show in dict(TABS) else OWN)

    @property
    def query(self) -> str:
        """For links to other pages of the same list."""
        return urlencode({name: value for name, value in asdict(self).items() if value})


@dataclass(frozen=True, slots=True)
class Row:
    """One conversation as the list shows it. Amounts are credits; `held` is not settled yet."""

    conversation: Conversation
    model_name: str
    said: Passage  # where the words that were asked for stand, or how the last answer begins
    question_count: int
    spent: Decimal
    held: Decimal
    state: str  # "" where nothing needs to be said
    state_words: str


def index_page(member: Membership, asked: QueryDict) -> dict[str, Any]:
    """What the list shows, in a constant number of queries."""
    filters = Filters.read(member, asked)
    page = Paginator(find(member, filters), PAGE_SIZE).get_page(asked.get("page"))
    may_chat = member.has_role(*access.MAY_CHAT)
    return {
        "filters": filters,
        "query": filters.query,
        "page": page,
        "rows": rows_of(page, filters.q),
        "tabs": [(show, label, show == filters.show) for show, label in TABS] if may_chat else [],
        "is_own": filters.show != SHARED,
        "may_chat": may_chat,
        "use": caps.use_of(member) if may_chat else None,
    }


def find(member: Membership, filters: Filters) -> QuerySet[Conversation]:
    """The conversations the reader may see that match, those asked last first."""
    if filters.show == SHARED:
        rows = access.shared_conversations(member).filter(archived_at=None)
        turns = Turn.objects.filter(workspace=member.workspace_id)
    else:
        is_archived = filters.show == ARCHIVED
        rows = access.own_conversations(member).filter(archived_at__isnull=not is_archived)
        turns = Turn.objects.filter(member=member)
    if filters.q:
        found = Q(title__icontains=filters.q)
        if words := passages.query_of(filters.q):
            found |= Q(pk__in=passages.holding(turns, words).values("conversation"))
        rows = rows.filter(found)
    return rows.order_by("-asked_at", "-id")


def rows_of(page: Page[Conversation], typed: str = "") -> list[Row]:
    """The page's lines, in four queries; with what was `typed` to find them, in six."""
    ids = [conversation.pk for conversation in page.object_list]
    sums = {row["conversation"]: row for row in _sums_of(ids)}
    newest = {turn.conversation_id: turn for turn in _newest_of(Turn.objects.all(), ids)}
    said = {turn.conversation_id: turn for turn in _newest_of(Turn.objects.exclude(answer=""), ids)}
    names = catalogue.names_of({conversation.model_id for conversation in page.object_list})
    found = passages.found_in(ids, typed)
    return [
        _row(
            one,
            names,
            sums.get(one.pk, {}),
            newest.get(one.pk),
            found.get(one.pk) or _beginning(one, said.get(one.pk)),
        )
        for one in page.object_list
    ]


def _sums_of(ids: Sequence[int]) -> Iterable[Mapping[str, Any]]:
    is_held = Q(settled_at=None) & ~Q(status=Status.WAITING)
    return (
        Turn.objects.filter(conversation__in=ids)
        .order_by()
        .values("conversation")
        .annotate(
            count=Count("id"),
            spent=Sum("final_credits"),
            held=Sum("estimated_credits", filter=is_held),
        )
    )


def _newest_of(turns: QuerySet[Turn], ids: Sequence[int]) -> QuerySet[Turn]:
    """The newest of these turns of each conversation, without their long texts."""
    mine = turns.filter(conversation__in=ids).order_by("conversation_id", "-number")
    short = mine.distinct("conversation_id").annotate(begins=Left("answer", 4 * SHOWN))
    return short.only("conversation_id", "number", "status", "public_id")


def _beginning(one: Conversation, answered: Turn | None) -> Passage:
    """How its last answer begins."""
    words = rendering.in_plain_words(getattr(answered, "begins", ""))
    return Passage(escape(Truncator(words).chars(SHOWN, truncate="…")), path_of(one))


def _row(
    one: Conversation,
    names: dict[str, str],
    sums: Mapping[str, Any],
    newest: Turn | None,
    said: Passage,
) -> Row:
    status = Status(newest.status) if newest else Status.ANSWERED
    return Row(
        conversation=one,
        model_name=names.get(one.model_id, one.model_id),
        said=said,
        question_count=sums.get("count", 0),
        spent=sums.get("spent") or Decimal(0),
        held=sums.get("held") or Decimal(0),
        state=_STATES.get(status, ""),
        state_words=str(status.label),
    )
