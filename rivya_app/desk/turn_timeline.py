"""Everything that is known of a question to the assistant, in one line of time: what it did, the
credits that moved, who was told, the desk's notes. None of its words are read."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.chat import telling
from rivya_app.chat.models import Turn, TurnEvent
from rivya_app.core.text import credit_words
from rivya_app.desk.timeline import MOST_EVENTS, Step, of_credits, of_notes
from rivya_app.desk.turn_words import cause_words, event_words
from rivya_app.notices.access import told_of
from rivya_app.workspaces.models import Membership

_CAUSES = {
    "person": gettext_lazy("by a person"),
    "worker": gettext_lazy("by asking Rivya"),
    "session": gettext_lazy("by looking at its session"),
    "sweep": gettext_lazy("by the clock"),
}
_ICONS = {
    "answered": "circle-check",
    "recovered": "circle-check",
    "failed": "octagon-x",
    "interrupted": "triangle-alert",
    "no_answer_found": "triangle-alert",
}


def timeline(member: Membership, turn: Turn) -> list[Step]:
    """Oldest first; things of one moment in the order of what leads to what. Four queries."""
    steps = [
        *_of_events(turn),
        *of_credits(turn.reference),
        *_of_notices(turn),
        *of_notes(member, turn.reference),
    ]
    return sorted(steps, key=lambda step: step.at)


def _of_events(turn: Turn) -> Iterator[Step]:
    rows = turn.events.exclude(kind="desk_noted").select_related("member__user").order_by("-id")
    for event in reversed(rows[:MOST_EVENTS]):
        is_desk = event.kind.startswith("desk_")
        yield Step(
            event.created_at,
            "life-buoy" if is_desk else _ICONS.get(event.kind, "circle-dot"),
            event_words(event.kind),
            who=str(event.member) if event.member else "",
            note=str(event.details.get("why", "")),
            details=_details_of(event),
        )


def _of_notices(turn: Turn) -> Iterator[Step]:
    """Its sentence names the conversation, so only the kind is shown."""
    for notice in told_of(turn.workspace, telling.event_keys(turn)):
        words = _("Told: %(sentence)s") % {"sentence": notice.get_kind_display()}
        yield Step(notice.created_at, "bell", words, who=str(notice.member))


def _details_of(event: TurnEvent) -> list[tuple[str, str]]:
    """Of what was kept with an event, what is worth reading."""
    said = event.details
    code, cost = str(said.get("code", "")), said.get("credits")
    rows = [
        (_("How it came about"), str(_CAUSES.get(event.cause, event.cause))),
        (_("Reason"), f"{cause_words(code)} ({code})" if code else ""),
        (_("Cost"), credit_words(cost) if cost is not None else ""),
        (_("Number of the send"), str(said.get("send", ""))),
    ]
    return [(label, value) for label, value in rows if value]
