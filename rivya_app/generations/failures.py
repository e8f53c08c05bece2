"""Makes the card that explains a failed or waiting job, with the steps its reader can take."""

from django.urls import reverse
from django.utils.translation import gettext as _

from rivya_app.core.buttons import Action
from rivya_app.gateway.refusals import (
    STEP_WORDS,
    FailureCard,
    FailureWords,
    Reader,
    Step,
    refusal_card,
    team_steps,
    who_can,
)
from rivya_app.generations.cost_facts import cost_fact
from rivya_app.generations.failure_words import WORDS, words_for, words_of_job
from rivya_app.generations.models import Generation, Status
from rivya_app.generations.support_bundle import bundle
from rivya_app.workspaces.access import MAY_SUBMIT
from rivya_app.workspaces.models import Membership

LOW_CREDITS = "insufficient_credits"
# The part of a new attempt's form that each is about.
_ABOUT_THE_JOB = {Step.MODEL: "#id_model_id", Step.FILE: "#references"}


def card_for(generation: Generation, reader: Reader | None = None) -> FailureCard | None:
    """The card of a job that failed, or that waits for something; None where all is well.

    Without a reader it has no buttons.
    """
    is_failed = generation.status == Status.FAILED
    if not (is_failed or generation.error_code or generation.needs_look):
        return None
    words = _words(generation)
    return FailureCard(
        title=str(words.title),
        happened=str(words.happened),
        cost=cost_fact(generation),
        change=_change(generation, words),
        rivya_url=words.rivya_url,
        tone=_tone(generation),
        who=who_can(words, reader),
        steps=_steps(generation, words, reader),
        bundle=bundle(generation),
        bundle_id=f"bundle-{generation.public_id}",
    )


def refusal(code: str, member: Membership) -> FailureCard:
    """The card of an ask that was refused before there was a job."""
    return refusal_card(words_for(code), Reader(member))


def in_short(code: str) -> str:
    """A refusal in two sentences, for a message or a form's error."""
    return words_for(code).in_short


def _words(generation: Generation) -> FailureWords:
    """Why it must be looked at comes first, then that nothing is known, then the last answer."""
    if generation.is_open and generation.needs_look and generation.look_reason:
        return words_of_job(generation.look_reason, is_open=True)
    if generation.is_open and generation.is_uncertain:
        is_conflict = generation.error_code == "idempotency_conflict"
        return words_for("idempotency_conflict" if is_conflict else "uncertain")
    code = generation.error_code
    if code == "validation_failed" and generation.reference_count:
        code = "validation_failed_files"  # Rivya does not say which part it refused
    if generation.is_open and code not in WORDS and generation.waits_for:
        code = generation.waits_for  # what it waits for says more than why the last try failed
    return words_of_job(code, is_open=generation.is_open)


def _change(generation: Generation, words: FailureWords) -> str:
    if generation.needs_look and not generation.look_reason:
        return _(
            "This has gone on for too long. It is still being asked about; support can see it."
        )
    return str(words.change)


def _tone(generation: Generation) -> str:
    if generation.error_code == LOW_CREDITS:
        return "low_credits"
    if generation.status == Status.FAILED:
        return "failed"
    return "warning" if generation.needs_look else "waiting"


def _steps(generation: Generation, words: FailureWords, reader: Reader | None) -> list[Action]:
    """For those who may start jobs the one about the job, then what the reader can do for all."""
    return _own_step(generation, words, reader) + team_steps(words.steps, reader)


def _own_step(generation: Generation, words: FailureWords, reader: Reader | None) -> list[Action]:
    step = next((step for step in words.steps if step in _ABOUT_THE_JOB), None)
    may = reader is not None and reader.member.has_role(*MAY_SUBMIT)
    if step is None or generation.is_open or not may:
        return []
    # Which brief a job belongs to is not known here; this address finds it.
    url = reverse("briefs:attempt-of-job", args=[generation.public_id])
    return [Action(str(STEP_WORDS[step]), url + _ABOUT_THE_JOB[step])]
