"""What somebody at the desk can do to a question to the assistant. None of it asks anything twice.

What was asked and answered is private: it is neither read nor shown here.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.chat import repairs
from rivya_app.chat.models import Turn
from rivya_app.desk.acts import Act


@dataclass(frozen=True, slots=True)
class SeenTurn:
    """A question as an act looks at it."""

    turn: Turn
    is_paused: bool = False


LOOK: Act[SeenTurn] = Act(
    code="turn_look",
    label=gettext_lazy("Look at its session now"),
    about=gettext_lazy(
        "Rivya’s session is asked what came of it and what it cost. Nothing is sent."
    ),
    done=gettext_lazy("The session is looked at now. What it says appears here."),
    again=gettext_lazy("The session is being looked at already."),
    icon="refresh-cw",
    why_not=lambda seen: repairs.why_not_look(seen.turn),
    do=lambda seen, member, _reason: repairs.look_now(seen.turn, member),
)
SEND: Act[SeenTurn] = Act(
    code="turn_send",
    label=gettext_lazy("Send it now"),
    about=gettext_lazy("The same question is sent with the same number, so it is charged once."),
    done=gettext_lazy("It is sent now, with the same number."),
    again=gettext_lazy("It is being sent already."),
    icon="send",
    why_not=lambda seen: repairs.why_not_send(seen.turn, is_paused=seen.is_paused),
    do=lambda seen, member, _reason: repairs.send_now(seen.turn, member),
)
GIVE_UP: Act[SeenTurn] = Act(
    code="turn_give_up",
    label=gettext_lazy("Stop asking what it cost"),
    about=gettext_lazy(
        "Where some of an answer came, what was held counts as spent; else it is free again. Both "
        "are marked as a guess."
    ),
    done=gettext_lazy("Nobody asks any more. The cost is kept as a guess."),
    again=gettext_lazy("What it cost is kept already."),
    icon="lock-open",
    why_not=lambda seen: repairs.why_not_give_up(seen.turn),
    do=lambda seen, member, reason: repairs.give_up(seen.turn, member, reason),
    needs_reason=True,
)

ACTS = {act.code: act for act in (LOOK, SEND, GIVE_UP)}
AT_ONCE = (LOOK, SEND)


def name_of(turn: Turn) -> str:
    """A question by its number and the start of its id, in the reader's language: what it says is
    its asker's."""
    mark = str(turn.public_id)[:8]
    return _("Question %(number)d (%(mark)s)") % {"number": turn.number, "mark": mark}
