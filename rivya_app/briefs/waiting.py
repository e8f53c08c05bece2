"""Briefs that wait for credits or for room in a limit: what they would cost now, and their start by
itself once there is enough. Asks Rivya nothing; balances are read elsewhere.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q

from rivya_app.briefs import access, actions, recipes
from rivya_app.briefs.models import Brief, Draft
from rivya_app.credits import limits
from rivya_app.credits.limits import Bound, Payers
from rivya_app.credits.models import CreditAccount
from rivya_app.gateway.access import model_of
from rivya_app.gateway.models import Workflow
from rivya_app.generations import price
from rivya_app.workspaces.models import Membership

logger = logging.getLogger(__name__)
ZERO = Decimal(0)
BATCH = 100
State = Brief.State
WAITING = (State.NEEDS_CREDITS, State.NEEDS_BUDGET)
_RELATED = ("workspace", "campaign", "workflow__api_key", "created_by__user", "handed_to__user")


@dataclass(frozen=True, slots=True)
class Outlook:
    """What becomes of a waiting brief. `is_short`: the balance is too small; `bound`: what is too
    tight for it now; `risen_to`: credits it would cost now, where that is more than was said."""

    starts_itself: bool
    is_short: bool = False
    bound: Bound | None = None
    risen_to: Decimal | None = None


def outlook(brief: Brief) -> Outlook:
    """For a brief that waits for credits or for room, as things are now."""
    plan = _Plan(brief)
    need = brief.needed_credits or ZERO
    account = CreditAccount.objects.filter(workspace=brief.workspace_id).first()
    if account is not None:
        account.workspace = brief.workspace
    short = None
    if account is not None and plan.asker is not None:
        found = (limits.tightest(limits.bounds_for(account, one), need) for one in plan.payers)
        short = min(filter(None, found), key=lambda one: one.left, default=None)
    now = plan.price_now()
    risen = now if now is not None and now > need else None
    may_start = plan.may_start_itself and now is not None and risen is None
    is_short = account is None or account.available < need
    return Outlook(may_start, is_short, short, risen)


def sweep() -> int:
    """Start what waits and can be paid now, who waits longest first. Returns how many started."""
    started = 0
    rooms = _Rooms()
    for brief in _payable():
        if not rooms.has_room_for(brief):
            continue
        if _unharmed(brief):
            started += 1
            rooms.forget()
    return started


def _payable() -> Iterator[Brief]:
    """Those that the balance would cover, a batch at a time, so that a long queue that waits for a
    limit keeps nobody behind it from being looked at."""
    rows = Brief.objects.filter(
        state__in=WAITING, workspace__credit_account__available__gte=F("needed_credits")
    )
    rows = rows.select_related(*_RELATED).order_by("changed_at", "id")
    after = Q()
    while batch := list(rows.filter(after)[:BATCH]):
        yield from batch
        last = batch[-1]
        after = Q(changed_at__gt=last.changed_at) | Q(changed_at=last.changed_at, id__gt=last.pk)


def _unharmed(brief: Brief) -> bool:
    """One brief's trouble never stops the others."""
    try:
        return start(brief.pk)
    except Exception:
        logger.exception("brief %s waits and could not be started", brief.public_id)
        return False


@transaction.atomic(durable=True)
def start(brief_id: int) -> bool:
    """Start one that waits, for whoever asked for it; True where this call started it.

    False also where somebody else has it under their lock: they are about to start it.
    """
    rows = Brief.objects.select_for_update(of=("self",), skip_locked=True)
    brief = rows.filter(pk=brief_id, state__in=WAITING).select_related(*_RELATED).first()
    if brief is None:
        return False
    plan = _Plan(brief)
    now = plan.price_now()
    if plan.asker is None or not plan.may_start_itself or now is None:
        return False
    if now > (brief.needed_credits or ZERO):
        return False  # the person saw another price: theirs to press
    return actions.start_what_waits(brief, plan.asker)


class _Plan:
    """How a waiting brief would be started: by whom, paid by what, for how much."""

    def __init__(self, brief: Brief) -> None:
        self.brief = brief
        self.newest: Mapping[int, Draft] = {one.position: one for one in access.drafts_of(brief)}
        self.flows = {
            position: access.pays_for(brief, actions.kind_of(brief, self.newest.get(position)))
            for position in brief.waiting_positions
        }

    @property
    def asker(self) -> Membership | None:
        return asker_of(self.brief)

    @property
    def payers(self) -> list[Payers]:
        member = self.brief.handed_to_id or self.brief.created_by_id
        keys = {flow.api_key_id for flow in self.flows.values()}
        return [Payers(member, self.brief.campaign_id, key) for key in keys]

    @property
    def may_start_itself(self) -> bool:
        """Not where its workflow has somebody start it again, nor without anybody to start it."""
        asker = self.asker
        if asker is None or not access.may_ask(asker, self.brief):
            return False
        is_held_back = any(
            flow.at_low_credits == Workflow.AtLowCredits.HOLD_BACK for flow in self.flows.values()
        )
        return not (is_held_back and self.brief.state == State.NEEDS_CREDITS)

    def price_now(self) -> Decimal | None:
        """Credits of everything that waits, as prices are now; None where a model has gone."""
        asked = recipes.for_positions(self.brief, self.brief.waiting_positions, self.newest)
        total = ZERO
        for position, recipe in asked.items():
            model = model_of(self.flows[position], recipe.model_id)
            if model is None or not model.is_choosable:
                return None
            total += price.unit_price(model, recipe.params).expected
        return total


def asker_of(brief: Brief) -> Membership | None:
    """Whose brief it is now; None where they have left and nobody has taken it over."""
    member = brief.handed_to or brief.created_by
    return member if member.is_active and member.user.is_active else None


class _Rooms:
    """What limits leave to whom, looked up once a sweep until something was started."""

    def __init__(self) -> None:
        self._left: dict[tuple[int, Payers], Decimal | None] = {}

    def forget(self) -> None:
        self._left.clear()

    def has_room_for(self, brief: Brief) -> bool:
        """A look without locks, the cheap part first; the ledger judges anew."""
        member = brief.handed_to_id or brief.created_by_id
        if not self._fits(brief, Payers(member, brief.campaign_id)):
            return False
        return all(self._fits(brief, payers) for payers in _Plan(brief).payers)

    def _fits(self, brief: Brief, payers: Payers) -> bool:
        key = (brief.workspace_id, payers)
        if key not in self._left:
            account = CreditAccount.objects.get(workspace=brief.workspace_id)
            account.workspace = brief.workspace
            hard = [one.left for one in limits.bounds_for(account, payers) if one.is_hard]
            self._left[key] = min(hard, default=None)
        left = self._left[key]
        return left is None or left >= (brief.needed_credits or ZERO)
