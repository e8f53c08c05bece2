"""Makes the card that explains a failed or waiting job: facts instead of promises."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from rivya_app import __version__
from rivya_app.core.text import credit_words
from rivya_app.gateway.rivya_pages import rivya_page
from rivya_app.generations.failure_words import GENERAL, WORDS, FailureWords
from rivya_app.generations.models import Generation, Status


@dataclass(frozen=True, slots=True)
class FailureCard:
    """What happened, what it cost as a fact, and what to change."""

    title: str
    happened: str
    cost: str
    change: str
    rivya_url: str
    rivya_label: str
    tone: str  # failed, low_credits or waiting
    bundle: str = ""


def words_for(code: str) -> FailureWords:
    return WORDS.get(code, GENERAL)


def card_for(generation: Generation) -> FailureCard | None:
    """The card of a job that failed, or that waits for something; None where all is well."""
    is_failed = generation.status == Status.FAILED
    if not (is_failed or generation.error_code or generation.needs_look):
        return None
    words = words_for(generation.error_code)
    if generation.is_uncertain and not is_failed:
        words = WORDS["idempotency_conflict"]
    return FailureCard(
        title=str(words.title),
        happened=str(words.happened),
        cost=cost_fact(generation),
        change=_needs_look_words() if generation.needs_look else str(words.change),
        rivya_url=rivya_page(words.page),
        rivya_label=_("Rivya's page about this"),
        tone=_tone(generation),
        bundle=bundle(generation) if is_failed or generation.needs_look else "",
    )


def _tone(generation: Generation) -> str:
    if generation.error_code == "insufficient_credits":
        return "low_credits"
    return "failed" if generation.status == Status.FAILED else "waiting"


def _needs_look_words() -> str:
    return _("This has gone on for too long. It is still being asked about; support can see it.")


def cost_fact(generation: Generation) -> str:
    """Only what the numbers prove. A return of credits is never promised."""
    if generation.status == Status.FAILED:
        return _failed_cost(generation)
    if generation.is_uncertain:
        return _("Whether credits were taken is not known yet. A second charge is not possible.")
    if generation.task_id:
        return _("Credits are reserved while the job runs.")
    return _("No credits were taken so far.")


def _failed_cost(generation: Generation) -> str:
    if not generation.task_id or not generation.reserved_credits:
        return _("No credits were taken.")
    if generation.final_credits:
        return _("Rivya kept %(credits)s.") % {"credits": credit_words(generation.final_credits)}
    return _("%(credits)s had been reserved; nothing was charged in the end.") % {
        "credits": credit_words(generation.reserved_credits)
    }


def bundle(generation: Generation) -> str:
    """Text to hand to support: ids, times, model and codes; no secret, no link, no prompt."""
    rows = {
        "job": generation.public_id,
        "task": generation.task_id or "-",
        "request": generation.request_id or "-",
        "code": generation.error_code or "-",
        "status": f"{generation.status} / {generation.remote_status or '-'}",
        "model": generation.model_id,
        "key": generation.api_key.shown,
        "credits": f"reserved {generation.reserved_credits}, final {generation.final_credits}",
        "created": f"{generation.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "finished": f"{generation.finished_at:%Y-%m-%dT%H:%M:%SZ}"
        if generation.finished_at
        else "-",
        "sends": generation.submit_count,
        "body sha256": generation.body_sha256,
        "version": __version__,
    }
    return "\n".join(f"{name}: {value}" for name, value in rows.items())
