"""The desk's lists of questions to the assistant, by number, person and state alone: what was
asked and answered is private."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Case, CharField, F, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.chat import access
from rivya_app.chat.gating import REFUSED, SILENT
from rivya_app.chat.models import CLOSED_STATUSES, Status, Turn
from rivya_app.core import clock
from rivya_app.core.text import credit_words
from rivya_app.desk.sources import KEY, MODEL, PERSON, Item, Source, by_public_id
from rivya_app.desk.turn_acts import name_of
from rivya_app.desk.turn_words import cause_words
from rivya_app.gateway import catalogue
from rivya_app.workspaces.models import Membership

WAITS_LONG = timedelta(minutes=2)
UNSETTLED_LONG = timedelta(minutes=30)


def open_ended(member: Membership) -> QuerySet[Turn]:
    """Not answered for a while, or over without its cost being known; by partial indexes."""
    now = clock.now()
    waits = Q(status__in=[Status.WAITING, Status.PENDING], created_at__lt=now - WAITS_LONG)
    unsettled = Q(
        status__in=CLOSED_STATUSES,
        settled_at=None,
        next_check_at__isnull=False,
        finished_at__lt=now - UNSETTLED_LONG,
    )
    return access.turns_at_desk(member).filter(waits | unsettled)


def broken(member: Membership) -> QuerySet[Turn]:
    """Failed or interrupted; an owner's no is an answer and no trouble."""
    rows = access.turns_at_desk(member).filter(status__in=[Status.FAILED, Status.INTERRUPTED])
    return rows.exclude(error_code__in=[REFUSED, SILENT])


_REFERENCE = Concat(Value("turn:"), Cast("public_id", TextField()), output_field=CharField())
_WHY_OPEN = Case(
    When(finished_at__isnull=False, then=Value("cost_unknown")),
    When(status=Status.WAITING, then=Value("needs_yes")),
    When(~Q(error_code=""), then=F("error_code")),
    When(~Q(waits_for=""), then=F("waits_for")),
    default=Value("late"),
    output_field=CharField(),
)


def items(_member: Membership, turns: Sequence[Turn]) -> list[Item]:
    names = catalogue.names_of(turn.model_id for turn in turns)
    return [
        Item(
            reference=turn.reference,
            title=name_of(turn),
            url=reverse("desk:show-turn", args=[turn.public_id]),
            at=turn.finished_at or turn.created_at,
            who=str(turn.member),
            credits=price_words(turn),
            model=names[turn.model_id],
            media_kind="chat",
        )
        for turn in turns
    ]


def price_words(turn: Turn) -> str:
    """What it cost, or what is held for it."""
    if turn.final_credits is not None:
        words = credit_words(turn.final_credits)
        return _("%(credits)s, a guess") % {"credits": words} if turn.is_cost_guessed else words
    if turn.status == Status.WAITING:
        return _("Nothing held yet")
    amount = turn.reserved_credits or turn.estimated_credits
    return _("%(credits)s held") % {"credits": credit_words(amount)}


def _of_turns(**said: Any) -> Source:
    same = {
        "words": cause_words,
        "reference": _REFERENCE,
        "named": by_public_id,
        "tie": "public_id",
        "items": items,
        "columns": {PERSON: "member", MODEL: "model_id", KEY: "api_key"},
    }
    return Source(**{**same, **said})


SOURCES = (
    _of_turns(
        kind="questions",
        label=gettext_lazy("Questions"),
        about=gettext_lazy(
            "Questions to the assistant that wait, and ended ones whose cost Rivya has not told. "
            "What was asked is not shown."
        ),
        tone="queued",
        rows=open_ended,
        cause=_WHY_OPEN,
        at="created_at",
        acts=("turn_look", "turn_send", "turn_give_up"),
    ),
    _of_turns(
        kind="answers",
        label=gettext_lazy("Broken answers"),
        about=gettext_lazy("Questions to the assistant that failed or broke off."),
        tone="failed",
        rows=broken,
        cause=F("error_code"),
        at="finished_at",
        acts=("turn_look",),
    ),
)
