"""Every verdict of readiness.py in words, with what mends it. A new code needs a row here."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rivya_app.core.text import credit_words
from rivya_app.workflows.facts import Known

TITLES: dict[str, Promise] = {
    "account": gettext_lazy("Account access"),
    "model": gettext_lazy("Model choice"),
    "reference": gettext_lazy("Reference input"),
    "generation": gettext_lazy("Generation"),
    "chat": gettext_lazy("Chat"),
    "status": gettext_lazy("Status"),
    "completion": gettext_lazy("Completion event"),
    "credits": gettext_lazy("Credits"),
}
QUESTIONS: dict[str, Promise] = {
    "account": gettext_lazy("Which account and which key pay?"),
    "model": gettext_lazy("Which model does the work?"),
    "reference": gettext_lazy("Does it need reference files, and of which kinds?"),
    "generation": gettext_lazy("Is a file made, and how is it asked for?"),
    "chat": gettext_lazy("Or is it a turn in a conversation?"),
    "status": gettext_lazy("How do we know how far it is?"),
    "completion": gettext_lazy("How do we learn that it is over?"),
    "credits": gettext_lazy("Who answers for its usage, and what happens at low credits?"),
}
LEVELS: dict[str, Promise] = {
    "ok": gettext_lazy("In order"),
    "warns": gettext_lazy("Look at this"),
    "stops": gettext_lazy("Put this right"),
}
READINESS: dict[str, Promise] = {
    "ok": gettext_lazy("Ready"),
    "warns": gettext_lazy("Ready with warnings"),
    "stops": gettext_lazy("Not ready"),
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """What a verdict says, and which page mends it (a name of answers.PLACES)."""

    words: Callable[[Known], str]
    place: str


def wrong(code: str) -> Wrong | None:
    """None for a verdict that finds nothing wrong."""
    return _WRONG.get(code)


def _lacks(scope: str) -> Callable[[Known], str]:
    return lambda _known: (
        _(
            "The key was not found to have the permission %(scope)s. Check the key again, or "
            "choose another one."
        )
        % {"scope": scope}
    )


def _why_not(known: Known) -> str:
    name = known.card.name if known.card else known.flow.default_model_id
    return f"{name}: {known.card.why_not}" if known.card else name


def _days(known: Known) -> str:
    days = known.facts.key_days_left or 0
    said = ngettext(
        "The key ends in %(count)d day. Put a new one in its place before that.",
        "The key ends in %(count)d days. Put a new one in its place before that.",
        days,
    )
    return said % {"count": days}


def _limit_left(known: Known) -> str:
    left = credit_words(max(known.facts.limit_left or 0, 0))
    need = credit_words(known.facts.price)  # type: ignore[arg-type]  # there is one: it is too much
    said = _("One job costs at least %(need)s; %(left)s are left of a limit.")
    return said % {"need": need, "left": left}


def _too_few(known: Known) -> str:
    facts = known.facts
    said = _("One job costs at least %(need)s; the balance is %(balance)s.")
    return said % {
        "need": credit_words(facts.price),  # type: ignore[arg-type]
        "balance": credit_words(facts.balance),  # type: ignore[arg-type]
    }


def _plain(words: Promise) -> Callable[[Known], str]:
    return lambda _known: str(words)


_WRONG: dict[str, Wrong] = {
    "no_key": Wrong(
        _plain(gettext_lazy("No key pays for it. Add one, or choose one in use.")), "key"
    ),
    "key_refused": Wrong(
        _plain(gettext_lazy("Rivya does not take its key any more. Choose or add another one.")),
        "key",
    ),
    "key_ended": Wrong(
        _plain(gettext_lazy("Its key is out of use. Choose or add another one.")), "key"
    ),
    "key_expired": Wrong(
        _plain(gettext_lazy("Its key has reached its end date. Put a new one in its place.")),
        "keys",
    ),
    "key_ends_soon": Wrong(_days, "keys"),
    "no_model": Wrong(
        _plain(gettext_lazy("No model is named, and none can be used now.")), "models"
    ),
    "cheapest": Wrong(
        _plain(
            gettext_lazy("No model is named, so the cheapest is taken. That may change any day.")
        ),
        "model",
    ),
    "model_unknown": Wrong(
        _plain(gettext_lazy("Its model is not on Rivya’s list. Choose another one.")), "model"
    ),
    "model_unusable": Wrong(_why_not, "model"),
    "model_needs_files": Wrong(
        _plain(
            gettext_lazy("Its model makes nothing without a reference file, and it takes none.")
        ),
        "reference",
    ),
    "model_takes_none": Wrong(
        _plain(
            gettext_lazy("It always needs a reference file, and its model takes none of that kind.")
        ),
        "model",
    ),
    "pictures_not_taken": Wrong(
        _plain(
            gettext_lazy(
                "Pictures may be attached here, but its model takes none. Such a question would be "
                "refused."
            )
        ),
        "model",
    ),
    "lacks_files": Wrong(_lacks("files:create"), "keys"),
    "lacks_generations": Wrong(_lacks("generations:create"), "keys"),
    "lacks_chat": Wrong(_lacks("chat:create"), "keys"),
    "lacks_status": Wrong(_lacks("generations:read"), "keys"),
    "paused": Wrong(
        _plain(
            gettext_lazy("Sending is paused. What is asked for waits and starts when it goes on.")
        ),
        "pauses",
    ),
    "no_endpoint": Wrong(
        _plain(
            gettext_lazy(
                "No webhook of this key’s environment tells us. Until one does, we only ask."
            )
        ),
        "webhooks",
    ),
    "endpoint_unsound": Wrong(
        _plain(gettext_lazy("The webhook of this environment cannot be relied on now, so we ask.")),
        "webhooks",
    ),
    "limit_used_up": Wrong(
        _plain(gettext_lazy("A limit of the workspace or of its key is used up.")), "limits"
    ),
    "limit_too_small": Wrong(_limit_left, "limits"),
    "balance_too_small": Wrong(_too_few, "top_up"),
    "no_owner": Wrong(_plain(gettext_lazy("Nobody answers for its usage.")), "owner"),
    "owner_left": Wrong(
        _plain(gettext_lazy("Who answered for its usage has left the team.")), "owner"
    ),
    "balance_unread": Wrong(_plain(gettext_lazy("The balance has not been read yet.")), "keys"),
    "balance_low": Wrong(_plain(gettext_lazy("The balance is low.")), "top_up"),
}
