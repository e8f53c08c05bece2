"""The words for every way a question can end badly or be kept waiting, by the code of Rivya or of
our own. What it cost is not here: the turn's own numbers say that (`turn_words.py`)."""

import re
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from rivya_app.gateway import refusal_words
from rivya_app.gateway.refusals import (
    CREDITS_PAGE,
    FAILED_PAGE,
    TROUBLE_PAGE,
    UPLOADS_PAGE,
    WAITING_PAGE,
    FailureWords,
    Step,
    Text,
)

_BY_ITSELF = _("Nothing to do: your question keeps its place and is sent by itself.")
_AGAIN = _("Ask again when you like; that is a new question with its own price.")
_ASKING = _("Nothing to do: we are asking Rivya what came of it. Nothing is asked again by itself.")


def _waits(
    title: Text, happened: Text, change: Text = _BY_ITSELF, page: str = WAITING_PAGE
) -> FailureWords:
    return FailureWords(title, happened, change, page=page, is_waiting=True)


def _as_for_jobs(change: Text, *codes: str) -> dict[str, FailureWords]:
    """What is true of any call to Rivya, whatever it asks for; only what follows differs."""
    return {code: replace(refusal_words.WORDS[code], change=change) for code in codes}


_WITH_A_KEY = _("The question goes on by itself once the account owner has a working key in place.")
QUEUED = _waits(_("Queued"), _("Your question is sent in a moment."), "")

_WAITING: dict[str, FailureWords] = {
    "paused": _waits(_("Work is paused"), _("New questions are held here until the pause ends.")),
    "session": _waits(
        _("Finding where the conversation goes on"),
        _(
            "The question before broke off. Its place at Rivya is looked up first, so that the "
            "assistant knows what was said."
        ),
    ),
    "attachments": _waits(
        _("The pictures are on their way"),
        _("They are not all at Rivya yet, so the question has not been sent."),
        page=UPLOADS_PAGE,
    ),
    **_as_for_jobs(_BY_ITSELF, "rate_limited", "rate_budget", "public_api_disabled"),
    "no_answer": _waits(_("Rivya cannot be reached"), _("The question has not left here yet.")),
    "chat_session_conflict": _waits(
        _("Rivya is still busy with the question before"),
        _("That one broke off here, and Rivya has not let go of it yet."),
    ),
    **_as_for_jobs(
        _WITH_A_KEY,
        "api_key_missing",
        "api_key_invalid",
        "api_key_revoked",
        "api_key_expired",
        "api_scope_denied",
    ),
    "no_key": replace(
        refusal_words.WORDS["no_key"],
        happened=_("There is no key that could send this question."),
        change=_WITH_A_KEY,
        is_waiting=True,
    ),
}
_STILL_WAITS = _waits(_("Waiting for Rivya"), _("Rivya did not take the question yet."))

_INTERRUPTED = {
    "worker_lost": _waits(
        _("The answer was interrupted"),
        _("The program that was writing it down stopped in the middle. What came is kept."),
        _ASKING,
    ),
    "stream_silent": _waits(
        _("The answer stopped coming"),
        _("Rivya fell silent in the middle of it. What came is kept."),
        _ASKING,
    ),
    "stream_broken": _waits(
        _("The answer was interrupted"),
        _("The connection to Rivya broke in the middle of it. What came is kept."),
        _ASKING,
    ),
}
_BROKE_OFF = _waits(
    _("The answer was interrupted"),
    _("Rivya may have taken the question, and no end of an answer was seen."),
    _ASKING,
)

