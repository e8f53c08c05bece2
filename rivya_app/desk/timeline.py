"""Everything that is known of a job, in one line of time: what it did and what was asked of Rivya,
the messages that came, the credits that moved, its files, who was told, and the desk's notes.

Words are plain; numbers of Rivya and codes stand in the folded details of each step. Links and
texts of messages are not read at all.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.core import clock
from rivya_app.core.text import credit_words, size_words
from rivya_app.credits import statement
from rivya_app.credits.models import LedgerEntry
from rivya_app.desk import access
from rivya_app.gateway.access import inbox_of
from rivya_app.gateway.webhook_models import InboxEvent
from rivya_app.gateway.webhook_words import EVENT_LABELS, REASONS
from rivya_app.generations import telling
from rivya_app.generations.failure_words import words_for
from rivya_app.generations.models import Generation, GenerationEvent
from rivya_app.generations.pages import event_words
from rivya_app.library.models import StoredFile
from rivya_app.notices.access import told_of
from rivya_app.workspaces.models import Membership

MOST_EVENTS = 400  # of a job; the newest of more
MOST_MESSAGES = 50
_MESSAGES_UNTIL = timedelta(days=2)  # after the end; Rivya gives up long before

_CAUSES = {
    "person": gettext_lazy("by a person"),
    "submit": gettext_lazy("by sending it"),
    "poll": gettext_lazy("by asking Rivya"),
    "webhook": gettext_lazy("by a message from Rivya"),
    "sweep": gettext_lazy("by the clock"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened. `event_id` is that of a message that can be applied again."""

    at: datetime
    icon: str
    words: str
    who: str = ""
    note: str = ""
    details: list[tuple[str, str]] = field(default_factory=list)
    event_id: str = ""


def timeline(member: Membership, job: Generation, files: Iterable[StoredFile]) -> list[Step]:
    """Oldest first; things of one moment in the order of what leads to what. Six queries."""
    steps = [
        *_of_events(job),
        *of_credits(job.reference),
        *_of_messages(member, job),
        *_of_files(files),
        *_of_notices(job),
        *of_notes(member, job.reference),
    ]
    return sorted(steps, key=lambda step: step.at)


def _of_events(job: Generation) -> Iterator[Step]:
    rows = job.events.exclude(kind="desk_noted").select_related("member__user").order_by("-id")
    for event in reversed(rows[:MOST_EVENTS]):
        why = str(event.details.get("why", ""))
        who = str(event.member) if event.member else ""
        yield Step(
            event.created_at,
            _icon_of(event),
            event_words(event.kind),
            who=who,
            note=why,
            details=_details_of(event),
        )


def _icon_of(event: GenerationEvent) -> str:
    if event.kind.startswith(("desk_", "released")):
        return "life-buoy"
    return {"succeeded": "circle-check", "failed": "octagon-x", "trouble": "triangle-alert"}.get(
        event.kind, "circle-dot"
    )


def _details_of(event: GenerationEvent) -> list[tuple[str, str]]:
    """Of what was kept with an event, what is worth reading."""
    said = event.details
    took = said.get("ms")
    rows = [
        (_("How it came about"), str(_CAUSES.get(event.cause, event.cause))),
        (_("Reason"), _reason(str(said.get("code") or said.get("reason") or ""))),
        (_("Rivya’s own word"), str(said.get("status", ""))),
        (_("Task at Rivya"), str(said.get("task", ""))),
        (_("Request at Rivya"), str(said.get("request", ""))),
        (_("Rivya took"), "" if took is None else _("%(count)s ms") % {"count": took}),
        (_("Number of the send"), str(said.get("send", ""))),
    ]
    return [(label, value) for label, value in rows if value]


def _reason(code: str) -> str:
    return f"{words_for(code).title} ({code})" if code else ""


def of_credits(reference: str) -> Iterator[Step]:
    """Every movement of credits for one thing."""
    held = Decimal(0)
    for entry in statement.entries_of(reference):
        held -= entry.amount
        yield Step(entry.created_at, "wallet", _credit_words(entry, held))


def _credit_words(entry: LedgerEntry, held: Decimal) -> str:
    """`held`: what is set aside, or gone, after this entry."""
    if entry.kind == LedgerEntry.Kind.SETTLE:
        words = _("It cost %(credits)s.") % {"credits": credit_words(entry.spent)}
        free = _("Free again: %(credits)s") % {"credits": credit_words(entry.amount)}
        return f"{words} {free}" if entry.amount > 0 else words
    sentences = {
        LedgerEntry.Kind.HOLD: (_("%(credits)s held here before the call"), held),
        LedgerEntry.Kind.RESERVE: (_("Rivya reserved %(credits)s"), held),
        LedgerEntry.Kind.RELEASE: (_("Free again: %(credits)s"), entry.amount),
    }
    sentence, amount = sentences[LedgerEntry.Kind(entry.kind)]
    return sentence % {"credits": credit_words(amount)}


def _of_messages(member: Membership, job: Generation) -> Iterator[Step]:
    """Webhook events that named its task, looked for while it ran."""
    if not job.task_id:
        return
    began = (job.submitted_at or job.created_at) - timedelta(hours=1)
    until = (job.finished_at or clock.now()) + _MESSAGES_UNTIL
    rows = inbox_of(member).filter(received_at__range=(began, until), subject=job.task_id)
    for event in rows.order_by("received_at")[:MOST_MESSAGES]:
        is_waiting = event.state == InboxEvent.State.WAITING
        yield Step(
            event.received_at,
            "webhook",
            _message_words(event),
            details=_message_details(event),
            event_id=event.event_id if is_waiting else "",
        )


def _message_words(event: InboxEvent) -> str:
    told = str(EVENT_LABELS.get(event.event_type, event.event_type))
    state = str(event.get_state_display())
    return _("Rivya’s message “%(told)s”: %(state)s") % {"told": told, "state": state}


def _message_details(event: InboxEvent) -> list[tuple[str, str]]:
    rows = [
        (_("Reason"), str(REASONS.get(event.reason, event.reason))),
        (_("Message"), event.event_id),
        (_("Endpoint"), event.endpoint.name),
        (_("Looked at"), str(event.attempt_count)),
        (_("Came again"), str(event.duplicate_count or "")),
    ]
    return [(label, value) for label, value in rows if value]


def _of_files(files: Iterable[StoredFile]) -> Iterator[Step]:
    for file in files:
        name = [(_("File"), str(file.position + 1)), (_("Attempts"), str(file.attempt_count))]
        yield Step(file.created_at, "file-down", _("Rivya handed over a file; copying begins"))
        if file.stored_at:
            facts = [(_("Size"), size_words(file.size)), (_("Checksum"), file.sha256[:16])]
            yield Step(file.stored_at, "file-check", _("The file is here"), details=name + facts)
        if file.state == StoredFile.State.BROKEN:
            said = str(file.copy_failure.happened)
            yield Step(file.changed_at, "file-x", said, details=name)
        if file.removed_at:
            yield Step(file.removed_at, "file-x", file.removed_words)


def _of_notices(job: Generation) -> Iterator[Step]:
    for notice in told_of(job.workspace, telling.event_keys(job)):
        words = _("Told: %(sentence)s") % {"sentence": notice.sentence}
        yield Step(notice.created_at, "bell", words, who=str(notice.member))


def of_notes(member: Membership, reference: str) -> Iterator[Step]:
    """What the desk wrote about one thing."""
    for note in access.notes_of(member, reference):
        yield Step(note.created_at, "sticky-note", _("Note"), who=str(note.member), note=note.text)
