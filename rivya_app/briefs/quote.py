"""The price beside the button: per draft, in total, and what is left after it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rivya_app.credits import budgets, gate_rules, limit_words, limits, wallet
from rivya_app.credits.gate_words import rule_words
from rivya_app.credits.limits import Bound
from rivya_app.gateway.cards import ModelCard
from rivya_app.gateway.models import Workflow
from rivya_app.generations.price import range_words, unit_price
from rivya_app.workspaces.models import Campaign, Membership


@dataclass(frozen=True, slots=True)
class Price:
    """Amounts are credits. `each` is what is held; `low` is less only where it is an estimate."""

    each: Decimal
    low: Decimal
    total: Decimal
    balance: Decimal
    after: Decimal
    held: Decimal
    count: int
    is_fixed: bool
    is_known: bool  # False: `each` is only the least it can be
    words: str
    campaign: Campaign | None = None
    budget_left: Decimal | None = None  # None: no campaign, or no limit
    room: Bound | None = None  # what leaves least beside the balance; None: only that counts
    room_words: str = ""  # whose it is, within a sentence
    rule_words: str = ""  # of the rule that wants an owner's yes first; "" where none does

    @property
    def can_spend(self) -> Decimal:
        """What the person can still spend here, whatever keeps it down; never below zero."""
        bounds = [self.balance] if self.room is None else [self.balance, self.room.left]
        return max(Decimal(0), min(bounds))

    @property
    def is_within_limit(self) -> bool:
        """Whether no limit is in the way; the campaign's budget has words of its own."""
        room = self.room
        return room is None or room.limit_id is None or self.total <= room.left

    @property
    def budget_after(self) -> Decimal | None:
        """What is left of the campaign's budget after this; below zero where it does not reach."""
        return None if self.budget_left is None else self.budget_left - self.total

    @property
    def is_within_budget(self) -> bool:
        return self.budget_after is None or self.budget_after >= 0

    @property
    def is_enough(self) -> bool:
        return self.after >= 0

    @property
    def each_words(self) -> str:
        return range_words(self.low, self.each, is_known=self.is_known)

    @property
    def total_words(self) -> str:
        return range_words(self.low * self.count, self.total, is_known=self.is_known)


def quote(
    member: Membership,
    model: ModelCard | None,
    draft_count: int,
    params: Mapping[str, Any] | None = None,
    campaign: Campaign | None = None,
    flow: Workflow | None = None,
) -> Price | None:
    """For a model with these settings; None where none can be used, so that no number is invented.

    `params` are as they will be sent to Rivya; `flow` is what pays.
    """
    if model is None or not model.is_choosable:
        return None
    unit, standing = unit_price(model, params or {}), wallet.standing(member.workspace)
    room = limits.room_for(member, campaign, flow.api_key if flow else None)
    total = unit.expected * draft_count
    rule = gate_rules.stands_in_the_way(member, total, campaign, [model.model_id])
    return Price(
        each=unit.expected,
        low=unit.low,
        total=total,
        balance=standing.available,
        after=standing.available - total,
        held=standing.held,
        count=draft_count,
        is_fixed=unit.is_fixed,
        is_known=unit.is_known,
        words=unit.words,
        campaign=campaign,
        budget_left=budgets.left_of(campaign) if campaign else None,
        room=room,
        room_words=limit_words.whose(room, member) if room else "",
        rule_words=rule_words(rule) if rule else "",
    )
