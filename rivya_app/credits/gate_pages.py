"""What the pages of the gate show: its rules, what was asked, one ask. Reads only."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from rivya_app.credits import gate, gate_access, limit_words, limits, wallet
from rivya_app.credits.gate_forms import AnswerForm, RuleForm
from rivya_app.credits.gate_words import TONES, conditions_of, rule_words, title_of
from rivya_app.credits.models import Ask, GateRule
from rivya_app.gateway import catalogue
from rivya_app.workspaces.models import Membership

State = Ask.State
PAGE_SIZE = 25
SHOWN_AT_HOME = 5
SHELVES: tuple[tuple[str, str | Promise], ...] = (
    ("", gettext_lazy("All")),
    ("pending", gettext_lazy("Waiting for an answer")),
    ("granted", gettext_lazy("Yes")),
    ("refused", gettext_lazy("No")),
    ("expired", gettext_lazy("Nobody answered in time")),
    ("withdrawn", gettext_lazy("No longer wanted")),
)


@dataclass(frozen=True, slots=True)
class AskRow:
    """One ask in a list."""

    ask: Ask
    url: str

    @property
    def tone(self) -> str:
        return TONES[State(self.ask.state)]

    @property
    def title(self) -> str:
        return title_of(self.ask)


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule in the list, in words; `pending` asks of it wait for an answer."""

    rule: GateRule
    words: str
    pending: int


@dataclass(frozen=True, slots=True)
class Room:
    """A limit or budget that counts for an ask. Credits; `left` may be below zero."""

    name: str
    left: Decimal
    after: Decimal


def gate_page(member: Membership, form: RuleForm | None = None) -> dict[str, Any]:
    """The rules in use, those that ended, and the form of a new one."""
    rows = list(gate_access.rules(member))
    waiting = Ask.objects.filter(rule__in=rows, state=State.PENDING)
    pending: dict[int, int] = {}
    for key in waiting.values_list("rule", flat=True):
        pending[key] = pending.get(key, 0) + 1
    shown = [RuleRow(row, rule_words(row), pending.get(row.pk, 0)) for row in rows]
    return {
        "form": form or RuleForm(member=member),
        "rules": [row for row in shown if row.rule.ended_at is None],
        "ended": [row for row in reversed(shown) if row.rule.ended_at is not None],
        "pending": sum(pending.values()),
    }


def asks_page(member: Membership, asked: QueryDict) -> dict[str, Any]:
    """Every ask, those that wait first and the one that ends first before them."""
    state = asked.get("state", "")
    state = state if state in dict(SHELVES) else ""
    rows = _pending_first(gate_access.asks(member))
    page = Paginator(rows.filter(state=state) if state else rows, PAGE_SIZE).get_page(
        asked.get("page")
    )
    return {
        "page": page,
        "rows": [_row(row) for row in page],
        "state": state,
        "shelves": SHELVES,
        "query": f"state={state}" if state else "",
    }


def _pending_first(rows: QuerySet[Ask]) -> QuerySet[Ask]:
    place = Case(
        When(state=State.PENDING, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    return rows.order_by(place, "-asked_at", "-id")


def _row(asked: Ask) -> AskRow:
    return AskRow(asked, reverse("credits:show-ask", args=[asked.public_id]))


def home_asks(member: Membership) -> list[AskRow]:
    """What waits for this owner's answer, the one that ends first before the others."""
    rows = gate_access.asks(member).filter(state=State.PENDING).order_by("expires_at", "id")
    return [_row(row) for row in rows[:SHOWN_AT_HOME]]


def show_page(
    member: Membership, public_id: UUID, form: AnswerForm | None = None, *, is_moved: bool = False
) -> dict[str, Any]:
    """One ask with what an answer needs: what, who, why, its price, and what is left after it."""
    asked = gate_access.ask(member, public_id)
    price = gate.price_now(asked) if asked.state == State.PENDING else asked.amount
    standing = wallet.standing(member.workspace)
    known = gate.about(asked)
    return {
        "ask": asked,
        "title": title_of(asked),
        "tone": TONES[State(asked.state)],
        "form": form or AnswerForm(),
        "seen": gate.shown_as(asked, price),
        "is_moved": is_moved,
        "is_open": asked.state == State.PENDING,
        "price": price,
        "before": earlier_yes(asked),
        "balance": standing.available,
        "after": standing.available - price,
        "rooms": _rooms(member, asked, price),
        "why": rule_words(asked.rule),
        "conditions": conditions_of(asked.rule),
        "models": [catalogue.name_of(model_id) for model_id in asked.model_ids],
        "about": known,
    }


def earlier_yes(asked: Ask) -> Ask | None:
    """The last yes to the same thing, where it was to less: why it is asked anew."""
    rows = Ask.objects.filter(reference=asked.reference, state=State.GRANTED, pk__lt=asked.pk)
    found = rows.order_by("-id").first()
    return found if found and found.amount < asked.amount else None


def _rooms(reader: Membership, asked: Ask, price: Decimal) -> list[Room]:
    """The budget and the limits that count for this, with what a yes would leave."""
    account = limits.account_of(reader)
    if account is None:
        return []
    payers = limits.Payers(asked.asked_by_id, asked.campaign_id)
    return [
        Room(capfirst(limit_words.whose(bound, reader)), bound.left, bound.left - price)
        for bound in limits.bounds_for(account, payers)
    ]
