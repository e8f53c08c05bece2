"""Words of the desk for questions to the assistant: why one stands there, what happened to it."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rivya_app.generations.failure_words import GENERAL, words_for

Text = str | Promise

# What a job's words would say of a job, or do not know.
_CAUSES: dict[str, Text] = {
    "": _("No reason is known"),
    "attachments": _("Waits for its pictures to reach Rivya"),
    "attachment_gone": _("A picture of it is gone"),
    "attachment_refused": _("Rivya did not take a picture of it"),
    "attachment_unready": _("A picture of it could not be sent"),
    "bad_answer": _("Rivya’s answer could not be read"),
    "body_changed": _("What is stored is not the question that was frozen"),
    "chat_session_conflict": _("Rivya no longer continues this conversation"),
    "cost_unknown": _("What it cost is not known yet"),
    "generation_failed": _("Rivya began an answer and could not finish it"),
    "insufficient_credits": _("Not enough credits"),
    "late": _("Has waited for long"),
    "needs_yes": _("Waits for an owner’s yes"),
    "no_answer": _("No answer came"),
    "not_found": _("Rivya no longer has the conversation"),
    "over_limit": _("A limit left too little for it"),
    "over_own_cap": _("The person’s own cap left too little for it"),
    "owner_refused": _("An owner said no"),
    "owner_silent": _("No owner answered in time"),
    "paused": _("Work is paused"),
    "rate_budget": _("Waits its turn: the key’s pace is used up"),
    "stream_broken": _("The answer broke off"),
    "stream_silent": _("The answer stopped coming"),
    "validation_failed": _("Rivya did not accept the question"),
    "waited_too_long": _("Rivya did not take it for an hour"),
    "worker_lost": _("The process that wrote the answer ended"),
}

_EVENTS: dict[str, Text] = {
    "answered": _("Answered"),
    "asked": _("Question asked"),
    "attachments_renewed": _("Rivya no longer took its pictures; they are sent again"),
    "cost_guessed": _("Rivya did not say what it cost; what was held counts as spent"),
    "cost_told": _("Rivya said what it cost"),
    "desk_asked": _("Support had its session looked at"),
    "desk_gave_up": _("Support ended the search for its cost"),
    "desk_handled": _("Support marked it as handled"),
    "desk_noted": _("Support made a note"),
    "desk_reopened": _("Support put it back on the desk"),
    "desk_sent": _("Support had it sent now"),
    "failed": _("Failed"),
    "granted": _("An owner said yes"),
    "interrupted": _("The end of the answer was not seen"),
    "no_answer_found": _("Its session holds no answer"),
    "recovered": _("The whole answer was found in its session"),
    "stop_asked": _("Somebody wanted it to stop"),
    "stopped": _("Stopped"),
    "streaming": _("Sent to Rivya"),
    "waiting": _("Not taken up yet; it will be sent again"),
}


def cause_words(code: str) -> str:
    """Why a question stands at the desk, in a few plain words."""
    if code in _CAUSES:
        return str(_CAUSES[code])
    words = words_for(code)
    return str(_("Rivya reported a problem")) if words is GENERAL else str(words.title)


def event_words(kind: str) -> str:
    """What an event of a question is called; the kind itself where nobody knows it."""
    return str(_EVENTS.get(kind, kind))
