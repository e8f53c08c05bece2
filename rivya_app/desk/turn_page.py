"""What the desk shows of one question to the assistant. Reads none of its words."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from rivya_app.chat.models import Status, Turn
from rivya_app.chat.subjects import SHOWN
from rivya_app.core.text import credit_words
from rivya_app.desk import access, acts, listing, sources, turn_acts
from rivya_app.desk.acts import Act
from rivya_app.desk.forms import NoteForm
from rivya_app.desk.pages import Offer, Standing
from rivya_app.desk.turn_acts import SeenTurn
from rivya_app.desk.turn_sources import price_words
from rivya_app.desk.turn_timeline import timeline
from rivya_app.desk.turn_words import cause_words
from rivya_app.gateway import catalogue
from rivya_app.workspaces import pauses
from rivya_app.workspaces.models import Membership


def show_page(
    member: Membership, public_id: UUID, note_form: NoteForm | None = None
) -> dict[str, Any]:
    """A question with everything that happened to it and what can be done. Raises Http404."""
    turn = access.turn(member, public_id)
    [seen] = access.seen_turns([turn])
    offers = [_offer(act, seen) for act in turn_acts.ACTS.values()]
    return {
        "turn": turn,
        "title": turn_acts.name_of(turn),
        "model": catalogue.name_of(turn.model_id),
        "state": SHOWN[Status(turn.status)],
        "why": cause_words(turn.error_code) if turn.error_code else "",
        "price": price_words(turn),
        "offers": [offer for offer in offers if not offer.why_not],
        "no_offers": [offer for offer in offers if offer.why_not],
        "standings": _standings(member, turn),
        "steps": timeline(member, turn),
        "details": _details_of(turn),
        "note_form": note_form or NoteForm(),
        "pause": pauses.pause_of(turn.workspace),
    }


def give_up_page(member: Membership, public_id: UUID, form: Any) -> dict[str, Any]:
    """What ending the search for its cost means for this question, and the form for the reason."""
    turn = access.turn(member, public_id)
    [seen] = access.seen_turns([turn])
    return {
        "turn": turn,
        "title": turn_acts.name_of(turn),
        "act": turn_acts.GIVE_UP,
        "price": price_words(turn),
        "why_not": _why_not(turn_acts.GIVE_UP, seen),
        "form": form,
    }


def _offer(act: Act[SeenTurn], seen: SeenTurn) -> Offer:
    turn_id = seen.turn.public_id
    if act.needs_reason:
        url = reverse("desk:give-up-turn", args=[turn_id])
        return Offer(act, url, _why_not(act, seen), asks_first=True)
    return Offer(act, reverse("desk:do-turn", args=[turn_id, act.code]), _why_not(act, seen))


def _why_not(act: Act[SeenTurn], seen: SeenTurn) -> str:
    code = act.why_not(seen)
    return str(acts.WHY_NOT[code]) if code else ""


def _standings(member: Membership, turn: Turn) -> list[Standing]:
    marks = {mark.kind: mark for mark in access.handled(member, [turn.reference])}
    mine = (source for source in sources.all_of_them() if source.kind in ("questions", "answers"))
    return [
        Standing(source, marks.get(source.kind))
        for source in mine
        if listing.row_named(member, source, turn.reference) is not None
    ]


def _details_of(turn: Turn) -> list[tuple[str, str]]:
    """What identifies it and what was asked for, as labels and values; nothing unknown, and none
    of its words."""
    rows = [
        (_("Workflow"), str(turn.workflow)),
        (_("Pictures"), str(turn.attachment_count or "")),
        (_("Reasoning effort"), turn.effort),
        (_("Tokens read"), _number(turn.input_tokens)),
        (_("Tokens written"), _number(turn.output_tokens)),
        (_("Reserved by Rivya"), _credits(turn.reserved_credits)),
        (_("Asked at"), _moment(turn.created_at)),
        (_("Sent at"), _moment(turn.sent_at)),
        (_("First word at"), _moment(turn.first_word_at)),
        (_("Finished at"), _moment(turn.finished_at)),
        (_("Cost known at"), _moment(turn.settled_at)),
        (_("Key"), turn.api_key.shown),
        (_("Request at Rivya"), turn.request_id),
        (_("Answer at Rivya"), turn.message_id),
        (_("Code"), turn.error_code),
        (_("Times sent, always with the same key"), str(turn.send_count)),
        (_("Times its session was looked at"), str(turn.check_count)),
        (_("Number of the question here"), str(turn.public_id)),
    ]
    return [(label, value) for label, value in rows if value]


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _credits(value: Any) -> str:
    return "" if value is None else credit_words(value)


def _moment(value: datetime | None) -> str:
    return date_format(localtime(value), "DATETIME_FORMAT") if value else ""
