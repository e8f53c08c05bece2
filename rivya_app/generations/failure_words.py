"""The words for every way a job can end badly or be kept waiting: one entry per code of Rivya's
error table and per refusal of our own, gathered from the rooms below. Facts about credits are not
here: they come from the job's own numbers (`cost_facts.py`)."""

import re
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from rivya_app.gateway import refusal_words
from rivya_app.gateway.refusals import (
    CREDITS_PAGE,
    FAILED_PAGE,
    MODELS_PAGE,
    TROUBLE_PAGE,
    WAITING_PAGE,
    FailureWords,
    Step,
)
from rivya_app.library import troubles

GENERAL = FailureWords(
    _("This job could not be finished"),
    _("Rivya reported a problem that this workspace does not know by name yet."),
    _("Try a new attempt. If it happens again, copy the details below for support."),
    page=TROUBLE_PAGE,
)

_FROM_RIVYA: dict[str, FailureWords] = {
    "generation_failed": FailureWords(
        _("No result came out of this job"),
        _("Rivya accepted the job but the model could not finish it."),
        _(
            "Make the description shorter and more concrete, or choose another model, "
            "then start a new attempt."
        ),
        page=FAILED_PAGE,
        steps=(Step.MODEL,),
    ),
    "insufficient_credits": FailureWords(
        _("Not enough credits"),
        _("The balance at Rivya was too low when this job was sent."),
        _("Ask the account owner to top up. The brief is kept, nothing has to be typed again."),
        page="/settings/credits",
        steps=(Step.TOP_UP,),
        asks_owner=True,
    ),
    "validation_failed": FailureWords(
        _("The settings were not accepted"),
        _("The model did not accept the description or one of its settings."),
        _("Change the description or go back to the usual settings, then start a new attempt."),
        page=MODELS_PAGE,
        steps=(Step.MODEL,),
    ),
    "validation_failed_files": FailureWords(
        _("Something in it was not accepted"),
        _("The model did not accept the description, one of its settings or a reference file."),
        _(
            "Change the description, go back to the usual settings or use another file, "
            "then start a new attempt."
        ),
        page="/docs/image-references",
        steps=(Step.FILE,),
    ),
    "not_found": FailureWords(
        _("Rivya does not know this job any more"),
        _("The model or the job is no longer there under this account."),
        _("Choose another model and start a new attempt."),
        page=MODELS_PAGE,
        steps=(Step.MODEL, Step.MODELS),
    ),
}

_DECISIONS: dict[str, FailureWords] = {
    "budget_reached": FailureWords(
        _("The budget is used up"),
        _("This job would cost more than is left in the budget set for it."),
        _("The account owner can raise the budget, or it starts anew with its next period."),
        page=CREDITS_PAGE,
        asks_owner=True,
    ),
    "waiting_for_owner": FailureWords(
        _("Waiting for the account owner"),
        _("The price is above the limit that needs a yes. The owner has been asked."),
        _("Nothing to do: the job starts as soon as the owner says yes."),
        page=CREDITS_PAGE,
        is_waiting=True,
        asks_owner=True,
    ),
    "owner_said_no": FailureWords(
        _("The account owner said no"),
        _("The job was above the price limit and was not agreed to."),
        _("Ask the owner about it, or start a new attempt that costs less."),
        page=CREDITS_PAGE,
        steps=(Step.MODEL,),
    ),
    "gate_expired": FailureWords(
        _("Nobody answered in time"),
        _("The job needed the owner's yes, and the time for it ran out."),
        _("Start a new attempt; the owner is asked again."),
        page=CREDITS_PAGE,
    ),
    "released_by_desk": FailureWords(
        _("Closed by support"),
        _("The job could not go on, so it was closed and its credits were let go here."),
        _("Start a new attempt. Should Rivya have run it after all, the balance shows it."),
        page=FAILED_PAGE,
        steps=(Step.MODEL,),
    ),
    "paused": FailureWords(
        _("Work is paused"),
        _("New jobs are held here until the pause ends."),
        _("Nothing to do: the job keeps its place and none is lost."),
        page=WAITING_PAGE,
        is_waiting=True,
    ),
}

# Why an open job waits, or needs a person to look at it.
_OPEN: dict[str, FailureWords] = {
    "overdue": FailureWords(
        _("Much longer than usual"),
        _("The job has run far longer than jobs of this kind do. Rivya still has it."),
        _("Nothing to do: it is asked about until an answer comes, and support can see it."),
        page=WAITING_PAGE,
        is_waiting=True,
    ),
    "references": FailureWords(
        _("The reference files are on their way"),
        _("At least one of them has not reached Rivya yet. The job has not been started."),
        _("Nothing to do: they are sent again by themselves, then the job starts."),
        page=WAITING_PAGE,
        is_waiting=True,
    ),
    "references_late": FailureWords(
        _("The reference files have not reached Rivya"),
        _("Sending them on takes far longer than it should. The job has not been started."),
        _("Nothing to do: they are sent again by themselves, and support can see it."),
        page=WAITING_PAGE,
        is_waiting=True,
    ),
    "body_changed": FailureWords(
        _("Stopped before sending"),
        _("What is about to be sent is not what was sent before, so it was not sent."),
        _("Support can see it. A new attempt is a new job with its own price."),
        page=TROUBLE_PAGE,
        is_waiting=True,
    ),
    "other_task": FailureWords(
        _("Rivya named a second job"),
        _("Rivya's answers speak of two jobs where one was asked for. Only the first is followed."),
        _("Nothing to do: the first one goes on, and support can see it."),
        page=TROUBLE_PAGE,
        is_waiting=True,
    ),
    "success_without_result": FailureWords(
        _("Finished, but without a result"),
        _("Rivya says that the job succeeded, and sends no file."),
        _("Nothing to do: it is asked about until the file comes, and support can see it."),
        page=FAILED_PAGE,
        is_waiting=True,
    ),
}

WORDS: dict[str, FailureWords] = {
    **refusal_words.WORDS,
    **troubles.WORDS,
    **_FROM_RIVYA,
    **_DECISIONS,
    **_OPEN,
}

_HTTP = re.compile(r"http_(\d)\d\d")
_OVER = _("This job is over. Start a new attempt once that is put right.")
_GOES_ON = _("Nothing to do: the same job is asked about again and cannot be charged twice.")


def words_for(code: str) -> FailureWords:
    """The words of a code, of an HTTP status written `http_502`, or the general ones."""
    status = _HTTP.fullmatch(code)
    if status is None:
        return WORDS.get(code, GENERAL)
    if status[1] == "5":
        return refusal_words.SERVER_FAULT
    return refusal_words.REFUSED_WITHOUT_A_WORD


def words_of_job(code: str, *, is_open: bool) -> FailureWords:
    """The same, never telling a closed job that it goes on, nor an open one to be made anew."""
    found = words_for(code)
    if is_open == found.is_waiting:
        return found
    if is_open:
        return replace(found, change=_GOES_ON, steps=(), is_waiting=True)
    return replace(found, change=_OVER, is_waiting=False)
