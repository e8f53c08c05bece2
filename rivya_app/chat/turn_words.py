"""What a page says of a turn: its state, what it cost as far as that is proven, and the card of
what went wrong. Pure but for the names of owners."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rivya_app.chat import failure_words
from rivya_app.chat.models import Status, Turn
from rivya_app.core.text import credit_number, credit_words
from rivya_app.credits.models import Ask
from rivya_app.gateway.refusals import FailureCard, FailureWords, Reader, team_steps, who_can

# As the components know them (components/_state.html).
TONES: dict[str, str] = {
    Status.WAITING: "needs_yes",
    Status.PENDING: "queued",
    Status.STREAMING: "processing",
    Status.ANSWERED: "succeeded",
    Status.STOPPED: "withdrawn",
    Status.INTERRUPTED: "warning",
    Status.FAILED: "failed",
}


def state_words(turn: Turn) -> str:
    """The state in a word or two."""
    if turn.status == Status.INTERRUPTED and turn.is_settled:
        return _("Broken off")
    return str(Status(turn.status).label)


def cost_words(turn: Turn) -> str:
    """What it cost in a few words, only as far as it is known."""
    if turn.status == Status.WAITING:
        return _("%(credits)s, nothing held yet") % {"credits": _about(turn)}
    if turn.is_open:
        return _("%(credits)s reserved") % {"credits": credit_words(turn.estimated_credits)}
    if not turn.is_settled:
        return _("cost is being asked of Rivya")
    if turn.is_cost_guessed:
        return _guessed(turn)
    return credit_words(turn.final_credits or 0)


def _about(turn: Turn) -> str:
    return _("about %(credits)s") % {"credits": credit_words(turn.estimated_credits)}


def _guessed(turn: Turn) -> str:
    if not turn.final_credits:
        return _("cost not known: Rivya did not say")
    counted = credit_words(turn.final_credits)
    return _("%(credits)s counted: Rivya did not say") % {"credits": counted}


def token_words(turn: Turn) -> str:
    """Tokens as Rivya counted them; "" where it did not say."""
    if turn.input_tokens is None or turn.output_tokens is None:
        return ""
    return _("%(input)s + %(output)s tokens") % {
        "input": credit_number(turn.input_tokens),
        "output": credit_number(turn.output_tokens),
    }


def cost_fact(turn: Turn) -> str:
    """One sentence about the credits of a turn that is not simply answered."""
    if turn.is_open and turn.is_uncertain:
        return _("Whether credits were taken is not known yet. A second charge is not possible.")
    if turn.is_open:
        return _("No credits were taken so far.")
    if not turn.is_settled:
        held = credit_words(turn.estimated_credits)
        return _("What it cost is being asked of Rivya. Held until then: %(credits)s.") % {
            "credits": held
        }
    return _fact_of_guess(turn) if turn.is_cost_guessed else _settled_fact(turn)


def _fact_of_guess(turn: Turn) -> str:
    if turn.final_credits:
        return _("Rivya never said what it cost. Counted, as it was held: %(credits)s.") % {
            "credits": credit_words(turn.final_credits)
        }
    return _(
        "Rivya has the question and shows no answer. Whether it took credits is not known; "
        "none were counted here."
    )


def _settled_fact(turn: Turn) -> str:
    if turn.final_credits:
        return _("It cost %(credits)s.") % {"credits": credit_words(turn.final_credits)}
    if turn.send_count == 0:
        return _("Nothing was sent to Rivya. No credits were taken.")
    if turn.check_count and not turn.message_id:
        return _("Rivya’s own record does not show this question. No credits were counted.")
    return _("No credits were taken.")


def card_of(turn: Turn, reader: Reader, ask: Ask | None = None) -> FailureCard | None:
    """Why it waits, was interrupted or failed; None where there is nothing to explain."""
    if turn.status == Status.WAITING:
        return _waits_for_yes(turn, reader, ask)
    words = _words(turn)
    if words is None:
        return None
    is_failed = turn.status == Status.FAILED
    return FailureCard(
        title=str(words.title),
        happened=str(words.happened),
        change=_change(turn, words),
        rivya_url=words.rivya_url if turn.error_code or not turn.is_open else "",
        tone="failed" if is_failed else "waiting" if turn.is_open else "warning",
        cost="" if turn.is_open and not turn.error_code else cost_fact(turn),
        who=who_can(words, reader),
        steps=team_steps(words.steps, reader),
        bundle=bundle(turn) if is_failed else "",
        bundle_id=f"bundle-{turn.public_id}",
    )


def _words(turn: Turn) -> FailureWords | None:
    if turn.status == Status.PENDING:
        return failure_words.waiting(turn.waits_for or turn.error_code)
    if turn.status == Status.INTERRUPTED:
        return failure_words.interrupted(turn.error_code)
    return failure_words.failed(turn.error_code) if turn.status == Status.FAILED else None


def _change(turn: Turn, words: FailureWords) -> str:
    if turn.status == Status.INTERRUPTED and turn.is_settled:
        return _("No more came of it. Ask again when you like; that has its own price.")
    return str(words.change)


def _waits_for_yes(turn: Turn, reader: Reader, ask: Ask | None) -> FailureCard:
    names = ", ".join(reader.owner_names)
    count = len(reader.owner_names)
    who = ngettext(
        "%(names)s has been asked.", "%(names)s have been asked; one yes is enough.", count
    ) % {"names": names}
    happened = _("A rule of this workspace wants an owner’s yes for %(credits)s.") % {
        "credits": credit_words(ask.amount if ask else turn.estimated_credits)
    }
    return FailureCard(
        title=_("Waiting for an owner’s yes"),
        happened=happened,
        change=_("Nothing to do: it is sent by itself once somebody says yes."),
        rivya_url="",
        tone="needs_yes",
        cost=_("Nothing was sent to Rivya, and no credits are held."),
        who=who if count else "",
    )


def bundle(turn: Turn) -> str:
    """What support needs to find this turn; no word of the question or the answer."""
    rows = [
        ("turn", turn.public_id),
        ("status", turn.status),
        ("code", turn.error_code),
        ("requestId", turn.request_id),
        ("model", turn.model_id),
        ("asked", turn.created_at.isoformat()),
        ("ended", turn.finished_at.isoformat() if turn.finished_at else ""),
        ("sends", turn.send_count),
        ("credits", "" if turn.final_credits is None else turn.final_credits),
    ]
    return "\n".join(f"{name}: {value}" for name, value in rows if value != "")
