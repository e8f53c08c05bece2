"""What the job page shows. Knows nothing of briefs: the template links to them by URL."""

from typing import Any
from uuid import UUID

from django.db import connection
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rivya_app.core.buttons import Action
from rivya_app.credits import statement, wallet
from rivya_app.credits.low import low_credits
from rivya_app.gateway import catalogue, param_words
from rivya_app.gateway.refusals import Reader
from rivya_app.generations import access, differences, origins, support_bundle
from rivya_app.generations.cards import JobCard, add_marks, cards_for, params_of
from rivya_app.generations.live import live_for
from rivya_app.generations.models import Generation
from rivya_app.library import uses
from rivya_app.workspaces.access import MAY_SUBMIT
from rivya_app.workspaces.models import Membership, Role

_EVENT_WORDS = {
    "requested": gettext_lazy("Asked for"),
    "submitting": gettext_lazy("Being sent to Rivya"),
    "accepted": gettext_lazy("Accepted by Rivya"),
    "processing": gettext_lazy("Being made"),
    "unknown_status": gettext_lazy("Rivya reported a state this workspace does not know"),
    "waiting": gettext_lazy("Not taken up yet; it will be sent again"),
    "send_lost": gettext_lazy("The sending was cut off; the same job is asked about again"),
    "references_wait": gettext_lazy("The reference files are not at Rivya yet"),
    "reference_refused": gettext_lazy("A reference file did not get to Rivya"),
    "references_renewed": gettext_lazy(
        "Rivya no longer took the reference files; nothing was made, and they are sent again"
    ),
    "body_changed": gettext_lazy("The stored request is not the one that was frozen; not sent"),
    "trouble": gettext_lazy("Rivya gave no usable answer; it will be asked again"),
    "other_task": gettext_lazy("Rivya named a second task for this job; it was not followed"),
    "look_asked": gettext_lazy("Somebody asked for a look now"),
    "overdue": gettext_lazy("Taking too long; support can see it"),
    "answered": gettext_lazy("Rivya answers again"),
    "succeeded": gettext_lazy("Succeeded"),
    "failed": gettext_lazy("Failed"),
    "desk_asked": gettext_lazy("Support asked Rivya about it"),
    "desk_sent": gettext_lazy("Support had it sent again, with the same number"),
    "desk_copied": gettext_lazy("Support had the result copied again"),
    "desk_replayed": gettext_lazy("Support had a message from Rivya applied again"),
    "desk_noted": gettext_lazy("Support made a note"),
    "desk_handled": gettext_lazy("Support marked it as handled"),
    "desk_reopened": gettext_lazy("Support put it back on the desk"),
    "released": gettext_lazy("Closed by support; its credits were let go"),
}


def event_words(kind: str) -> str:
    """What an event of a job is called; the kind itself where nobody knows it."""
    return str(_EVENT_WORDS.get(kind, kind))


def show_page(member: Membership, public_id: UUID) -> dict[str, Any]:
    """A job with its result or its clock, its attempts, events and details."""
    generation = access.job(member, public_id)
    family = lineage(generation)
    shown = {card.job.pk: card for card in cards_for([generation, *family], Reader(member))}
    card = shown[generation.pk]
    card.retry = _look_now(card, member)
    card.model_name = catalogue.name_of(generation.model_id)
    led_by = origins.origins_of(member, generation)
    home = origins.home_of(led_by)
    if home is None:  # what is offered beside a job is about its brief
        card.change = _change(card, member)
        add_marks(member, [card])
    return {
        "card": card,
        "events": _events(generation),
        "details": details_of(generation, card.model_name),
        "course": statement.course_of(generation.reference),
        "low_credits": _low_credits(member, generation),
        "bundle": support_bundle.bundle(generation),
        "earlier": [shown[row.pk] for row in family if row.pk < generation.pk],
        "later": [shown[row.pk] for row in family if row.pk > generation.pk],
        "origins": led_by,
        "home": home,
        "differences": _differences(generation),
        "references": uses.files_of(generation.reference) if generation.reference_count else [],
        "live": live_for([card], reverse("generations:show-live", args=[generation.public_id])),
    }


