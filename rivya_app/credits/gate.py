"""The owner's gate: what is asked, what owners answer, and how that is brought about. Alone writes
asks.

Locks: what waits (review, video, brief) before its ask. An answer, a withdrawal and the end of its
time lock the ask and nothing behind it, so it is in no ring with files or the account. What an
answer means for what waits is carried out afterwards, by a task.
"""

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.urls import reverse

from rivya_app.core import clock
from rivya_app.core.text import credit_number
from rivya_app.credits import gate_access, gate_rules, gate_words
from rivya_app.credits.models import Ask, GateRule
from rivya_app.notices import actions as notices
from rivya_app.notices.models import Notice
from rivya_app.workspaces.access import owners_of
from rivya_app.workspaces.models import Campaign, Membership

logger = logging.getLogger(__name__)
State = Ask.State
BATCH = 100
# Answers that somebody who waits must be brought to.
_TO_CARRY_OUT = (State.GRANTED, State.REFUSED, State.EXPIRED)


class NotPending(Exception):
    """The ask was answered, ended or withdrawn already; `ask` says by whom and how."""

    def __init__(self, ask: Ask) -> None:
        super().__init__(ask.state)
        self.ask = ask


class Moved(Exception):
    """What was on the page is not what is asked now: its price, or its models, changed."""


@dataclass(frozen=True, slots=True)
class Spend:
    """What somebody wants to start. `amount` is credits; `press` those of everything that the
    same press starts, where that is more. An empty title says that it is private."""

    member: Membership
    amount: Decimal
    reference: str
    title: str
    link: str
    campaign: Campaign | None = None
    model_ids: tuple[str, ...] = ()
    press: Decimal = Decimal(0)


def rule_for(spend: Spend) -> GateRule | None:
    """The rule that stands in its way, by its own amount or that of its whole press."""
    amount = max(spend.amount, spend.press)
    return gate_rules.stands_in_the_way(spend.member, amount, spend.campaign, spend.model_ids)


# --- Asking ---------------------------------------------------------------------------------------


def newest(reference: str, *, lock: bool = False) -> Ask | None:
    """The latest ask about this; its lock waits for whoever is answering it."""
    rows = Ask.objects.filter(reference=reference).order_by("-id")
    return (rows.select_for_update() if lock else rows).first()


def newest_of(references: Collection[str]) -> dict[str, Ask]:
    """The latest ask about each of these that was asked about. One query, none without any."""
    if not references:
        return {}
    rows = Ask.objects.filter(reference__in=references).order_by("reference", "-id")
    related = rows.select_related("asked_by__user", "answered_by__user", "rule")
    return {ask.reference: ask for ask in related.distinct("reference")}


def covers(ask: Ask | None, spend: Spend) -> bool:
    """Whether this is a yes to at least as much, with no other models."""
    return (
        ask is not None
        and ask.state == State.GRANTED
        and spend.amount <= ask.amount
        and set(spend.model_ids) <= set(ask.model_ids)
    )


def ask(spend: Spend, rule: GateRule) -> Ask:
    """Ask the owners, once: while an answer is awaited the same ask says what is wanted now.

    Inside the caller's transaction, which holds the lock of what waits.
    """
    pending = newest(spend.reference, lock=True)
    if pending is None or pending.state != State.PENDING:
        asked = _new_ask(spend, rule)
    elif (pending.amount, pending.model_ids) == (spend.amount, sorted(spend.model_ids)):
        return pending
    else:
        asked = pending
        asked.rule, asked.amount = rule, spend.amount
        asked.model_ids = sorted(spend.model_ids)
        asked.save(update_fields=["rule", "amount", "model_ids"])
    _tell_owners(asked)
    return asked


def _new_ask(spend: Spend, rule: GateRule) -> Ask:
    now = clock.now()
    return Ask.objects.create(
        workspace=spend.member.workspace,
        reference=spend.reference,
        rule=rule,
        asked_by=spend.member,
        campaign=spend.campaign,
        model_ids=sorted(spend.model_ids),
        title=spend.title[:200],
        link=spend.link,
        amount=spend.amount,
        asked_at=now,
        expires_at=now + timedelta(hours=rule.valid_hours),
    )


def _tell_owners(asked: Ask) -> None:
    notices.tell(
        owners_of(asked.workspace),
        kind=Notice.Kind.YES_ASKED,
        facts={
            "by": str(asked.asked_by),
            **gate_words.named(asked),
            "credits": credit_number(asked.amount),
        },
        link=reverse("credits:show-ask", args=[asked.public_id]),
        event_key=f"yes-asked:{asked.public_id}:{asked.amount}",
    )


def withdraw_pending(reference: str) -> bool:
    """Nobody has to answer any more. Inside the caller's transaction. False: nothing was asked."""
    pending = newest(reference, lock=True)
    if pending is None or pending.state != State.PENDING:
        return False
    _withdraw(pending)
    return True


@transaction.atomic(durable=True)
def withdraw(*, member: Membership, public_id: UUID | str) -> Ask:
    """The asker takes the question back; what waits keeps its place. The same again is harmless.

    Raises Http404 for an ask of somebody else, NotPending.
    """
    asked = gate_access.own_ask(member, public_id, lock=True)
    if asked.state == State.WITHDRAWN:
        return asked
    if asked.state != State.PENDING:
        raise NotPending(asked)
    _withdraw(asked)
    return asked


def _withdraw(asked: Ask) -> None:
    asked.state = State.WITHDRAWN
    asked.answered_at = asked.carried_out_at = clock.now()
    asked.save(update_fields=["state", "answered_at", "carried_out_at"])


