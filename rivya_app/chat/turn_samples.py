"""A question in every state for the style guide, made without a row."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace as Sample
from typing import Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.chat import turn_words
from rivya_app.chat.models import Status, Turn
from rivya_app.chat.turn_cards import TurnCard
from rivya_app.core import clock
from rivya_app.core.styleguide.sections import Section
from rivya_app.gateway.refusals import Reader

PAUSED, NO_KEY, FAILED = "paused", "api_key_revoked", "generation_failed"


def samples() -> list[tuple[str, dict[str, Any]]]:
    """Each state's name with its card."""
    made = [
        ("waiting", Status.WAITING, {}),
        ("queued", Status.PENDING, {}),
        ("paused", Status.PENDING, {"waits_for": PAUSED, "error_code": PAUSED}),
        ("no key", Status.PENDING, {"waits_for": NO_KEY, "error_code": NO_KEY}),
        ("answering", Status.STREAMING, {"answer": _half()}),
        ("answered", Status.ANSWERED, {"answer": _whole(), **_settled(2)}),
        ("cost guessed", Status.ANSWERED, _guessed()),
        ("stopped", Status.STOPPED, {"answer": _half()}),
        ("interrupted", Status.INTERRUPTED, {"answer": _half(), "error_code": "stream_broken"}),
        ("broken off", Status.INTERRUPTED, _broken_off()),
        ("failed", Status.FAILED, {"error_code": FAILED, "send_count": 1, **_settled(0)}),
        ("refused", Status.FAILED, {"error_code": "owner_refused", **_settled(0)}),
    ]
    cards = (_card(place, status, fields) for place, (_n, status, fields) in enumerate(made))
    return [(name, {"card": card}) for (name, _s, _f), card in zip(made, cards, strict=True)]


def _half() -> str:
    return _("Here is a first direction for the **blue mug**.\n\nLead with one clear")


def _whole() -> str:
    points = _("- Name the material and the size.\n- Show it in use once, with daylight.")
    return f"{_('Here is a first direction for the **blue mug**.')}\n\n{points}"


def _guessed() -> dict[str, Any]:
    return {"answer": _whole(), **_settled(3), "is_cost_guessed": True}


def _broken_off() -> dict[str, Any]:
    return {"answer": _half(), "error_code": "stream_broken", **_settled(0)}


def _settled(cost: int) -> dict[str, Any]:
    return {
        "settled_at": clock.now(),
        "final_credits": Decimal(cost),
        "input_tokens": 1200 if cost else None,
        "output_tokens": 320 if cost else None,
    }


def _card(place: int, status: Status, fields: dict[str, Any]) -> TurnCard:
    began = clock.now() - timedelta(minutes=2)
    turn = Turn(
        number=place + 1,
        status=status,
        question=_("How should I describe a blue mug?"),
        estimated_credits=Decimal(3),
        created_at=began,
        changed_at=began,
        **fields,
    )
    if not turn.is_open:
        turn.finished_at = began + timedelta(seconds=12)
    reader = _reader()
    return TurnCard(turn, reader, failure=turn_words.card_of(turn, reader))


def _reader() -> Reader:
    """Nobody of any workspace: may press nothing, and knows one owner by name."""
    nobody = Sample(pk=0, has_role=lambda *_roles: False)
    return cast(Reader, Sample(member=nobody, owner_names=["Vikram Owner"], is_owner=False))


SECTION = Section(
    "turns",
    gettext_lazy("A question to the assistant"),
    "chat/_turn_sample.html",
    samples,
    css="css/assistant.css",
)
