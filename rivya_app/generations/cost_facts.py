"""What a job cost, said only as far as its numbers prove it. No return is ever promised."""

from django.utils.translation import gettext as _

from rivya_app.core.text import credit_words
from rivya_app.generations.models import Generation, Status


def cost_fact(generation: Generation) -> str:
    """One sentence about the credits of a job that failed or waits."""
    if generation.status == Status.FAILED:
        was_had = generation.task_id or _is_open_question(generation)
        return _of_failed(generation) if was_had else _of_refused(generation)
    if generation.status == Status.SUCCEEDED:
        return _cost(_("It cost %(credits)s."), generation.final_credits or 0)
    if generation.is_uncertain:
        return _("Whether credits were taken is not known yet. A second charge is not possible.")
    if generation.task_id:
        return _cost(
            _("%(credits)s are reserved while the job runs."), generation.reserved_credits or 0
        )
    return _("No credits were taken so far.")


def _is_open_question(generation: Generation) -> bool:
    """Whether it was closed here before anybody knew what Rivya made of it."""
    return generation.error_code == "released_by_desk" and generation.final_credits is None


def _of_failed(generation: Generation) -> str:
    """Rivya had the job; its own final number says what it kept."""
    if generation.final_credits is None:
        return _("What it cost in the end is not known. Reserved credits may be returned.")
    if generation.final_credits:
        kept = _cost(_("Rivya took %(credits)s."), generation.final_credits)
        return kept + " " + _("Credits of a failed job may be returned; Rivya decides that.")
    if not generation.reserved_credits:
        return _("No credits were taken.")
    said = _("%(credits)s had been reserved. Rivya reports that none were taken in the end.")
    return _cost(said, generation.reserved_credits)


def _of_refused(generation: Generation) -> str:
    """Rivya refused the job itself, or it was never sent.

    One send that was refused proves that nothing was taken. Had an earlier send been accepted
    unseen, the same key would have brought its job back instead of a refusal; that rests on
    Rivya's word about keys, not on this answer.
    """
    if generation.submit_count <= 1:
        return _("No credits were taken.")
    return _("Rivya refused the job when it was sent again. No charge for it is known.")


def _cost(sentence: str, amount: object) -> str:
    return sentence % {"credits": credit_words(amount)}  # type: ignore[arg-type]