def _low_credits(member: Membership, generation: Generation) -> Any:
    if generation.error_code != "insufficient_credits":
        return None
    balance = wallet.standing(generation.workspace).available
    return low_credits(
        member,
        need=generation.estimated_credits,
        balance=balance,
        refused_by="rivya",
        elsewhere=Action(
            _("Open the brief"), reverse("briefs:of-job", args=[generation.public_id])
        ),
    )


_FAMILY_SQL = """
    WITH RECURSIVE earlier AS (
        SELECT id, parent_id, 0 AS step FROM generations_generation WHERE id = %(id)s
        UNION ALL
        SELECT parent.id, parent.parent_id, step + 1 FROM generations_generation parent
          JOIN earlier ON parent.id = earlier.parent_id WHERE step < %(most)s)
    SELECT id FROM earlier WHERE id <> %(id)s
     UNION SELECT id FROM generations_generation WHERE parent_id = %(id)s
"""
MOST_ATTEMPTS_BACK = 20


def lineage(generation: Generation) -> list[Generation]:
    """The attempts that led here, at most MOST_ATTEMPTS_BACK, and those made from it; oldest first.

    Two queries, however long the line is.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FAMILY_SQL, {"id": generation.pk, "most": MOST_ATTEMPTS_BACK})
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return []
    rows = Generation.objects.filter(pk__in=ids).select_related("requested_by__user", "api_key")
    return list(rows.order_by("id")[: 2 * MOST_ATTEMPTS_BACK])


def _differences(generation: Generation) -> differences.Differences | None:
    """None for a first attempt."""
    if generation.parent is None:
        return None
    return differences.between(generation.parent, generation)


def _change(card: JobCard, member: Membership) -> Action | None:
    """A new attempt with changes. Which brief a job belongs to is not known here; its address is
    found by the job."""
    may = member.has_role(*MAY_SUBMIT)
    if card.job.is_open or not may:
        return None
    url = reverse("briefs:attempt-of-job", args=[card.job.public_id])
    return Action(_("Change and try again"), url)


def _look_now(card: JobCard, member: Membership) -> Action | None:
    """The same job, key and bytes again, so everybody who may submit may ask for it."""
    may = member.has_role(*MAY_SUBMIT, Role.SUPPORT)
    if not (may and card.job.is_open and (card.failure or card.is_late)):
        return None
    url = reverse("generations:look-now", args=[card.job.public_id])
    return Action(_("Check now") if card.job.task_id else _("Send again now"), url, "post")


def _events(generation: Generation) -> list[tuple[Any, str]]:
    return [(event.created_at, event_words(event.kind)) for event in generation.events.all()]


def details_of(generation: Generation, model_name: str) -> list[tuple[str, str]]:
    """What identifies a job and what was asked, as labels and values; nothing that is unknown."""
    rows = [
        (_("Model"), model_name),
        *((param_words.label(key), str(value)) for key, value in params_of(generation).items()),
        (_("Asked by"), str(generation.requested_by)),
        (_("Campaign"), generation.campaign.name if generation.campaign else ""),
        (_("Asked at"), _moment(generation.created_at)),
        (_("Finished at"), _moment(generation.finished_at)),
        (_("Key"), generation.api_key.shown),
        (_("Task at Rivya"), generation.task_id),
        (_("Request at Rivya"), generation.request_id),
        (_("Times sent, always with the same key"), str(generation.submit_count)),
        (_("Times checked"), str(generation.check_count)),
    ]
    return [(str(label), value) for label, value in rows if value]


def _moment(value: Any) -> str:
    return date_format(localtime(value), "DATETIME_FORMAT") if value else ""
