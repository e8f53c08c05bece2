"""Every failure card for the style guide, made without a job."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from rivya_app.core.buttons import Action
from rivya_app.core.styleguide.sections import Section
from rivya_app.gateway.refusals import STEP_WORDS, FailureCard, FailureWords
from rivya_app.generations.cost_facts import cost_fact
from rivya_app.generations.failure_words import GENERAL, WORDS, words_for
from rivya_app.generations.failures import LOW_CREDITS
from rivya_app.generations.models import Generation, Status

_HTTP_SAMPLES = ("http_418", "http_502")


def samples() -> list[tuple[str, dict[str, Any]]]:
    """Each code with its card, then an unknown one."""
    entries = {**WORDS, **{code: words_for(code) for code in _HTTP_SAMPLES}, "…": GENERAL}
    return [(code, {"failure": _card(code, words)}) for code, words in entries.items()]


def _card(code: str, words: FailureWords) -> FailureCard:
    return FailureCard(
        title=str(words.title),
        happened=str(words.happened),
        change=str(words.change),
        cost=_cost(code, words),
        rivya_url=words.rivya_url,
        tone="low_credits" if code == LOW_CREDITS else "waiting" if words.is_waiting else "failed",
        steps=[Action(str(STEP_WORDS[step]), "#failures") for step in words.steps[:1]],
    )


def _cost(code: str, words: FailureWords) -> str:
    """As for a job that waits, one that was refused, or the one that Rivya had begun."""
    if words.is_waiting:
        is_uncertain = code in {"uncertain", "idempotency_conflict", "no_answer", "bad_answer"}
        return cost_fact(Generation(status=Status.QUEUED, is_uncertain=is_uncertain))
    begun = {"task_id": "task", "reserved_credits": Decimal(5), "final_credits": Decimal(0)}
    return cost_fact(
        Generation(status=Status.FAILED, **begun if code == "generation_failed" else {})
    )


SECTION = Section("failures", _("Every failure"), "components/_failure_card.html", samples)