_FAILED: dict[str, FailureWords] = {
    "attachment_gone": FailureWords(
        _("A picture is not here any more"),
        _("It was removed before the question could be sent."),
        _("Ask again without it, or attach another one."),
        page=UPLOADS_PAGE,
    ),
    "attachment_unready": FailureWords(
        _("A picture could not be made ready"),
        _("It could not be prepared for Rivya, so the question was not sent."),
        _("Ask again without it, or attach another one."),
        page=UPLOADS_PAGE,
    ),
    "attachment_refused": FailureWords(
        _("Rivya refused a picture"),
        _("It did not take one of the pictures, so the question was not sent."),
        _("Ask again with another picture: a JPEG, PNG or WebP file."),
        page=UPLOADS_PAGE,
    ),
    "chat_attachment_not_supported": FailureWords(
        _("Rivya refused a picture"),
        _("It did not take one of the pictures with this question."),
        _("Ask again with another picture: a JPEG, PNG or WebP file."),
        page=UPLOADS_PAGE,
    ),
    "chat_model_not_supported": FailureWords(
        _("This model cannot be asked any more"),
        _("Rivya does not offer it for conversations now."),
        _("Go on in a new conversation with another model."),
        page="/docs/api-models",
        steps=(Step.MODELS,),
    ),
    "body_changed": FailureWords(
        _("Stopped before sending"),
        _("What was about to be sent is not what was recorded, so it was not sent."),
        _("Support can see it. Ask again to have it recorded anew."),
        page=TROUBLE_PAGE,
    ),
    "waited_too_long": FailureWords(
        _("It waited too long"),
        _("For an hour the question could not be sent, so it was given up."),
        _AGAIN,
        page=WAITING_PAGE,
    ),
    "owner_refused": FailureWords(
        _("The account owner said no"),
        _("The question needed a yes and was not agreed to."),
        _("Talk to the owner, or ask something that costs less."),
        page=CREDITS_PAGE,
    ),
    "owner_silent": FailureWords(
        _("Nobody answered in time"),
        _("The question needed an owner’s yes, and the time for it ran out."),
        _("Ask again; the owners are asked again too."),
        page=CREDITS_PAGE,
    ),
    "insufficient_credits": FailureWords(
        _("Not enough credits"),
        _("The balance does not cover this question."),
        _("Ask again once credits were added. Nothing has to be typed again."),
        page="/settings/credits",
        steps=(Step.TOP_UP,),
        asks_owner=True,
    ),
    "over_limit": FailureWords(
        _("A limit is used up"),
        _("When the owner said yes, a limit left less than this question needs."),
        _("Ask again once there is room."),
        page=CREDITS_PAGE,
        asks_owner=True,
    ),
    "over_own_cap": FailureWords(
        _("Your own cap is used up"),
        _("When the owner said yes, your own cap left less than this question needs."),
        _("Raise your cap, or ask again next month."),
        page=CREDITS_PAGE,
    ),
    "chat_session_conflict": FailureWords(
        _("This conversation cannot go on"),
        _("Rivya does not continue it with this model."),
        _("Go on in a new conversation. This one stays to be read."),
        page="/docs/api-chat",
    ),
    "not_found": FailureWords(
        _("Rivya does not know this conversation any more"),
        _("Its own copy of the conversation is gone."),
        _("Go on in a new conversation. This one stays to be read."),
        page="/docs/api-chat",
    ),
    "validation_failed": FailureWords(
        _("The question was not accepted"),
        _("The model did not accept its text or one of its settings."),
        _("Change the question and ask again."),
        page="/docs/api-chat",
    ),
    "generation_failed": FailureWords(
        _("No answer came out of it"),
        _("Rivya took the question, and the model could not finish the answer."),
        _AGAIN,
        page=FAILED_PAGE,
    ),
    "internal_error": FailureWords(
        _("Something went wrong at Rivya"),
        _("Rivya reported a fault of its own while it was answering."),
        _AGAIN,
        page=TROUBLE_PAGE,
    ),
}
_GENERAL = FailureWords(
    _("This question could not be answered"),
    _("Rivya reported a problem that this workspace does not know by name yet."),
    _("Ask again. If it happens again, copy the details below for support."),
    page=TROUBLE_PAGE,
)
_REFUSED_WITHOUT_A_WORD = FailureWords(
    refusal_words.REFUSED_WITHOUT_A_WORD.title,
    refusal_words.REFUSED_WITHOUT_A_WORD.happened,
    _("Ask again in a while. If it happens again, copy the details below for support."),
    page=TROUBLE_PAGE,
)
_HTTP = re.compile(r"http_(\d)\d\d")


def waiting(code: str) -> FailureWords:
    """Why a question is not sent yet."""
    return _WAITING.get(code, _STILL_WAITS) if code else QUEUED


def interrupted(code: str) -> FailureWords:
    """Why the end of an answer was not seen."""
    return _INTERRUPTED.get(code, _BROKE_OFF)


def failed(code: str) -> FailureWords:
    """Why there is no answer, or no whole one."""
    status = _HTTP.fullmatch(code)
    if status is None:
        return _FAILED.get(code, _GENERAL)
    return _FAILED["internal_error"] if status[1] == "5" else _REFUSED_WITHOUT_A_WORD