# --- Answering ------------------------------------------------------------------------------------


def shown_as(asked: Ask, price: Decimal) -> str:
    """What an owner sees of an ask, as a text that travels with the press."""
    return " ".join([str(price.normalize()), *asked.model_ids])


@transaction.atomic(durable=True)
def answer(
    *, member: Membership, public_id: UUID | str, is_yes: bool, seen: str = "", note: str = ""
) -> Ask:
    """An owner's yes or no. `seen` is `shown_as` of the page that was pressed; a no needs none.

    The same press again finds its own answer. Raises Http404, PermissionDenied, NotPending, Moved.
    """
    gate_rules.require_owner(member)
    asked = gate_access.ask(member, public_id, lock=True)
    wanted = State.GRANTED if is_yes else State.REFUSED
    if asked.state == wanted and asked.answered_by_id == member.pk:
        return asked
    if asked.state != State.PENDING or asked.expires_at <= clock.now():
        raise NotPending(asked)
    if is_yes:
        price = price_now(asked)
        if seen != shown_as(asked, price):
            raise Moved
        asked.amount = price
    _close(asked, wanted, member=member, note=note.strip()[:300])
    gate_rules.note(
        member, f"gate.{wanted}", gate_words.title_of(asked), asked.rule, amount=str(asked.amount)
    )
    return asked


def _close(asked: Ask, state: State, *, member: Membership | None = None, note: str = "") -> None:
    """Write the answer, tell the asker, and have it carried out behind this transaction."""
    asked.state, asked.answered_by, asked.note = state, member, note
    asked.answered_at = clock.now()
    asked.save(update_fields=["state", "answered_by", "note", "answered_at", "amount"])
    notices.tell(
        [asked.asked_by],
        kind=Notice.Kind.YES_ANSWERED,
        facts={**gate_words.named(asked), "answer": str(state), "by": str(member or "")},
        link=asked.link,
        event_key=f"yes-answered:{asked.public_id}",
    )
    _publish()


def _publish() -> None:
    from rivya_app.credits.tasks import carry_out_asks  # tasks lead back here

    transaction.on_commit(lambda: carry_out_asks.delay(), robust=True)


def expire() -> int:
    """End what nobody answered in time. Returns how many."""
    late = Ask.objects.filter(state=State.PENDING, expires_at__lte=clock.now())
    return sum(map(_expire, list(late.values_list("pk", flat=True)[:BATCH])))


@transaction.atomic(durable=True)
def _expire(key: int) -> bool:
    rows = Ask.objects.select_for_update(of=("self",)).select_related("workspace", "asked_by__user")
    asked = rows.get(pk=key)
    if asked.state != State.PENDING or asked.expires_at > clock.now():
        return False  # somebody answered while we waited for the row
    _close(asked, State.EXPIRED)
    return True


# --- Carrying out ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class About:
    """What waits, for the owner's page. `pictures` are files of the library; lines are a label
    and its value. `waits_for_credits`: a yes without enough of them is not lost."""

    pictures: Sequence[Any] = ()
    lines: Sequence[tuple[str, str]] = field(default_factory=tuple)
    waits_for_credits: bool = True


@dataclass(frozen=True, slots=True)
class Handler:
    """What a room above knows of what waits under its kind of reference."""

    carry_out: Callable[[Ask], None]  # one transaction that begins with the lock of what waits
    price_now: Callable[[Ask], Decimal | None]  # None: it cannot be told
    about: Callable[[Ask], About]


_handlers: dict[str, Handler] = {}


def on_answer(
    kind: str,
    carry_out: Callable[[Ask], None],
    *,
    price_now: Callable[[Ask], Decimal | None],
    about: Callable[[Ask], About],
) -> None:
    """A room says in `ready()` what becomes of its asks ("brief" for `brief:<uuid>`)."""
    handler = Handler(carry_out, price_now, about)
    if _handlers.get(kind, handler) != handler:
        raise ImproperlyConfigured(f"Asks about a '{kind}' are answered for already.")
    _handlers[kind] = handler


def _handler_of(asked: Ask) -> Handler:
    return _handlers[asked.reference.partition(":")[0]]


def price_now(asked: Ask) -> Decimal:
    """Credits that it would cost now; as it was asked where nobody can tell."""
    price = _handler_of(asked).price_now(asked)
    return asked.amount if price is None else price


def about(asked: Ask) -> About:
    """What waits, in words and pictures."""
    return _handler_of(asked).about(asked)


def take_up(asked: Ask) -> bool:
    """For a handler, under the lock of what waits: whether it is still to be carried out. With
    the handler's transaction it is then written as done."""
    locked = Ask.objects.select_for_update().get(pk=asked.pk)
    if locked.carried_out_at is not None:
        return False
    locked.carried_out_at = clock.now()
    locked.save(update_fields=["carried_out_at"])
    return True


def carry_out_all() -> int:
    """End what is too old, and bring every answer to what waits for it. Returns how many.

    May run at any time, and beside itself: an answer is carried out once.
    """
    expire()
    rows = Ask.objects.filter(state__in=_TO_CARRY_OUT, carried_out_at=None)
    related = rows.select_related("workspace", "asked_by__user", "asked_by__workspace")
    return sum(_carry_out(asked) for asked in related.order_by("answered_at", "id")[:BATCH])


def _carry_out(asked: Ask) -> bool:
    """One ask's trouble never stops the others."""
    try:
        _handler_of(asked).carry_out(asked)
    except Exception:
        logger.exception("ask %s could not be carried out", asked.public_id)
        return False
    return True
